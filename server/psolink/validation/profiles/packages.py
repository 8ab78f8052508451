"""Read conformance resources: from files, folders, and packages as FHIR publishes them.

https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
"""

import tarfile
from collections.abc import Iterator
from pathlib import Path

from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse

_KINDS = ("StructureDefinition", "ValueSet", "CodeSystem")
_INNER = "package/"
_MAX_FILE = 20 * 1024 * 1024
_LIMITS = JsonLimits()


class PackageUnreadable(Exception):
    """A package is not there, or is no archive of JSON files."""


def read_resources(path: Path) -> Iterator[JsonObject]:
    """Yield the profiles, value sets and code systems in a folder or a package (tgz).

    The folder may be that of a package, whose resources lie in `package`.
    """
    if path.is_dir():
        inner = path / _INNER
        for file in sorted((inner if inner.is_dir() else path).glob("*.json")):
            yield from _kept(file.read_bytes())
    else:
        yield from _packed(path)


def check_package(path: Path) -> None:
    """Raise `PackageUnreadable` where there is no profile, value set or code system in it."""
    if next(read_resources(path), None) is None:
        raise PackageUnreadable(f"the package {path} has no profile, value set or code system")


def _packed(path: Path) -> Iterator[JsonObject]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                is_resource = member.name.startswith(_INNER) and member.name.endswith(".json")
                if member.isfile() and is_resource and member.size <= _MAX_FILE:
                    content = archive.extractfile(member)
                    yield from _kept(content.read() if content else b"")
    except (OSError, tarfile.TarError, EOFError) as error:
        raise PackageUnreadable(f"cannot read the package {path}: {error}") from error


def _kept(body: bytes) -> Iterator[JsonObject]:
    try:
        resource = parse(body, limits=_LIMITS)
    except FhirError:
        return  # A package has other JSON too, such as its manifest.
    if resource.get("resourceType") in _KINDS:
        yield resource
