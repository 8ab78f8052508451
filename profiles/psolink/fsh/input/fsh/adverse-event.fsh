// The AdverseEvent profile.

Profile: PswpAdverseEvent
Parent: AdverseEvent
Id: pswp-adverse-event
Title: "PSWP adverse event"
Description: "An adverse event whose standing as patient safety work product is declared. A client sends exactly one designation label; the server adds confidentiality, policy, compartments, handling caveats and the PSWP record."
* insert Labelled
* identifier 1..1
* identifier ^short = "The report number in the provider's evaluation system"
* subject only Reference(Patient or Group)
