"""Where profiles come from, and what is known of the codes that they bind to."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.validation.profiles import ListedMembership, PackageUnreadable, read_resources
from psolink.validation.profiles.values import equals, matches, order

PROFILE = {"resourceType": "StructureDefinition", "url": "http://a.org/p"}
SYSTEM = "http://a.org"
GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"
CODE_SYSTEM: JsonObject = {
    "resourceType": "CodeSystem",
    "url": SYSTEM,
    "content": "complete",
    "concept": [{"code": "a", "concept": [{"code": "b"}]}],
}


def package(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return path


def test_a_package_gives_its_conformance_resources_and_nothing_else(tmp_path):
    body = json.dumps(PROFILE).encode()
    files = {
        "package/p.json": body,
        "package/package.json": b'{"name": "a"}',
        "package/q.json": b'{"resourceType": "Patient", "active": true}',
        "other/p.json": body,
    }
    assert list(read_resources(package(tmp_path, files))) == [PROFILE]


def test_a_folder_gives_its_conformance_resources(tmp_path):
    (tmp_path / "p.json").write_text(json.dumps(PROFILE))
    (tmp_path / "x.json").write_text("no JSON")
    assert list(read_resources(tmp_path)) == [PROFILE]


@pytest.mark.parametrize("body", [None, b"no archive"])
def test_what_is_no_package_is_told_as_such(tmp_path, body: bytes | None):
    path = tmp_path / "a.tgz"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(PackageUnreadable, match=r"a\.tgz"):
        list(read_resources(path))


def set_of(*include: JsonObject, **compose: list[JsonObject]) -> JsonObject:
    parts = {"include": list(include)} | compose
    return {"resourceType": "ValueSet", "url": "http://a.org/vs", "compose": parts}


@pytest.mark.parametrize(
    ("value_set", "system", "code", "expected"),
    [
        pytest.param(set_of({"system": SYSTEM}), SYSTEM, "b", True, id="a code further in"),
        pytest.param(set_of({"system": SYSTEM}), SYSTEM, "z", False, id="no code of the system"),
        pytest.param(set_of({"system": SYSTEM}), "http://b.org", "a", False, id="another system"),
        pytest.param(set_of({"system": SYSTEM}), None, "a", True, id="a code alone"),
        pytest.param(set_of({"system": "http://b.org"}), "http://b.org", "a", None, id="unknown"),
        pytest.param(set_of({"system": SYSTEM, "filter": []}), SYSTEM, "a", None, id="a filter"),
        pytest.param(set_of({"valueSet": [GENDER]}), None, "male", True, id="a set in a set"),
        pytest.param(set_of({"valueSet": ["http://a.org/vs"]}), None, "a", None, id="a circle"),
        pytest.param(
            set_of({"system": SYSTEM}, exclude=[{"system": SYSTEM, "concept": [{"code": "a"}]}]),
            SYSTEM,
            "a",
            False,
            id="left out",
        ),
    ],
)
def test_membership_is_told_as_far_as_it_is_known(
    value_set: JsonObject, system: str | None, code: str, expected: bool | None
):
    known = ListedMembership(load_definitions(), [CODE_SYSTEM, value_set])
    assert known.has("http://a.org/vs|1.0", system, code) is expected


def test_a_closed_value_set_of_r4_is_known_and_another_is_not():
    known = ListedMembership(load_definitions(), [])
    assert known.has(GENDER, "http://hl7.org/fhir/administrative-gender", "male") is True
    assert known.has(GENDER, "http://hl7.org/fhir/administrative-gender", "m") is False
    assert known.has("http://a.org/none", None, "a") is None


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (1, 2, -1),
        ("2026-02", "2026-01-15", 1),
        ("2026-01", "2026-01-15", None),
        ("2026-01-01T10:00:00Z", "2026-01-01T11:00:00+01:00", 0),
        ("2026-01-01T10:00:00", "2026-01-01T10:00:00Z", None),
        ({"value": 1, "code": "mg"}, {"value": 1, "code": "g"}, None),
        (True, "a", None),
    ],
)
def test_values_are_ordered_where_they_have_an_order(
    value: object, limit: object, expected: int | None
):
    assert order(value, limit) == expected


def test_true_is_not_one_and_a_pattern_is_less_than_a_fixed_value():
    assert not equals(True, 1)
    assert not equals({"a": 1, "b": 2}, {"a": 1})
    assert matches({"a": 1, "b": [1, 2]}, {"b": [2]})
    assert not matches({"a": 1}, {"b": [2]})
