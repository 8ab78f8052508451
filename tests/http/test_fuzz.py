"""Bodies that were valid until something in them changed: an answer, never a failure."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import bundle, entry, patient
from tests.mutations import mutated, spoiled
from tests.unit.formats.generated_resources import ResourceGenerator

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.errors import NotAcceptable
from psolink.formats.json_codec import render
from psolink.formats.xml_codec import XmlCodec

DEFINITIONS = load_definitions()
CODEC = XmlCodec(DEFINITIONS)
JSON, XML = "application/fhir+json", "application/fhir+xml"
TYPES = sorted(DEFINITIONS.resource_types)
JSON_PATCH = "application/json-patch+json"
LARGEST = 1024 * 1024
PATCH = [
    {"op": "add", "path": "/name/0", "value": {"family": "Bell"}},
    {"op": "replace", "path": "/gender", "value": "male"},
    {"op": "move", "from": "/name/0", "path": "/name/-"},
    {"op": "test", "path": "/active", "value": True},
]
FHIRPATH_PATCH = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "replace"},
                {"name": "path", "valueString": "Patient.name[0].family"},
                {"name": "value", "valueString": "Bell"},
            ],
        }
    ],
}


def examples() -> Iterator[dict[str, Any]]:
    for folder in ("profiles/psolink/examples", "mappings/examples"):
        name, _, rest = folder.partition("/")
        for path in sorted((artifact_dir(name) / rest).glob("*.json")):
            found = json.loads(path.read_bytes())
            if "resourceType" in found:
                yield found


EXAMPLES = list(examples())


def a_resource(random: Random) -> dict[str, Any]:
    if random.random() < 0.5:
        return random.choice(EXAMPLES)
    return ResourceGenerator(DEFINITIONS, random, likelihood=0.1).resource(random.choice(TYPES))


def a_request(random: Random) -> tuple[str, str, Any]:
    """Return a method, a path and a resource that would fit, were it not changed."""
    resource = a_resource(random)
    kind = resource["resourceType"]
    if random.random() < 0.3:
        method = random.choice(["POST", "PUT", "PATCH", "DELETE", "GET"])
        sent = entry(method, f"{kind}/a" if method != "POST" else kind, resource)
        return "POST", "", bundle(random.choice(["batch", "transaction"]), sent, sent)
    return random.choice(
        [
            ("POST", f"/{kind}", resource),
            ("PUT", f"/{kind}/{resource.get('id', 'a')}", resource),
            ("POST", f"/{kind}/$validate", resource),
            ("POST", "/$submit-common-formats", resource),
            ("POST", "/QuestionnaireResponse/$extract", resource),
            ("POST", "", resource),
        ]
    )


def written(resource: Any, content_type: str) -> bytes | None:
    try:
        return CODEC.render(resource) if content_type == XML else render(resource)
    except NotAcceptable:
        return None  # what XML cannot hold is not sent as XML


def is_answered(actor, random: Random) -> bool:
    method, path, resource = a_request(random)
    content_type = random.choice([JSON, JSON, XML])
    if content_type == JSON:
        resource = mutated(resource, random, random.randint(0, 2))
    body = written(resource, content_type)
    if body is None or len(body) > LARGEST:
        return True
    if content_type == XML or random.random() < 0.3:
        body = spoiled(body, random, random.randint(0, 3))
    headers = {"Content_Type": content_type, "Accept": random.choice([JSON, XML])}
    answer = actor.send(method, path, body, **headers)
    assert answer.status_code < 500 or answer.status_code == 501, (answer.text, method, path, body)
    return True


def is_patched_or_refused(actor, path: str, random: Random) -> bool:
    content_type, patch = random.choice([(JSON_PATCH, PATCH), (JSON, FHIRPATH_PATCH)])
    body = render(mutated(patch, random, random.randint(0, 3)))
    if random.random() < 0.2:
        body = spoiled(body, random)
    answer = actor.send("PATCH", path, body, Content_Type=content_type)
    assert answer.status_code < 500, (answer.text, body)
    return True


@pytest.fixture
def patched(actors):
    """The path of a patient that patches are sent to."""
    given = {"name": [{"family": "Quill"}], "active": True, "gender": "female"}
    return f"/Patient/{actors['hospital-a'].create(patient(**given))['id']}"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_no_changed_patch_makes_the_server_fail(actors, patched, seed):
    assert is_patched_or_refused(actors["hospital-a"], patched, Random(seed))


@pytest.mark.soak
def test_of_many_changed_patches_none_makes_the_server_fail(actors, patched):
    for seed in range(5000):
        assert is_patched_or_refused(actors["hospital-a"], patched, Random(seed))


@settings(max_examples=250)
@given(st.integers(0, 2**32))
def test_no_changed_body_makes_the_server_fail(actors, seed):
    assert is_answered(actors["hospital-a"], Random(seed))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_of_many_changed_bodies_none_makes_the_server_fail(actors, part):
    for seed in range(1000):
        assert is_answered(actors["hospital-a"], Random(f"{part} {seed}"))
