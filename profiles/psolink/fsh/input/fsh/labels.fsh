// Code systems of what stands in meta.security and in the PSWP record.

RuleSet: Terminology
* ^experimental = false
* ^publisher = "PSOLink"

RuleSet: Codes
* insert Terminology
* ^caseSensitive = true

CodeSystem: PswpPolicy
Id: pswp-policy
Title: "PSWP policy"
Description: "The law or agreement that a security label rests on."
* insert Codes
* #PSQIA "Patient Safety Act and Rule" "42 USC 299b-21 to 299b-26 with 42 CFR Part 3."
* #STATE-PEER-REVIEW "State peer review privilege" "A privilege that a State gives to peer review or quality review."
* #38USC5705 "VA quality assurance records" "38 USC 5705, records of the quality assurance of the Department of Veterans Affairs."
* #CONTRACT "Stricter contract" "A contract between provider and PSO that allows less than the Rule does."

RuleSet: Standing(code, pswp, privileged, confidential)
* #{code} ^property[0].code = #pswp
* #{code} ^property[0].valueBoolean = {pswp}
* #{code} ^property[1].code = #privileged
* #{code} ^property[1].valueBoolean = {privileged}
* #{code} ^property[2].code = #confidential
* #{code} ^property[2].valueBoolean = {confidential}

CodeSystem: PswpDesignation
Id: pswp-designation
Title: "PSWP designation"
Description: "The legal standing of a resource under the Patient Safety Act. A resource has at most one."
* insert Codes
* ^property[0].code = #pswp
* ^property[0].description = "Whether the resource is patient safety work product, or must be treated as such."
* ^property[0].type = #boolean
* ^property[1].code = #privileged
* ^property[1].description = "Whether the privilege of 42 CFR 3.204 holds."
* ^property[1].type = #boolean
* ^property[2].code = #confidential
* ^property[2].description = "Whether the confidentiality of 42 CFR 3.206 holds."
* ^property[2].type = #boolean
* #pswp-pending "Pending" "Was entered into the patient safety evaluation system for reporting, with the entry date recorded, and is not reported yet."
* insert Standing(pswp-pending, true, true, true)
* #pswp-reported "Reported" "Was made for reporting and has been reported to a listed PSO."
* insert Standing(pswp-reported, true, true, true)
* #pswp-deliberation "Deliberation" "Is, or tells of, deliberation or analysis inside a patient safety evaluation system."
* insert Standing(pswp-deliberation, true, true, true)
* #pswp-fact-of-reporting "Fact of reporting" "Tells that something was reported to a PSO."
* insert Standing(pswp-fact-of-reporting, true, true, true)
* #pswp-pso-developed "Developed by a PSO" "Was made by a listed PSO for patient safety activities."
* insert Standing(pswp-pso-developed, true, true, true)
* #pswp-anonymized "Anonymized" "Is a copy without the thirteen provider identifiers and the sixteen limited-data-set identifiers; still work product."
* insert Standing(pswp-anonymized, true, true, true)
* #pswp-privileged-not-confidential "Privileged, not confidential" "Is a copy that was disclosed in a criminal proceeding."
* insert Standing(pswp-privileged-not-confidential, true, true, false)
* #nonidentifiable-held "Nonidentifiable, held" "Meets 42 CFR 3.212 and has not been disclosed."
* insert Standing(nonidentifiable-held, true, true, true)
* #nonidentifiable-released "Nonidentifiable, released" "Meets 42 CFR 3.212 and has been disclosed, so that protection has ended for this copy."
* insert Standing(nonidentifiable-released, false, false, false)
* #not-pswp-original "Original record" "Is an original patient or provider record, or information kept apart from the patient safety evaluation system."
* insert Standing(not-pswp-original, false, false, false)
* #not-pswp-external "External obligation" "Was made to meet an obligation to someone outside, such as a mandatory report."
* insert Standing(not-pswp-external, false, false, false)
* #not-pswp-removed "Removed" "Was taken out of the patient safety evaluation system before it was reported."
* insert Standing(not-pswp-removed, false, false, false)
* #undetermined "Undetermined" "Waits for classification, and is treated as work product until then."
* insert Standing(undetermined, true, true, true)

CodeSystem: PswpPathway
Id: pswp-pathway
Title: "PSWP pathway"
Description: "How information became patient safety work product."
* insert Codes
* #reporting "Reporting" "Made by a provider for reporting to a PSO, and documented as such by its entry date."
* #deliberation "Deliberation" "Deliberation or analysis of a patient safety evaluation system."
* #fact-of-reporting "Fact of reporting" "Identifies the fact that something was reported."
* #pso-developed "Developed by a PSO" "Made by a PSO for patient safety activities."

