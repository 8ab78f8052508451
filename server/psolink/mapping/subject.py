"""Whom the event concerns, as the QuestionnaireResponse says.

https://hl7.org/fhir/R4/adverseevent-definitions.html#AdverseEvent.subject
"""

import re

from psolink.fhir_json import JsonObject
from psolink.mapping.systems import DATA_ABSENT_REASON
from psolink.outcome import Issue, IssueCode, Severity

_TYPED = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]+)?$")
_WHERE = "QuestionnaireResponse.subject"


def subject_of(
    response: JsonObject, event: JsonObject, allowed: tuple[str, ...]
) -> tuple[JsonObject, Issue | None]:
    """Return the subject as it came, or the reason why there is none, and a warning if one is due.

    `allowed` are the resource types that an AdverseEvent can be about.
    """
    subject = response.get("subject")
    if not isinstance(subject, dict) or not subject:
        # A near miss or an unsafe condition may concern nobody in particular.
        is_potential = event.get("actuality") == "potential"
        return _absent("not-applicable" if is_potential else "unknown"), None
    fault = _fault(subject, allowed)
    if fault is None:
        return subject, None
    text = f"The subject is not taken over: {fault}."
    return _absent("unsupported"), Issue(IssueCode.VALUE, text, _WHERE, Severity.WARNING)


def _fault(subject: JsonObject, allowed: tuple[str, ...]) -> str | None:
    reference = subject.get("reference")
    if isinstance(reference, str) and reference.startswith("#"):
        return "it is contained in the report; refer to a resource of its own"
    typed = _TYPED.search(reference) if isinstance(reference, str) else None
    resource_type = typed[1] if typed else subject.get("type")
    if resource_type is None or resource_type in allowed:
        return None
    return f"an AdverseEvent is about {' or '.join(allowed)}"


def _absent(reason: str) -> JsonObject:
    return {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": reason}]}
