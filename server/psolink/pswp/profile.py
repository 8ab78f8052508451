"""What the profile pswp-adverse-event asks of a client, checked on a resource that claims it.

StructureDefinition/pswp-adverse-event. Its rules on the other labels and on the record hold for
every resource, so that intake checks them.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.outcome import Issue, IssueCode
from psolink.pswp import labels

BY_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "AdverseEvent": f"{CANONICAL}/StructureDefinition/pswp-adverse-event",
        "Provenance": f"{CANONICAL}/StructureDefinition/pswp-provenance",
        "QuestionnaireResponse": f"{CANONICAL}/StructureDefinition/pswp-questionnaire-response",
    }
)
"""The profile of work product of each type that an operation writes."""

URL = BY_TYPE["AdverseEvent"]
_TYPE = "AdverseEvent"
_SUBJECTS = ("Patient", "Group")
_NO_SUBJECTS = ("Practitioner", "RelatedPerson")


def is_claimed(resource: JsonObject) -> bool:
    """Tell whether meta.profile names the profile, in any version."""
    match resource:
        case {"meta": {"profile": [*profiles]}}:
            return any(isinstance(each, str) and each.split("|")[0] == URL for each in profiles)
    return False


def check(resource: JsonObject, *, at: str) -> Iterator[Issue]:
    """Yield what breaks the profile, if the resource claims it."""
    if not is_claimed(resource):
        return
    if resource.get("resourceType") != _TYPE:
        yield Issue(
            IssueCode.STRUCTURE,
            f"{URL} is a profile of {_TYPE}, and this is {resource.get('resourceType')}: "
            "take it out of meta.profile.",
            f"{at}.meta.profile",
        )
        return
    yield from _designation(resource, at)
    yield from _identifier(resource, at)
    yield from _subject(resource, at)


def _designation(resource: JsonObject, at: str) -> Iterator[Issue]:
    if not labels.codes(resource, labels.DESIGNATION):
        yield Issue(
            IssueCode.REQUIRED,
            "The profile pswp-adverse-event needs exactly one designation label, and there is "
            f"none: add a coding of {labels.DESIGNATION}, such as pswp-pending.",
            f"{at}.meta.security",
        )


def _identifier(resource: JsonObject, at: str) -> Iterator[Issue]:
    if not resource.get("identifier"):
        yield Issue(
            IssueCode.REQUIRED,
            "The profile pswp-adverse-event needs an identifier: the report number in the "
            "provider's patient safety evaluation system.",
            f"{at}.identifier",
        )


def _subject(resource: JsonObject, at: str) -> Iterator[Issue]:
    found = _target_type(resource.get("subject"))
    if found in _NO_SUBJECTS:
        yield Issue(
            IssueCode.STRUCTURE,
            f"In the profile pswp-adverse-event the subject is a {' or a '.join(_SUBJECTS)}, "
            f"and this is a {found}.",
            f"{at}.subject",
        )


def _target_type(reference: object) -> str | None:
    match reference:
        case {"type": str(named)}:
            return named
        case {"reference": str(literal)}:
            parts = literal.split("/_history/")[0].split("/")
            return parts[-2] if len(parts) > 1 else None
    return None
