// What was done with work product: entry, report, removal and the other acts of its life.

ValueSet: PswpActivities
Id: pswp-activity
Title: "PSWP activities"
Description: "Every act that a Provenance about patient safety work product records."
* insert Terminology
* include codes from system PswpActivity

Invariant: pswp-prov-1
Description: "A report or a disclosure names who received it."
Severity: #error
Expression: "activity.coding.where(system = 'https://psolink.example/fhir/CodeSystem/pswp-activity' and (code = 'report' or code = 'disclose' or code = 'transfer' or code = 'return')).exists() implies agent.type.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType' and code = 'IRCP').exists()"

Invariant: pswp-prov-2
Description: "The act is recorded when it has begun, not before."
Severity: #error
Expression: "occurred.is(dateTime).not() or (occurred > recorded).not() or (occurred > recorded).empty()"

Profile: PswpProvenance
Parent: Provenance
Id: pswp-provenance
Title: "PSWP provenance"
Description: "The record of one act on patient safety work product: who did what, when, and under which provision of the Rule. It tells of the work product, so that it is labelled as such itself."
* insert Labelled
* obeys pswp-prov-1 and pswp-prov-2
* target only Reference(AdverseEvent or AuditEvent or Binary or Communication or Composition or DetectedIssue or Device or DocumentManifest or DocumentReference or Group or List or Media or Medication or Observation or Provenance or QuestionnaireResponse or RiskAssessment or Substance or Task)
* policy ^short = "The provision that the act rests on, such as a paragraph of 42 CFR 3.206"
* activity 1..1
* activity from PswpActivities (required)
* agent ^slicing.discriminator.type = #pattern
* agent ^slicing.discriminator.path = "type"
* agent ^slicing.rules = #open
* agent contains
    custodian 1..1 and
    recipient 0..*
* agent[custodian].type 1..1
* agent[custodian].type = http://terminology.hl7.org/CodeSystem/provenance-participant-type#custodian
* agent[custodian].who only Reference(Organization)
* agent[custodian] ^short = "The organization in whose evaluation system the item lies"
* agent[recipient].type 1..1
* agent[recipient].type = http://terminology.hl7.org/CodeSystem/v3-ParticipationType#IRCP
* agent[recipient].who only Reference(Organization)
* agent[recipient] ^short = "Who received it"
