"""What validation costs, as multiples of what the fastest JSON reader needs for the same bytes.

Processor time is counted, so that what else the machine does matters little.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from timeit import repeat
from typing import Any

import msgspec
import orjson
import pytest
from fhir.resources.R4B.adverseevent import AdverseEvent
from fhir.resources.R4B.bundle import Bundle

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.formats.json_codec import JsonLimits, parse, render
from psolink.terminology import Terminology
from psolink.validation import Validator
from psolink.validation.profiles import HeldMembership, Profiles, claims, read_resources
from psolink.validation.special_codes import GRAMMARS

FOLDER = artifact_dir("profiles") / "psolink"
URL = f"{CANONICAL}/StructureDefinition/pswp-adverse-event"
EVENT: JsonObject = msgspec.json.decode(
    (FOLDER / "examples" / "AdverseEvent-as-returned.json").read_bytes()
)
SIZES = (125, 250, 500, 1000, 2000)
pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def judge() -> Callable[[JsonObject], None]:
    """Return the whole validation of a write: base rules, invariants, and claimed profiles."""
    definitions = load_definitions()
    validator = Validator(definitions)
    membership = HeldMembership(Terminology.load(rules=GRAMMARS))
    profiles = Profiles(definitions, read_resources(FOLDER), membership=membership)

    def judge(resource: JsonObject) -> None:
        root = resource["resourceType"]
        assert not [each for each in validator.validate(resource) if each.is_error]
        for claim in claims(resource, root):
            assert profiles.judge(claim.resource, claim.profile, at=claim.at) == []

    return judge


def milliseconds(call: Callable[[], object], *, number: int = 1) -> float:
    call()
    return min(repeat(call, timer=process_time, number=number, repeat=9)) / number * 1e3


def event(number: int) -> JsonObject:
    """An event of 2.4 KB that keeps our profile."""
    text = f"<div xmlns='http://www.w3.org/1999/xhtml'><p>Event {number}</p></div>"
    return EVENT | {"id": f"e{number}", "text": {"status": "generated", "div": text}}


def patient(number: int) -> JsonObject:
    return {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": "https://hospital-a.example/mrn", "value": f"{number:08}"}],
        "active": True,
        "name": [{"family": "Doe", "given": ["Jane", "Q."], "use": "official"}],
        "telecom": [{"system": "phone", "value": "+1 555 0100", "use": "home"}],
        "gender": "female",
        "birthDate": "1961-04-12",
        "address": [{"line": ["1 Main St"], "city": "Springfield", "postalCode": "12345"}],
        "maritalStatus": {"coding": [{"system": "http://loinc.org", "code": "45404-1"}]},
    }


def transaction(entries: int) -> JsonObject:
    """A transaction of events and their patients; 100 entries are about 180 KB."""
    resources = [event(n) if n % 3 else patient(n) for n in range(entries)]
    listed = [
        {
            "fullUrl": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for number, resource in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": listed}


def say(capsys: Any, text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured, how often, and the factor of the floor that it may take."""

    resource: JsonObject
    limit: int
    model: Any
    times: int


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case(event(1), 60, AdverseEvent, 50), id="one event"),
        pytest.param(Case(transaction(100), 45, Bundle, 1), id="a transaction"),
    ],
)
def test_validation_against_the_floor(case: Case, judge, capsys):
    body = render(case.resource)
    parsed = parse(body, limits=JsonLimits())
    floor = milliseconds(lambda: orjson.loads(body), number=case.times)
    whole = milliseconds(lambda: judge(parsed), number=case.times)
    other = milliseconds(lambda: case.model.model_validate_json(body), number=case.times)
    say(
        capsys,
        f"{case.resource['resourceType']}, {len(body):,} bytes: orjson {floor:.4f} ms, "
        f"everything {whole:.3f} ms (x{whole / floor:.0f}, at most x{case.limit} is the aim), "
        f"fhir.resources parse alone {other:.3f} ms (x{other / floor:.0f})",
    )
    assert whole < other


def test_cost_grows_with_the_number_of_entries_and_no_faster(judge, capsys):
    def cost(size: int) -> float:
        bundle = transaction(size)
        runs = repeat(lambda: judge(bundle), timer=process_time, number=1, repeat=3)
        return min(runs) / size * 1e6

    costs = [cost(size) for size in SIZES]
    curve = ", ".join(f"{size}: {cost:.0f}" for size, cost in zip(SIZES, costs, strict=True))
    say(capsys, f"microseconds for each entry of a transaction, by entries: {curve}")
    assert costs[-1] < 3 * costs[0]
