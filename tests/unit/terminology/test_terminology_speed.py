"""How long terminology takes; run with `make bench`."""

import subprocess
import sys
import timeit

import pytest

from psolink.definitions import load_definitions
from psolink.terminology import Coding, CoreResources, Terminology

pytestmark = pytest.mark.bench

GENDER = "http://hl7.org/fhir/administrative-gender"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
REASONS = "http://terminology.hl7.org/ValueSet/v3-PurposeOfUse"
MEMBER_SECONDS = 2e-6
FIRST_ANSWER_SECONDS = 0.150


def test_a_member_is_told_in_two_microseconds():
    terminology = Terminology.load()
    terminology.member(GENDERS, GENDER, "male")
    runs = timeit.repeat(
        lambda: terminology.member(GENDERS, GENDER, "male"), number=100_000, repeat=5
    )
    sys.stdout.write(f"\nmember, cached: {min(runs) * 10:.2f} us\n")
    assert min(runs) / 100_000 < MEMBER_SECONDS


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param("expand('http://terminology.hl7.org/ValueSet/v3-PurposeOfUse')", id="expand"),
        pytest.param(f"lookup('{GENDER}', 'male')", id="lookup"),
        pytest.param(f"member('{GENDERS}', '{GENDER}', 'male')", id="member"),
        pytest.param(f"translate([Coding('male', '{GENDER}')])", id="translate"),
    ],
)
def test_the_first_answer_of_a_process_comes_soon(ask):
    script = (
        "import time; from psolink.terminology import Coding, Terminology; "
        "start = time.perf_counter(); "
        f"Terminology.load().{ask}; print(time.perf_counter() - start)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    seconds = float(run.stdout)
    sys.stdout.write(f"\nload and first {ask.partition('(')[0]}: {seconds * 1000:.1f} ms\n")
    assert seconds < FIRST_ANSWER_SECONDS


def test_every_value_set_of_r4_is_composed():
    terminology = Terminology.load()
    urls = [each["url"] for each in CoreResources(load_definitions()).all("ValueSet")]
    seconds = timeit.timeit(
        lambda: [terminology.composer.by_url(canonical) for canonical in urls], number=1
    )
    sys.stdout.write(f"\nall {len(urls)} value sets: {seconds:.2f} s\n")
    assert seconds < 5


def test_a_code_is_validated():
    terminology = Terminology.load()
    coding = [Coding("TREAT", "http://terminology.hl7.org/CodeSystem/v3-ActReason", "treatment")]
    validate = timeit.timeit(
        lambda: terminology.validate_code(coding, value_set=REASONS), number=1_000
    )
    sys.stdout.write(f"\nvalidate_code: {validate * 1000:.0f} us\n")
    assert validate < 1
