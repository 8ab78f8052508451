// Value sets that the record and the profile bind to.

ValueSet: PswpDesignations
Id: pswp-designation
Title: "PSWP designations"
Description: "Every designation."
* insert Terminology
* include codes from system PswpDesignation

ValueSet: PswpPathways
Id: pswp-pathway
Title: "PSWP pathways"
Description: "Every pathway."
* insert Terminology
* include codes from system PswpPathway

ValueSet: PswpLifecycles
Id: pswp-lifecycle
Title: "PSWP lifecycle states"
Description: "Every lifecycle state."
* insert Terminology
* include codes from system PswpLifecycle

ValueSet: PswpPolicies
Id: pswp-policy
Title: "PSWP policies"
Description: "Every policy."
* insert Terminology
* include codes from system PswpPolicy

ValueSet: PswpPurposes
Id: pswp-purpose
Title: "Purposes of creation"
Description: "Every purpose of creation."
* insert Terminology
* include codes from system PswpPurpose

ValueSet: PswpBlockingPurposes
Id: pswp-purpose-blocking
Title: "Purposes that rule out PSWP"
Description: "The purposes of creation that no patient safety work product can have."
* insert Terminology
* ^compose.include[0].system = "https://psolink.example/fhir/CodeSystem/pswp-purpose"
* ^compose.include[0].filter[0].property = #blocksPswp
* ^compose.include[0].filter[0].op = #=
* ^compose.include[0].filter[0].value = "true"

ValueSet: PswpReportModes
Id: pswp-report-mode
Title: "PSWP report modes"
Description: "Every report mode."
* insert Terminology
* include codes from system PswpReportMode
