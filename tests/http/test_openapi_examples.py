"""Generated requests over the OpenAPI description: no failure of the server, no status that is not described."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.builders import adverse_event, patient
from tests.http.conftest import Actor

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
RESOURCES: dict[str, dict[str, Any]] = {
    "Patient": patient(),
    "AdverseEvent": adverse_event(),
    "Encounter": {"resourceType": "Encounter", "status": "planned", "class": {"code": "AMB"}},
    "Observation": {"resourceType": "Observation", "status": "final", "code": {"text": "x"}},
    "Composition": {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "x"},
        "date": "2020",
        "title": "x",
        "author": [{"display": "x"}],
    },
}


@pytest.fixture
def known(hospital: Actor) -> dict[str, dict[str, Any]]:
    """A stored resource of each of some types, which half of the requests are about."""
    for kind, resource in RESOURCES.items():
        hospital.put(f"/{kind}/known", resource | {"id": "known"})
    return {kind: resource | {"id": "known"} for kind, resource in RESOURCES.items()}


def check(app: Flask, actor: Actor, known: dict[str, dict[str, Any]], *, examples: int) -> int:
    """Send requests of every route and return how many routes there are."""
    described = schemathesis.openapi.from_wsgi("/openapi.json", app)
    routes = [each.ok() for each in described.get_all_operations() if isinstance(each, Ok)]
    run = hypothesis_settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for route in routes:

        @run
        @given(case=route.as_strategy(), kind=st.sampled_from([None, *sorted(known)]))
        def answers(case: Any, kind: str | None) -> None:
            if kind is not None:
                aim(case, known[kind])
            headers = {"Authorization": f"Bearer {actor.token}"}
            case.validate_response(case.call(headers=headers), checks=CHECKS)

        answers()
    return len(routes)


def aim(case: Any, resource: dict[str, Any]) -> None:
    """Let a request be about a resource that is there, with a body that is sound."""
    path = case.operation.path
    if "{type}" in path:
        case.path_parameters["type"] = resource["resourceType"]
    if "{id}" in path:
        case.path_parameters["id"] = "known"
    if (
        case.method in ("POST", "PUT")
        and "$" not in path
        and case.media_type == "application/fhir+json"
    ):
        case.body = resource


def test_generated_requests_get_answers_that_are_described(app: Flask, hospital: Actor, known):
    assert check(app, hospital, known, examples=4) > 50


@pytest.mark.soak
def test_many_generated_requests_get_answers_that_are_described(app: Flask, hospital: Actor, known):
    assert check(app, hospital, known, examples=100) > 50
