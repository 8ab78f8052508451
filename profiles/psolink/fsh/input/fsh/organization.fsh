// A patient safety organization, and its place on the Secretary's list.

CodeSystem: PsoListingStatus
Id: pso-listing-status
Title: "PSO listing status"
Description: "Where an organization stands with the Secretary's list of patient safety organizations."
* insert Codes
* #listed "Listed" "On the list."
* #delisted "Delisted" "No longer on the list: expired, given up or revoked."
* #never "Never listed" "Not on the list, and never was."

ValueSet: PsoListingStatuses
Id: pso-listing-status
Title: "PSO listing statuses"
Description: "Every listing status."
* insert Terminology
* include codes from system PsoListingStatus

CodeSystem: PsoOrganizationType
Id: pso-organization-type
Title: "PSO organization type"
Description: "What an organization is under the Patient Safety Act."
* insert Codes
* #provider "Provider" "A provider of health care with a patient safety evaluation system."
* #pso "PSO" "A patient safety organization."
* #component-pso "Component PSO" "A PSO that is a part of another organization."

Invariant: pso-list-1
Description: "A listed PSO says since when, and a delisted one since when it no longer is."
Severity: #error
Expression: "(extension.where(url = 'status' and value = 'listed').exists() implies extension.where(url = 'from').exists()) and (extension.where(url = 'status' and value = 'delisted').exists() = extension.where(url = 'delistedAt').exists())"

Extension: PsoListing
Id: pso-listing
Title: "PSO listing"
Description: "The organization's place on the Secretary's list of patient safety organizations."
Context: Organization
* ^experimental = false
* ^publisher = "PSOLink"
* obeys pso-list-1
* extension contains
    status 1..1 and
    from 0..1 and
    to 0..1 and
    delistedAt 0..1
* extension[status] ^short = "Listed, delisted or never listed"
* extension[status].value[x] 1..1
* extension[status].value[x] only code
* extension[status].valueCode from PsoListingStatuses (required)
* extension[from] ^short = "First day on the list"
* extension[from].value[x] 1..1
* extension[from].value[x] only date
* extension[to] ^short = "Last day of the present listing period of three years"
* extension[to].value[x] 1..1
* extension[to].value[x] only date
* extension[delistedAt] ^short = "When it was taken off the list"
* extension[delistedAt].value[x] 1..1
* extension[delistedAt].value[x] only dateTime

Invariant: pso-org-1
Description: "A component PSO names the organization that it is a part of."
Severity: #error
Expression: "type.coding.where(system = 'https://psolink.example/fhir/CodeSystem/pso-organization-type' and code = 'component-pso').exists() implies partOf.exists()"

Profile: PsoOrganization
Parent: Organization
Id: pso-organization
Title: "Patient safety organization"
Description: "An organization that is, was or wants to be a patient safety organization: its number, its kind and its place on the Secretary's list."
* ^experimental = false
* ^publisher = "PSOLink"
* obeys pso-org-1
* extension contains PsoListing named listing 1..1
* identifier 1..*
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains psoNumber 1..1
* identifier[psoNumber].system 1..1
* identifier[psoNumber].system = "https://psolink.example/fhir/sid/pso-number"
* identifier[psoNumber].value 1..1
* identifier[psoNumber].value ^maxLength = 10
* identifier[psoNumber] ^short = "The number that AHRQ gave, such as P0146"
* active 1..1
* type 1..*
* type ^slicing.discriminator.type = #pattern
* type ^slicing.discriminator.path = "$this"
* type ^slicing.rules = #open
* type contains
    pso 0..1 and
    component 0..1
* type[pso] = https://psolink.example/fhir/CodeSystem/pso-organization-type#pso
* type[component] = https://psolink.example/fhir/CodeSystem/pso-organization-type#component-pso
* name 1..1
* name ^maxLength = 200
* partOf only Reference(Organization)
