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
* description = "Report an event to a PSO for patient safety activities (42 CFR 3.206(b)(4)(i)), together with the work product of the same organization that belongs to it. From then on the PSO holds these items too, and they can no longer be dropped out. The owner calls it; a refusal says which fact is missing. Reporting to the same PSO again changes nothing."
* affectsState = true
* code = #pswp-report
* resource[+] = #AdverseEvent
* system = false
* type = false
* instance = true
* insert InParameter(recipient, 1, 1, Reference)
* parameter[=].targetProfile = "http://hl7.org/fhir/StructureDefinition/Organization"
* parameter[=].documentation = "The PSO: by identifier, its id in the system https://psolink.example/fhir/sid/organization, or as Organization/[id]."
* insert InParameter(mode, 0, 1, code)
* parameter[=].documentation = "How it is reported; transmitted where nothing is said. Functional needs a contract that provides for it."
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://psolink.example/fhir/ValueSet/pswp-report-mode"
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #AdverseEvent
* parameter[=].documentation = "The event as it stands after the report."
