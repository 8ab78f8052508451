// The PSWP record: an extension of meta, so that a resource stays as it was sent outside meta.

Invariant: pswp-1
Description: "An item on the reporting pathway has the date of its entry into the evaluation system."
Severity: #error
Expression: "extension.where(url = 'pathway').where(value = 'reporting').exists() implies extension.where(url = 'psesEntryDate').exists()"

Invariant: pswp-2
Description: "Date, recipient and mode of a report stand together or not at all."
Severity: #error
Expression: "extension.where(url = 'reportedAt').exists() = extension.where(url = 'reportedTo').exists() and extension.where(url = 'reportedAt').exists() = extension.where(url = 'reportMode').exists()"

Extension: PswpRecord
Id: pswp-record
Title: "PSWP record"
Description: "What is on record about the standing of a resource as patient safety work product. The server writes designation, pathway, lifecycle, provider and everything about entry and report; the owner writes the rest."
Context: Meta
* ^experimental = false
* ^publisher = "PSOLink"
* obeys pswp-1 and pswp-2
* extension contains
    designation 0..1 and
    pathway 0..1 and
    lifecycle 0..1 and
    provider 0..1 and
    pses 0..1 and
    psesEntryDate 0..1 and
    purposeOfCreation 0..* and
    copyOf 0..* and
    identifiedProvider 0..* and
    reportedTo 0..* and
    reportedAt 0..1 and
    reportMode 0..1 and
    receipt 0..1
* extension[designation] ^short = "The designation label again"
* extension[designation].value[x] 1..1
* extension[designation].value[x] only Coding
* extension[designation].valueCoding from PswpDesignations (required)
* extension[pathway] ^short = "How it became work product"
* extension[pathway].value[x] 1..1
* extension[pathway].value[x] only code
* extension[pathway].valueCode from PswpPathways (required)
* extension[lifecycle] ^short = "Where it stands"
* extension[lifecycle].value[x] 1..1
* extension[lifecycle].value[x] only code
* extension[lifecycle].valueCode from PswpLifecycles (required)
* extension[provider] ^short = "The organization in whose evaluation system it lies"
* extension[provider].value[x] 1..1
* extension[provider].value[x] only Reference(Organization)
* extension[pses] ^short = "Which evaluation system of that organization"
* extension[pses].value[x] 1..1
* extension[pses].value[x] only Identifier
* extension[psesEntryDate] ^short = "When it was entered; written once"
* extension[psesEntryDate].value[x] 1..1
* extension[psesEntryDate].value[x] only dateTime
* extension[purposeOfCreation] ^short = "Why it was made"
* extension[purposeOfCreation].value[x] 1..1
* extension[purposeOfCreation].value[x] only code
* extension[purposeOfCreation].valueCode from PswpPurposes (required)
* extension[copyOf] ^short = "The original, which is no work product"
* extension[copyOf].value[x] 1..1
* extension[copyOf].value[x] only Reference(Resource)
* extension[identifiedProvider] ^short = "A provider whom the content identifies"
* extension[identifiedProvider].value[x] 1..1
* extension[identifiedProvider].value[x] only Reference(Organization or Practitioner or PractitionerRole)
* extension[reportedTo] ^short = "The PSO that it was reported to"
* extension[reportedTo].value[x] 1..1
* extension[reportedTo].value[x] only Reference(Organization)
* extension[reportedAt] ^short = "When it was reported"
* extension[reportedAt].value[x] 1..1
* extension[reportedAt].value[x] only dateTime
* extension[reportMode] ^short = "How it was reported"
* extension[reportMode].value[x] 1..1
* extension[reportMode].value[x] only code
* extension[reportMode].valueCode from PswpReportModes (required)
* extension[receipt] ^short = "The PSO's receipt for the report"
* extension[receipt].value[x] 1..1
* extension[receipt].value[x] only Identifier
