"""What the server says of itself, to everyone and at once."""

import re

import pytest
from openapi_spec_validator import validate
from tests.http.conftest import assert_refused

from psolink.api.openapi import openapi
from psolink.definitions import load_definitions
from psolink.interactions.routes import ROUTES

_NAMES = {
    "resource_type": "type",
    "resource_id": "id",
    "version_id": "version",
    "member_type": "member",
}
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def anyone(app):
    return app.test_client()


def routes_of(app) -> set[tuple[str, str]]:
    """Return method and path of every route that answers."""
    found = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(
            r"<(?:\w+:)?(\w+)>", lambda each: f"{{{_NAMES.get(each[1], each[1])}}}", rule.rule
        )
        found |= {(method, path) for method in (rule.methods or set()) & _METHODS}
    return found


def described_routes(app) -> set[tuple[str, str]]:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    return {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if method.upper() in _METHODS
    }


def test_the_table_of_interactions_has_exactly_the_routes_that_answer(app):
    answering = {
        (method, path.removeprefix("/fhir"))
        for method, path in routes_of(app)
        if path.startswith("/fhir") and "$" not in path and not path.endswith("/")
    }
    beside = {("GET", "/metadata"), ("GET", "/.well-known/smart-configuration")}
    assert {(each.method, each.path) for each in ROUTES} == answering - beside


def test_the_description_has_exactly_the_routes_that_answer(app):
    # Operations are one route for all names: the table of operations says which there are.
    answering = {
        (method, path) for method, path in routes_of(app) if "$" not in path and path != "/fhir/"
    }
    described = {(method, path) for method, path in described_routes(app) if "$" not in path}
    assert described == answering


def test_the_description_is_valid_openapi(anyone):
    validate(anyone.get("/openapi.json").get_json())


def test_every_name_of_an_operation_in_the_description_is_its_own():
    description = openapi(load_definitions(), "https://fhir.example")
    names = [
        described["operationId"]
        for methods in description["paths"].values()
        for method, described in methods.items()
        if method != "parameters"
    ]
    assert len(names) == len(set(names))
    assert description["servers"] == [{"url": "https://fhir.example"}]


@pytest.mark.parametrize("path", ["/fhir/metadata", "/openapi.json"])
def test_who_has_the_statement_is_told_that_it_is_the_same(anyone, path):
    first = anyone.get(path)
    assert first.status_code == 200
    again = anyone.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = anyone.get(path, headers={"If-None-Match": 'W/"other"'})
    assert other.data == first.data


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("", "CapabilityStatement"),
        ("?mode=full", "CapabilityStatement"),
        ("?mode=normative", "CapabilityStatement"),
        ("?mode=terminology", "TerminologyCapabilities"),
    ],
)
def test_the_statements_are_valid(app, hospital, anyone, query, kind):
    statement = anyone.get(f"/fhir/metadata{query}").get_json()
    assert statement["resourceType"] == kind
    created = hospital.post(f"/{kind}", statement)
    assert created.status_code == 201, created.text


def test_the_statement_is_rendered_as_asked(anyone):
    answer = anyone.get("/fhir/metadata?_format=xml")
    assert answer.content_type.startswith("application/fhir+xml")
    assert answer.data.startswith(b"<CapabilityStatement") or b"<CapabilityStatement" in answer.data
    pretty = anyone.get("/fhir/metadata?_pretty=true")
    assert pretty.data.count(b"\n") > 100
    assert pretty.get_json() == anyone.get("/fhir/metadata").get_json()


def test_the_code_systems_that_are_held_are_named(anyone):
    statement = anyone.get("/fhir/metadata?mode=terminology").get_json()
    held = {each["uri"] for each in statement["codeSystem"]}
    assert "http://hl7.org/fhir/administrative-gender" in held
    assert "http://loinc.org" not in held


def test_another_mode_is_refused(anyone):
    answer = anyone.get("/fhir/metadata?mode=everything")
    assert_refused(answer, 400, "invalid", "mode")


@pytest.mark.parametrize("tag", ['W/""', '"²"', f'W/"{"9" * 5000}"', '"x", ""'])
def test_a_tag_that_is_no_version_is_none_that_the_client_has(hospital, tag):
    path = f"/Patient/{hospital.create({'resourceType': 'Patient'})['id']}"
    assert hospital.get(path, If_None_Match=tag.encode().decode("latin-1")).status_code == 200
