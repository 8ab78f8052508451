"""Security labels: the systems, the set that each designation gets, and how a resource is read.

https://hl7.org/fhir/R4/security-labels.html
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import resource_types
from psolink.pswp.designations import DESIGNATIONS, UNDETERMINED, Designation
from psolink.store.values import Access

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
DESIGNATION = f"{CANONICAL}/CodeSystem/pswp-designation"
POLICY = f"{CANONICAL}/CodeSystem/pswp-policy"
COMPARTMENT = f"{CANONICAL}/CodeSystem/pswp-compartment"

MANAGED_SYSTEMS = (DESIGNATION, POLICY, COMPARTMENT)
"""Labels of these systems are the server's: a client can ask for a designation and no more."""

LEVELS = {code: rank for rank, code in enumerate("ULMNRV")}
"""The rank of each confidentiality, from unrestricted to very restricted."""

_HANDLING = (
    (ACT_CODE, "CPLYJPP"),
    (ACT_CODE, "NORDSCLW"),
    (ACT_CODE, "AUDTR"),
    (ACT_CODE, "PERSISTLABEL"),
    (ACT_REASON, "PATSFTY"),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A resource as it is to be stored, and who holds it."""

    resource: JsonObject
    access: Access


def codings(resource: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    """Yield the labels of a resource with their positions in meta.security."""
    match resource:
        case {"meta": {"security": [*labels]}}:
            yield from ((at, each) for at, each in enumerate(labels) if isinstance(each, dict))


def codes(resource: JsonObject, system: str) -> list[str]:
    """Return the codes of one system among the labels."""
    return [
        each["code"]
        for _, each in codings(resource)
        if each.get("system") == system and isinstance(each.get("code"), str)
    ]


def designation_of(resource: JsonObject) -> Designation | None:
    """Return the designation that a stored resource is labelled with; None where it has none."""
    found = [code for code in codes(resource, DESIGNATION) if code in DESIGNATIONS]
    return DESIGNATIONS[found[0]] if found else None


def designation(resource: JsonObject) -> str | None:
    """Return the code that a stored resource is designated with; None where it has none."""
    found = designation_of(resource)
    return found.code if found else None


def is_pswp(resource: JsonObject) -> bool:
    """Tell whether a resource is work product or must be treated as such.

    A designation that is not known counts, as does a type that always can be work product.
    """
    if found := codes(resource, DESIGNATION):
        return any(code not in DESIGNATIONS or DESIGNATIONS[code].pswp for code in found)
    return resource_types.shipped().is_always(resource["resourceType"])


def initial(resource: JsonObject) -> Designation | None:
    """Return what a new resource is to be: as asked, else undetermined where its type needs one."""
    if found := designation_of(resource):
        return found
    if resource_types.shipped().is_always(resource["resourceType"]):
        return DESIGNATIONS[UNDETERMINED]
    return None


def level(resource: JsonObject) -> int:
    """Return the rank of the highest confidentiality; normal where there is none."""
    found = codes(resource, CONFIDENTIALITY)
    # An unknown code may mean anything, so it is kept from most.
    return max((LEVELS.get(code, LEVELS["V"]) for code in found), default=LEVELS["N"])


def label_set(
    designation: Designation, confidentiality: str, compartments: Iterable[str]
) -> list[JsonObject]:
    """Return the labels of an item with this designation, in their order."""
    labels = [(CONFIDENTIALITY, confidentiality), (DESIGNATION, designation.code)]
    if designation.pswp:
        held = [(COMPARTMENT, each) for each in compartments]
        labels = [*labels, (POLICY, "PSQIA"), *held, *_HANDLING]
    return [{"system": system, "code": code} for system, code in labels]


def confidentiality(resource: JsonObject, designation: Designation) -> str:
    """Return the confidentiality that a resource is labelled with, else that of its designation."""
    found = codes(resource, CONFIDENTIALITY)
    return found[0] if found else designation.confidentiality


def standing_set(resource: JsonObject, designation: Designation) -> list[JsonObject]:
    """Return the labels that the server gives a resource that lies in the compartments it names."""
    return label_set(
        designation, confidentiality(resource, designation), codes(resource, COMPARTMENT)
    )


def relabelled(
    resource: JsonObject, designation: Designation, stamped: Sequence[JsonObject]
) -> JsonObject:
    """Return the resource with the stamped labels, and after them those that are its sender's own."""
    systems = server_systems(designation)
    present = [key(each) for each in stamped]
    own = [
        each
        for _, each in codings(resource)
        if each.get("system") not in systems and key(each) not in present
    ]
    return resource | {"meta": resource.get("meta", {}) | {"security": [*stamped, *own]}}


def key(coding: JsonObject) -> tuple[object, object]:
    """Return what makes two labels the same."""
    return coding.get("system"), coding.get("code")


def server_systems(designation: Designation | None) -> tuple[str, ...]:
    """Return the systems whose labels are the server's on a resource with this designation."""
    if designation is not None and designation.pswp:
        return (*MANAGED_SYSTEMS, CONFIDENTIALITY)
    # The confidentiality of ordinary data is its owner's business.
    return MANAGED_SYSTEMS
