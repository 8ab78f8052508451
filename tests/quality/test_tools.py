"""The tools that judge the code, as tests."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check"], id="lint"),
        pytest.param(["ruff", "format", "--check"], id="format"),
        pytest.param(["mypy"], id="types of the package"),
        pytest.param(["mypy", "tests"], id="types of the tests"),
        pytest.param(["lint-imports"], id="layers"),
    ],
)
def test_tool(command):
    tool = Path(sys.executable).parent / command[0]
    run = subprocess.run(
        [tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
