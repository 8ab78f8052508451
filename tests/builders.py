"""The smallest valid resources, plus what a test is about."""

from typing import Any

from psolink.fhir_json import CANONICAL

DESIGNATION = f"{CANONICAL}/CodeSystem/pswp-designation"
PROFILE = f"{CANONICAL}/StructureDefinition/pswp-adverse-event"


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient"} | content


def identifier(value: str, system: str = "https://hospital-a.example/patients") -> dict[str, str]:
    return {"system": system, "value": value}


def adverse_event(**content: Any) -> dict[str, Any]:
    """An event that says nothing of work product: the server treats it as such all the same."""
    return {
        "resourceType": "AdverseEvent",
        "actuality": "actual",
        "subject": {"reference": "Patient/someone"},
    } | content


def observation(subject: str, **content: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "pulse"},
        "subject": {"reference": subject},
    } | content


def reference(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def designated(code: str, **content: Any) -> dict[str, Any]:
    """An event that asks for a designation."""
    return adverse_event(meta={"security": [{"system": DESIGNATION, "code": code}]}, **content)


def entry(method: str, url: str, resource: dict[str, Any] | None = None, **more: Any):
    """An entry of a batch or transaction; `full_url` and `if_…` go where FHIR wants them."""
    request = {"method": method, "url": url} | {
        name: value for name, value in more.items() if name != "fullUrl"
    }
    built: dict[str, Any] = {"request": request}
    if resource is not None:
        built["resource"] = resource
    if "fullUrl" in more:
        built["fullUrl"] = more["fullUrl"]
    return built


def bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind} | ({"entry": list(entries)} if entries else {})


def report_to(organization: str) -> dict[str, Any]:
    recipient = {"reference": f"Organization/{organization}"}
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "recipient", "valueReference": recipient}],
    }
