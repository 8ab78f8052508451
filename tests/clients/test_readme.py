"""The commands of README.md that talk to a server work as they stand there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]
FIRST = "    TOKEN="

PORT_8080 = "http://127.0.0.1:8080"

pytestmark = [
    pytest.mark.http,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here"),
]


def shell_commands():
    """The indented lines from the one that sets TOKEN to the next paragraph."""
    lines = (ROOT / "README.md").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(FIRST))
    rest = lines[start:]
    end = next(n for n, line in enumerate(rest) if line and not line.startswith("    "))
    return "\n".join(line.removeprefix("    ") for line in rest[:end])


def test_the_commands_of_the_readme_work(server, token):
    script = shell_commands().replace(PORT_8080, server.base)
    script = script.replace("psolink load", f"psolink load --base {server.base}/fhir")
    script = script.replace("psolink-data", str(server.data))
    script = script.replace(".venv/bin", str(Path(sys.executable).parent)).replace(
        "curl", "curl -f"
    )
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "AdverseEvent-as-sent.json: valid" in ran.stdout
    headers = {"Authorization": f"Bearer {token}"}
    found = requests.get(f"{server.base}/fhir/AdverseEvent", headers=headers, timeout=60).json()
    assert found["total"] >= 2
