"""Reports with the answers that a test is about."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from psolink.fhir_json import JsonObject
from psolink.mapping import Extraction, Mapper, MappingContext
from psolink.mapping.systems import ANSWER, LOINC
from psolink.outcome import Issue, Severity

EVENT_SYSTEM = "https://hospital-a.example/events"


def coded(code: str, system: str | None = ANSWER, items: Sequence[JsonObject] = ()) -> JsonObject:
    """An answer that is a code; without a system where that is None."""
    coding = {"code": code} if system is None else {"system": system, "code": code}
    return nested({"valueCoding": coding}, items)


def loinc(code: str, items: Sequence[JsonObject] = ()) -> JsonObject:
    return coded(code, LOINC, items)


def said(text: str) -> JsonObject:
    return {"valueString": text}


def nested(answer: JsonObject, items: Sequence[JsonObject]) -> JsonObject:
    return answer | {"item": list(items)} if items else answer


def item(link_id: str, *answers: Any) -> JsonObject:
    return {"linkId": link_id, "answer": list(answers)}


def group(link_id: str, *items: JsonObject) -> JsonObject:
    return {"linkId": link_id, "item": list(items)}


def details(*items: JsonObject) -> JsonObject:
    return group("medication-details", *items)


def report(*items: JsonObject, **content: Any) -> JsonObject:
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": list(items),
    } | content


def incident(*items: JsonObject, **content: Any) -> JsonObject:
    """A report of an incident: an AdverseEvent can be derived whatever the items are."""
    return report(item("DE3", coded("A3")), *items, **content)


def context(**changes: Any) -> MappingContext:
    """A context that numbers its URNs."""
    numbers = count(1)
    values: dict[str, Any] = {
        "organization": "hospital-a",
        "event_identifier_system": EVENT_SYSTEM,
        "new_urn": lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}",
        "recorded": "2026-03-02T10:00:00.000Z",
        "response_reference": "urn:uuid:00000000-0000-4000-8000-000000000000",
    }
    return MappingContext(**values | changes)


def extract(mapper: Mapper, response: JsonObject, **changes: Any) -> Extraction:
    return mapper.extract(response, context(**changes))


def event_of(mapper: Mapper, response: JsonObject, **changes: Any) -> JsonObject:
    """The AdverseEvent that a report becomes."""
    return extract(mapper, response, **changes).resources[0][1]


def medications_of(mapper: Mapper, response: JsonObject) -> list[JsonObject]:
    """The Medications that a report becomes."""
    found = extract(mapper, response).resources
    return [resource for _, resource in found if resource["resourceType"] == "Medication"]


def kept_reason(extraction: Extraction, link_id: str) -> str:
    """Why the answer to the only item with this linkId is kept."""
    (found,) = [each.reason for each in extraction.unmapped if each.link_id == link_id]
    return found


def warnings(extraction: Extraction) -> list[Issue]:
    return [issue for issue in extraction.issues if issue.severity is Severity.WARNING]
