// Documents of a patient safety evaluation system, such as the root cause analysis of an event.

CodeSystem: PswpDocumentType
Id: pswp-document-type
Title: "PSWP document type"
Description: "Which kind of document a DocumentReference about patient safety work product holds."
* insert Codes
* #rca "Root cause analysis" "The analysis of why an event happened, with its causes and contributing factors."
* #narrative "Narrative" "What a reporter or an analyst tells of an event in free text."
* #action-plan "Action plan" "What is to be done so that it does not happen again."
* #minutes "Minutes" "What a safety committee deliberated and decided."
* #interview "Interview" "What someone who was involved told the analysts."
* #feedback "Feedback" "What a PSO answered to the provider that reported."

ValueSet: PswpDocumentTypes
Id: pswp-document-type
Title: "PSWP document types"
Description: "Every kind of document that this project knows; others may be added."
* insert Terminology
* include codes from system PswpDocumentType

Invariant: pswp-doc-1
Description: "Minutes and root cause analyses are deliberation: very restricted, unless they were made nonidentifiable."
Severity: #error
Expression: "type.coding.where(system = 'https://psolink.example/fhir/CodeSystem/pswp-document-type' and (code = 'rca' or code = 'minutes')).exists() implies meta.security.where(system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality').all(code = 'V' or code = 'L' or code = 'U')"

Invariant: pswp-doc-2
Description: "A document is here as its bytes or at a URL, and in one of the two ways only."
Severity: #error
Expression: "attachment.data.exists() xor attachment.url.exists()"

Profile: PswpDocument
Parent: DocumentReference
Id: pswp-document
Title: "PSWP document"
Description: "A document of the patient safety evaluation system that belongs to an event: its narrative, root cause analysis, minutes or action plan."
* insert Labelled
* obeys pswp-doc-1
* masterIdentifier 1..1
* masterIdentifier.system 1..1
* masterIdentifier.value 1..1
* type 1..1
* type from PswpDocumentTypes (extensible)
* subject only Reference(Patient or Group)
* date 1..1
* author only Reference(Practitioner or PractitionerRole or Organization)
* custodian 1..1
* content 1..1
* content obeys pswp-doc-2
* content.attachment.contentType 1..1
* content.attachment.title 1..1
* content.attachment.title ^maxLength = 200
* context 1..1
* context.related 1..*
* context.related only Reference(AdverseEvent or DocumentReference or QuestionnaireResponse or Observation or DetectedIssue or RiskAssessment)
* context.related ^short = "The event that the document is about, and what it rests on"
