"""The whole server behind a test client, with the seeded organizations."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from psolink.app import create_app
from psolink.formats.json_codec import render
from psolink.security.principal import CONFIDENTIALITY, OrganizationKind, Principal
from psolink.security.scopes import Scopes
from psolink.settings import Settings
from psolink.setup import access_tokens, development_tokens, prepare, seed_development


@dataclass(frozen=True, slots=True)
class Actor:
    """One of the seeded clients."""

    http: FlaskClient
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        content = body if isinstance(body, bytes | None) else render(body)
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/fhir+json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.open(f"/fhir{path}", method=method, data=content, headers=sent)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.send("DELETE", path, **headers)

    def create(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """Create a resource that the server must take, and return it."""
        answer = self.post(f"/{resource['resourceType']}", resource)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.get_json()
        return created


Actors = Mapping[str, Actor]


@pytest.fixture(scope="module")
def settings(
    mongodb_uri: str, mongodb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A database of its own for each module of tests."""
    name = f"http-{uuid4()}"
    yield Settings(
        mongodb_uri=mongodb_uri,
        database=name,
        data=tmp_path_factory.mktemp("server"),
        # Storing them takes seconds; test_definitions.py does.
        core_definitions=False,
    )
    mongodb.drop_database(name)


@pytest.fixture(scope="module")
def app(settings: Settings, mongodb) -> Flask:
    prepare(settings)
    seed_development(settings)
    return create_app(settings, mongodb)


@pytest.fixture(scope="module")
def actors(app: Flask, settings: Settings) -> Actors:
    tokens = development_tokens(settings)
    return {name: Actor(app.test_client(), token["token"]) for name, token in tokens.items()}


@pytest.fixture(scope="module")
def portal(app: Flask, settings: Settings) -> Callable[..., Actor]:
    """Return a function to another client of Hospital A, which has no clearance for work product."""

    def client(scopes: str = "system/*.cruds", level: str = "V") -> Actor:
        principal = Principal(
            organization="hospital-a",
            kind=OrganizationKind.PROVIDER,
            client_id="portal",
            scopes=Scopes.parse(scopes),
            level=CONFIDENTIALITY.index(level),
            roles=frozenset(),
        )
        return Actor(app.test_client(), access_tokens(settings).issue(principal).token)

    return client


@pytest.fixture
def hospital(actors: Actors) -> Actor:
    return actors["hospital-a"]


@pytest.fixture
def rival(actors: Actors) -> Actor:
    return actors["hospital-b"]


@pytest.fixture
def pso(actors: Actors) -> Actor:
    return actors["pso-p"]


def outcome(answer: TestResponse) -> list[dict[str, Any]]:
    """Return the issues of a refusal."""
    body = answer.get_json()
    assert body["resourceType"] == "OperationOutcome", body
    issues: list[dict[str, Any]] = body["issue"]
    return issues


def assert_refused(
    answer: TestResponse, status: int, code: str, expression: str | None = None
) -> dict[str, Any]:
    """Check that a refusal has the status, and an issue with the code and place; return it."""
    assert answer.status_code == status, answer.text
    assert answer.content_type.startswith("application/fhir+json")
    issues = outcome(answer)
    found = [
        issue
        for issue in issues
        if issue["code"] == code
        and (expression is None or expression in issue.get("expression", []))
    ]
    assert found, issues
    assert found[0]["diagnostics"]
    return found[0]
