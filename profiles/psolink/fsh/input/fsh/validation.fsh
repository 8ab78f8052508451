// What validation says of a resource, for machines.

CodeSystem: ValidationIssue
Id: validation-issue
Title: "Validation issue"
Description: "The kinds of fault that validation finds, in OperationOutcome.issue.details."
* insert Codes
* #element-required "Element required" "An element that the base rules of R4 require is missing."
* #structure "Structure" "An element, array, object or resource is not where or what R4 allows."
* #value "Value" "A value does not have the form or range of its data type."
* #code-not-in-value-set "Code not in value set" "A code is outside the value set that the element is bound to."
* #code-not-checked "Code not checked" "Which codes the value set has is not known here, so that the code was not judged."
* #extension "Extension" "An extension has both a value and extensions, or neither."
* #invariant "Invariant" "A rule in FHIRPath does not hold; details.text has its key."
* #invariant-not-evaluated "Invariant not evaluated" "A rule in FHIRPath could not be evaluated; details.text has its key."
* #content "Content" "The content breaks another rule of FHIR."
* #too-many-issues "Too many issues" "Not everything was looked at or listed."
* #profile-not-judged "Profile not judged" "A profile is not known, or cannot be applied."
* #profile-of-another-type "Profile of another type" "The profile is one of another resource type."
* #profile-minimum "Profile: minimum" "An element or slice comes less often than the profile asks for."
* #profile-maximum "Profile: maximum" "An element or slice comes more often than the profile allows."
* #profile-type "Profile: type" "A value is of a type that the profile does not allow."
* #profile-fixed-value "Profile: fixed value" "A value is not the one that the profile fixes."
* #profile-pattern "Profile: pattern" "A value lacks a part of the pattern."
* #profile-range "Profile: range" "A value is below the least or above the greatest that the profile allows."
* #profile-length "Profile: length" "A text is longer than the profile allows."
* #profile-target "Profile: target" "A reference leads to a type that the profile does not allow."
* #slicing-closed "Slicing: closed" "A value is in no slice, and only slices are allowed."
* #slicing-order "Slicing: order" "Slices stand in another order than the profile asks for."
* #slicing-open-at-end "Slicing: open at end" "A slice comes after a value that is in none."
* #must-support "Must support" "The profile says that the element must be supported, and it is absent; told only where asked for."

Extension: IssueProfile
Id: issue-profile
Title: "Issue: profile"
Description: "The profile that an issue was found by."
Context: OperationOutcome.issue
* ^experimental = false
* ^publisher = "PSOLink"
* . 0..1
* extension 0..0
* value[x] 1..1
* value[x] only canonical

Extension: IssueSlice
Id: issue-slice
Title: "Issue: slice"
Description: "The slice in which an issue was found."
Context: OperationOutcome.issue
* ^experimental = false
* ^publisher = "PSOLink"
* . 0..1
* extension 0..0
* value[x] 1..1
* value[x] only string
