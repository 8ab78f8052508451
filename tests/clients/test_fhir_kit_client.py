"""fhir-kit-client in Node, over a socket: https://github.com/Vermonster/fhir-kit-client

What it does is in `fhir_kit_client/interactions.test.mjs`.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

OLDEST_NODE = 20
SCRIPT = Path(__file__).parent / "fhir_kit_client"
TESTS = "interactions.test.mjs"
NO_REGISTRY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH")


def has_node():
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return int(version.stdout.lstrip("v").partition(".")[0]) >= OLDEST_NODE


pytestmark = [
    pytest.mark.http,
    pytest.mark.skipif(not has_node(), reason=f"Node {OLDEST_NODE} or later is not here"),
]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder with the script and the client in it, by the hashes of package-lock.json."""
    folder = tmp_path_factory.mktemp("node") / "package"
    shutil.copytree(SCRIPT, folder)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = run([*install, "--fetch-retries=0"], folder)
    if any(f"code {each}" in installed.stderr for each in NO_REGISTRY):
        pytest.skip("npm cannot reach a registry")
    assert installed.returncode == 0, installed.stderr
    return folder


def test_it_does_every_interaction(package, base, token):
    ran = run(["node", "--test", TESTS], package, FHIR_BASE=base, FHIR_TOKEN=token)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def run(command, folder, **environment):
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
