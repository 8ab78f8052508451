// A report as it was filled in, such as one of the Common Formats.

Invariant: pswp-report-1
Description: "Whoever filled in the report is a source or an author, or the report says that it is anonymous by leaving both out."
Severity: #error
Expression: "source.exists() implies author.exists()"

Profile: PswpReport
Parent: QuestionnaireResponse
Id: pswp-questionnaire-response
Title: "PSWP report"
Description: "The answers of a safety report, such as one in the Common Formats, that were given for a patient safety evaluation system. It stays what it was; events are derived from it."
* insert Labelled
* obeys pswp-report-1
* identifier 1..1
* identifier.system 1..1
* identifier.value 1..1
* identifier ^short = "The report number in the provider's evaluation system"
* questionnaire 1..1
* status ^short = "A report is sent when it is complete"
* status from PswpReportStatuses (required)
* subject only Reference(Patient or Group)
* authored 1..1
* source only Reference(Practitioner or PractitionerRole or Patient or RelatedPerson)
* item 1..*
* item.text ^maxLength = 2000

ValueSet: PswpReportStatuses
Id: pswp-report-status
Title: "PSWP report statuses"
Description: "The statuses of a report that can be sent."
* insert Terminology
* http://hl7.org/fhir/questionnaire-answers-status#completed
* http://hl7.org/fhir/questionnaire-answers-status#amended
* http://hl7.org/fhir/questionnaire-answers-status#entered-in-error
