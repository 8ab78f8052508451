"""How long the engine takes to be there, and how much memory, in a process of its own.

The figures go to server/docs/performance.md; run with `make bench`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench

MOST_MILLISECONDS = 150
MOST_MEGABYTES = 40
ROUNDS = 8
PROGRAM = """
import json, resource, time
def used():
    # Not the maximum, which a process inherits from its parent.
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * resource.getpagesize() / 2**20
before, began = used(), time.process_time()
{imported}
print(json.dumps([(time.process_time() - began) * 1000, used() - before]))
"""
ENGINE = """
import psolink.fhirpath, psolink.validation
from psolink.definitions import load_definitions
from psolink.fhirpath import Compiler
definitions = load_definitions()
psolink.validation.Validator(definitions)
Compiler(definitions).compile("name.given")
"""
FLOOR = "import lxml.etree, msgspec"


def measured(imported: str, bytecode: Path) -> tuple[float, float]:
    """Return the least milliseconds of the processor, and megabytes, of several processes."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", PROGRAM.format(imported=imported)]
    # The first run compiles to bytecode, which an installation has.
    runs = [
        json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
        for _ in range(ROUNDS)
    ][1:]
    return min(each[0] for each in runs), min(each[1] for each in runs)


def test_the_engine_is_there_in_a_moment(capsys, tmp_path):
    milliseconds, megabytes = measured(ENGINE, tmp_path)
    floor, floor_megabytes = measured(FLOOR, tmp_path)
    with capsys.disabled():
        sys.stdout.write(
            f"\nengine (FHIRPath, validation, definitions): {milliseconds:.0f} ms, "
            f"{megabytes:.1f} MB; x{milliseconds / floor:.1f} and x{megabytes / floor_megabytes:.1f} "
            f"of its libraries alone ({floor:.0f} ms, {floor_megabytes:.1f} MB)"
        )
    assert milliseconds < MOST_MILLISECONDS
    assert megabytes < MOST_MEGABYTES
