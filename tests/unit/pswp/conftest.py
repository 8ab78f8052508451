"""Neutral parties, resources and points in time for the tests of PSWP."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from psolink.artifacts import artifact_dir
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import intake, record
from psolink.pswp.labels import DESIGNATION, Labelled
from psolink.pswp.party import Party
from psolink.pswp.record import PswpRecord

PROFILES = artifact_dir("profiles") / "psolink"


@pytest.fixture
def now() -> datetime:
    return datetime.fromisoformat("2026-03-02T09:15:00-06:00")


@pytest.fixture
def hospital() -> Party:
    return Party("hospital-a", "provider")


@pytest.fixture
def pso() -> Party:
    return Party("pso-p", "pso")


@pytest.fixture
def event() -> Callable[..., JsonObject]:
    """Return an AdverseEvent that asks for `designation`, with more labels and parts of meta."""

    def build(
        designation: str | None = None,
        *labels: JsonObject,
        record: list[JsonObject] | None = None,
        **meta: object,
    ) -> JsonObject:
        asked = [{"system": DESIGNATION, "code": designation}] if designation else []
        content: JsonObject = dict(meta)
        if asked or labels:
            content["security"] = [*asked, *labels]
        if record is not None:
            url = f"{CANONICAL}/StructureDefinition/pswp-record"
            content["extension"] = [{"url": url, "extension": record}]
        return {
            "resourceType": "AdverseEvent",
            "id": "e1",
            "meta": content,
            "identifier": {"system": "https://hospital-a.example/pses/reports", "value": "1"},
            "actuality": "actual",
            "subject": {"reference": "Patient/p1"},
        }

    return build


@pytest.fixture
def stored(
    event: Callable[..., JsonObject], hospital: Party, now: datetime
) -> Callable[..., Labelled]:
    """Return an event as the server stores it for Hospital A."""

    def build(designation: str | None = "pswp-pending", **more: object) -> Labelled:
        return intake.label_new(event(designation, **more), hospital, now=now)

    return build


@pytest.fixture
def published() -> Callable[[str], JsonObject]:
    """Return a JSON file of profiles/psolink by its name."""

    def read(name: str) -> JsonObject:
        content: JsonObject = json.loads(Path(PROFILES, name).read_text("utf-8"))
        return content

    return read


@pytest.fixture
def on_record() -> Callable[[JsonObject], PswpRecord]:
    """Return the PSWP record of a resource that has one."""

    def read(resource: JsonObject) -> PswpRecord:
        found = record.read(resource)
        assert found is not None
        return found

    return read
