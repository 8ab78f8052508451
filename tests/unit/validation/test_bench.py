"""How long parsing and validation take, as multiples of what the bare JSON reader needs."""

import sys
from collections.abc import Callable
from pathlib import Path
from timeit import repeat

import msgspec
import pytest
import yaml

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse, render
from psolink.validation import Validator
from psolink.validation.invariants import Invariants
from psolink.validation.scope import Scope

SOUND = yaml.safe_load((Path(__file__).parent / "cases" / "sound.yaml").read_text())
LIMITS = JsonLimits()
INVARIANTS = Invariants(load_definitions())
NAMES = ("adverse-event", "patient", "observation", "medication-administration")


def microseconds(call: Callable[[], object]) -> float:
    return min(repeat(call, number=5, repeat=7)) / 5 * 1e6


def large_bundle() -> JsonObject:
    entries = [
        {"resource": SOUND[NAMES[n % 4]], "request": {"method": "POST", "url": "Basic"}}
        for n in range(200)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


@pytest.mark.bench
@pytest.mark.parametrize("name", ["AdverseEvent", "Bundle of 200"])
def test_speed_of_parsing_and_validation(name: str, validator: Validator, capsys):
    body = render(SOUND["adverse-event"] if name == "AdverseEvent" else large_bundle())
    resource = parse(body, limits=LIMITS)
    assert validator.validate(resource) == []
    floor = microseconds(lambda: msgspec.json.decode(body))
    parsing = microseconds(lambda: parse(body, limits=LIMITS))
    invariants = microseconds(lambda: INVARIANTS.check(resource, (None, name, None), Scope()))
    validation = microseconds(lambda: validator.validate(resource))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{name}, {len(body):,} bytes: bare reader {floor:.0f} us, "
            f"parse {parsing:.0f} us (x{parsing / floor:.1f}), "
            f"validate {validation:.0f} us (x{validation / floor:.1f}), "
            f"of which invariants {invariants:.0f} us (x{invariants / floor:.1f})\n"
        )
    assert parsing < 10 * floor
    assert validation < 60 * floor


@pytest.mark.bench
def test_speed_of_loading_the_definitions(capsys):
    loading = microseconds(load_definitions) / 1000
    with capsys.disabled():
        sys.stdout.write(f"\nload_definitions: {loading:.1f} ms\n")
    assert loading < 60
