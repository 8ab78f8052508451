// A provider's written authorization of a disclosure, 42 CFR 3.206(b)(3).

CodeSystem: PswpAuthorization
Id: pswp-authorization
Title: "PSWP authorization"
Description: "Which consents there are about patient safety work product. None is a patient's: a patient's consent does not authorize its disclosure."
* insert Codes
* #provider-authorization "Provider authorization" "An identified provider allows the disclosure of work product that identifies it."

Invariant: pswp-auth-1
Description: "What is allowed has an end, or names the items."
Severity: #error
Expression: "period.end.exists() or data.exists()"

Profile: PswpProviderAuthorization
Parent: Consent
Id: pswp-provider-authorization
Title: "PSWP provider authorization"
Description: "The written and signed authorization by one identified provider to disclose work product to a recipient. A disclosure needs one of every provider that is identified."
* ^experimental = false
* ^publisher = "PSOLink"
* status from PswpAuthorizationStatuses (required)
* scope = https://psolink.example/fhir/CodeSystem/pswp-authorization#provider-authorization
* category 1..1
* category = https://psolink.example/fhir/CodeSystem/pswp-authorization#provider-authorization
* patient 0..0
* dateTime 1..1
* performer 1..1
* performer only Reference(Organization or Practitioner or PractitionerRole)
* performer ^short = "The provider who authorizes"
* organization 1..1
* organization ^short = "Who keeps the authorization"
* source[x] 1..1
* source[x] only Attachment
* sourceAttachment ^short = "The signed document"
* sourceAttachment.contentType 1..1
* policy 1..*
* policy.uri 1..1
* verification 0..0
* provision 1..1
* provision obeys pswp-auth-1
* provision.type 1..1
* provision.type = #permit
* provision.actor 1..*
* provision.actor ^slicing.discriminator.type = #pattern
* provision.actor ^slicing.discriminator.path = "role"
* provision.actor ^slicing.rules = #closed
* provision.actor contains recipient 1..*
* provision.actor[recipient].role = http://terminology.hl7.org/CodeSystem/v3-ParticipationType#IRCP
* provision.actor[recipient].reference only Reference(Organization or Practitioner or PractitionerRole)
* provision.purpose 1..*
* provision.data.meaning = #instance
* provision.provision 0..0

ValueSet: PswpAuthorizationStatuses
Id: pswp-authorization-status
Title: "PSWP authorization statuses"
Description: "The statuses of an authorization; a draft authorizes nothing and is not kept."
* insert Terminology
* http://hl7.org/fhir/consent-state-codes#active
* http://hl7.org/fhir/consent-state-codes#inactive
* http://hl7.org/fhir/consent-state-codes#entered-in-error
