// The labels and the record of a resource that is patient safety work product: the same for every
// profile of one. They hold for what a client sends and for what the server returns: a client gives
// the designation, and the server adds the other labels and the record.

Invariant: pswp-7
Description: "The record names the designation that the label names."
Severity: #error
Expression: "extension.where(url = 'https://psolink.example/fhir/StructureDefinition/pswp-record').extension.where(url = 'designation').value.code.all($this in %context.security.where(system = 'https://psolink.example/fhir/CodeSystem/pswp-designation').code)"

Invariant: pswp-8
Description: "Identifiable work product, and what is treated as such, is restricted or very restricted."
Severity: #error
Expression: "security.where(system = 'https://psolink.example/fhir/CodeSystem/pswp-designation').where(code.startsWith('pswp-') or code = 'undetermined').exists() implies security.where(system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality').all(code = 'R' or code = 'V')"

Invariant: pswp-9
Description: "Work product was made for no purpose that rules it out."
Severity: #error
Expression: "security.where(system = 'https://psolink.example/fhir/CodeSystem/pswp-designation').where(code.startsWith('pswp-')).exists() implies extension.where(url = 'https://psolink.example/fhir/StructureDefinition/pswp-record').extension.where(url = 'purposeOfCreation').all(value.memberOf('https://psolink.example/fhir/ValueSet/pswp-purpose-blocking').not())"

RuleSet: Labelled
* ^experimental = false
* ^publisher = "PSOLink"
* meta 1..1
* meta obeys pswp-7 and pswp-8 and pswp-9
* meta.extension contains PswpRecord named pswpRecord 0..1
* meta.security 1..*
* meta.security ^slicing.discriminator.type = #value
* meta.security ^slicing.discriminator.path = "system"
* meta.security ^slicing.rules = #open
* meta.security contains
    confidentiality 0..1 and
    designation 1..1 and
    policy 0..1 and
    compartment 0..*
* meta.security[confidentiality].system 1..1
* meta.security[confidentiality].system = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
* meta.security[confidentiality].code 1..1
* meta.security[designation] from PswpDesignations (required)
* meta.security[designation].system 1..1
* meta.security[designation].system = "https://psolink.example/fhir/CodeSystem/pswp-designation"
* meta.security[designation].code 1..1
* meta.security[policy] from PswpPolicies (required)
* meta.security[policy].system 1..1
* meta.security[policy].system = "https://psolink.example/fhir/CodeSystem/pswp-policy"
* meta.security[policy].code 1..1
* meta.security[compartment].system 1..1
* meta.security[compartment].system = "https://psolink.example/fhir/CodeSystem/pswp-compartment"
* meta.security[compartment].code 1..1
