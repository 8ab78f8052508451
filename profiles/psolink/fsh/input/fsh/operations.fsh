// Operations on patient safety work product.

RuleSet: InParameter(name, min, max, type)
* parameter[+].name = #{name}
* parameter[=].use = #in
* parameter[=].min = {min}
* parameter[=].max = "{max}"
* parameter[=].type = #{type}

Instance: pswp-report
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://psolink.example/fhir/OperationDefinition/pswp-report"
* version = "0.1.0"
* name = "PswpReport"
* title = "Report to a PSO"
* status = #active
* kind = #operation
* experimental = false
* publisher = "PSOLink"
* description = "Report an item of patient safety work product to a PSO (42 CFR 3.206(b)(4)(i)). From then on the PSO holds it too, and it can no longer be dropped out. The owner calls it; a refusal says which fact is missing."
* affectsState = true
* code = #pswp-report
* resource[+] = #AdverseEvent
* system = false
* type = false
* instance = true
* insert InParameter(recipient, 1, 1, Reference)
* parameter[=].targetProfile = "http://hl7.org/fhir/StructureDefinition/Organization"
* parameter[=].documentation = "The PSO, by identifier: its organization id in the system https://psolink.example/fhir/sid/organization."
* insert InParameter(purposeOfUse, 1, 1, code)
* parameter[=].documentation = "The purpose of use from v3-ActReason, such as PATSFTY. It is never assumed."
* insert InParameter(mode, 1, 1, code)
* parameter[=].documentation = "How it is reported."
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://psolink.example/fhir/ValueSet/pswp-report-mode"
* insert InParameter(receipt, 0, 1, Identifier)
* parameter[=].documentation = "The PSO's receipt, where there is one already."
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #Any
* parameter[=].documentation = "The item as it stands after the report."