CodeSystem: PswpLifecycle
Id: pswp-lifecycle
Title: "PSWP lifecycle"
Description: "Where an item stands between intake and its end."
* insert Codes
* #intake "Intake" "Received and not classified."
* #in-pses "In the PSES" "Held in the patient safety evaluation system, not reported."
* #in-deliberation "In deliberation" "Under analysis in the patient safety evaluation system."
* #reported "Reported" "Reported to a PSO, by transmission or by access."
* #pso-analysis "PSO analysis" "Under analysis at a PSO."
* #feedback-issued "Feedback issued" "The PSO has answered its source provider."
* #anonymized "Anonymized" "An anonymized copy was made."
* #nonidentified "Nonidentified" "A nonidentifiable copy was made."
* #disclosed "Disclosed" "Disclosed under a permission of the Rule."
* #closed "Closed" "Nothing more is to be done with it."
* #removed "Removed" "Taken out before it was reported."
* #transferred "Transferred" "Handed to another PSO at the end of a PSO."
* #returned "Returned" "Handed back to its source."
* #destroyed "Destroyed" "Destroyed, as handing it back was not practicable."
* #not-pswp "Not PSWP" "Classified as no patient safety work product."
* #legal-hold "Legal hold" "May not be destroyed, whatever its state."
* #incident "Incident" "Involved in an impermissible disclosure that is being handled."

CodeSystem: PswpReportMode
Id: pswp-report-mode
Title: "PSWP report mode"
Description: "How an item was reported to a PSO."
* insert Codes
* #transmitted "Transmitted" "A copy or access was handed over at the report itself."
* #functional "Functional" "The PSO was given access to the provider's evaluation system, as their contract agrees."

CodeSystem: PswpCompartment
Id: pswp-compartment
Title: "PSWP compartment"
Description: "Who lawfully holds an item. A code is composed: `PSES:` and the id of the organization in whose evaluation system the item lies, or `PSO:` and the id of the PSO that holds it."
* insert Codes
* ^content = #not-present

RuleSet: Blocking(code)
* #{code} ^property[0].code = #blocksPswp
* #{code} ^property[0].valueBoolean = true

CodeSystem: PswpPurpose
Id: pswp-purpose
Title: "Purpose of creation"
Description: "Why information was made. What was made to meet an obligation to someone outside, or as part of care and its billing, is no patient safety work product."
* insert Codes
* ^property[0].code = #blocksPswp
* ^property[0].description = "Whether information that was made for this purpose cannot be patient safety work product."
* ^property[0].type = #boolean
* #report-to-pso "Report to a PSO" "Made to be reported to a PSO."
* #safety-analysis "Safety analysis" "Made to analyse or deliberate inside the evaluation system."
* #safety-improvement "Safety improvement" "Made to give feedback, recommendations or training for safety."
* #patient-care "Patient care" "Made as part of the record of care."
* insert Blocking(patient-care)
* #billing "Billing" "Made for billing or discharge."
* insert Blocking(billing)
* #state-report "Report to a State" "Made to meet a State's duty to report."
* insert Blocking(state-report)
* #federal-report "Report to a Federal agency" "Made to meet a Federal duty to report or to keep records."
* insert Blocking(federal-report)
* #device-report "Device or drug report" "Made to meet a duty to report on an FDA-regulated product."
* insert Blocking(device-report)
* #workplace-report "Workplace safety record" "Made to meet a duty on workplace injuries."
* insert Blocking(workplace-report)
* #accreditation "Accreditation" "Made because an accrediting body requires it."
* insert Blocking(accreditation)
* #claims "Claims" "Made to handle a claim or a lawsuit."
* insert Blocking(claims)
* #other-external "Other external obligation" "Made to meet any other obligation to someone outside."
* insert Blocking(other-external)

CodeSystem: PswpActivity
Id: pswp-activity
Title: "PSWP activity"
Description: "What a Provenance about patient safety work product records."
* insert Codes
* #pses-entry "Entry" "Entered into the patient safety evaluation system."
* #report "Report" "Reported to a PSO."
* #removal "Removal" "Taken out of the evaluation system before reporting."
* #label-change "Label change" "Given another designation."
* #anonymize "Anonymize" "Copied without provider and limited-data-set identifiers."
* #nonidentify "Nonidentify" "Copied so that nobody can be identified."
* #disclose "Disclose" "Disclosed under a permission of the Rule."
* #transfer "Transfer" "Handed to another PSO."
* #return "Return" "Handed back to the source."
* #destroy "Destroy" "Destroyed."
