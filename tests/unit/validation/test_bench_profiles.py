"""How long a profile takes on top of the base rules, as a multiple of the bare JSON reader."""

import sys
from timeit import repeat

import msgspec
import pytest

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL
from psolink.validation.profiles import Profiles, read_resources

FOLDER = artifact_dir("profiles") / "psolink"
URL = f"{CANONICAL}/StructureDefinition/pswp-adverse-event"


@pytest.mark.bench
def test_speed_of_our_profile(capsys):
    profiles = Profiles(load_definitions(), read_resources(FOLDER))
    body = (FOLDER / "examples" / "AdverseEvent-as-returned.json").read_bytes()
    event = msgspec.json.decode(body)
    floor = min(repeat(lambda: msgspec.json.decode(body), number=20, repeat=7)) / 20 * 1e6
    judging = min(repeat(lambda: profiles.validate(event, URL), number=20, repeat=7)) / 20 * 1e6
    with capsys.disabled():
        sys.stdout.write(
            f"\nprofile of {len(body):,} bytes: bare reader {floor:.0f} us, "
            f"profile {judging:.0f} us (x{judging / floor:.1f})\n"
        )
    assert judging < 300 * floor
