"""How long XML takes to read and to write, as multiples of what lxml needs to parse it.

The figures go to server/docs/performance.md; run with `make bench`.
"""

import gc
import sys
from time import process_time
from timeit import timeit

import pytest
from lxml import etree

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.formats import json_codec
from psolink.formats.json_codec import JsonLimits
from psolink.formats.xml_codec import XmlCodec

pytestmark = pytest.mark.bench

LIMITS = JsonLimits()
CODEC = XmlCodec(load_definitions())
EXAMPLE = artifact_dir("profiles") / "psolink" / "examples" / "Bundle-hospital-event.json"
TARGET = 10
JSON_BYTES = 180_000
ROUNDS = 15


def transaction(entries: int) -> JsonObject:
    """Return the published Bundle with so many entries, its own in turn."""
    bundle = json_codec.parse(EXAMPLE.read_bytes(), limits=LIMITS)
    given = bundle["entry"]
    return bundle | {"entry": [given[n % len(given)] for n in range(entries)]}


def sized_transaction() -> JsonObject:
    """Return a hundred entries that are 184 KB as JSON, with extensions to make up for the rest."""
    bundle = transaction(100)
    bare = len(json_codec.render(bundle))
    per_entry = (JSON_BYTES - bare) // 100
    filling = [
        {"url": f"urn:bench:{n}", "valueString": "x" * 20} for n in range(per_entry // 61 + 1)
    ]
    for entry in bundle["entry"]:
        entry["resource"] = entry["resource"] | {"extension": filling}
    return bundle


def milliseconds(call) -> float:
    # Of the processor, whatever else the machine does; with the garbage collector, which timeit
    # turns off, because the server runs with it.
    return timeit(call, gc.enable, process_time, number=1) * 1000


def measure(name: str, bundle: JsonObject) -> tuple[float, float]:
    body = CODEC.render(bundle)
    assert CODEC.parse(body, limits=LIMITS) == bundle
    calls = (
        lambda: etree.fromstring(body),
        lambda: CODEC.parse(body, limits=LIMITS),
        lambda: CODEC.render(bundle),
    )
    rounds = [[milliseconds(call) for call in calls] for _ in range(ROUNDS)]
    floor, reading, writing = map(min, zip(*rounds, strict=True))
    sys.stdout.write(
        f"\n{name}: JSON {len(json_codec.render(bundle)):,} bytes, XML {len(body):,} bytes, "
        f"lxml {floor:.2f} ms, read {reading:.2f} ms (x{reading / floor:.1f}), "
        f"write {writing:.2f} ms (x{writing / floor:.1f})"
    )
    return reading / floor, writing / floor


def test_xml_of_a_bundle_of_100_entries(capsys):
    with capsys.disabled():
        reading, writing = measure("transaction of 100", sized_transaction())
    assert reading < TARGET
    assert writing < TARGET


def test_cost_grows_with_the_number_of_entries(capsys):
    with capsys.disabled():
        ratios = [measure(f"{n} entries", transaction(n)) for n in (50, 200, 800, 2000)]
    assert max(reading for reading, _ in ratios) < TARGET
    assert max(writing for _, writing in ratios) < TARGET
