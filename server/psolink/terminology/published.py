"""The definitions that every client may read: those of R4 core, and those of this project.

https://hl7.org/fhir/R4/conformance-module.html
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from psolink import __version__
from psolink.artifacts import artifact_dir
from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse
from psolink.terminology.core_resources import CoreResources

_OWN_FOLDERS = ("psolink", "common-formats")
_CORE_FOLDER = "r4"


class PublishedResources:
    """Definitions by type. `release` changes whenever one of them may have changed."""

    def __init__(self, definitions: Definitions) -> None:
        self._core = CoreResources(definitions)
        self._own: dict[str, list[JsonObject]] = {}
        for each in map(_parsed, _own_files()):
            self._own.setdefault(each["resourceType"], []).append(each)

    @property
    def resource_types(self) -> frozenset[str]:
        """The types that there are definitions of."""
        return frozenset((*self._core.resource_types, *self._own))

    def all(self, resource_type: str) -> Iterator[JsonObject]:
        """Yield every definition of a type."""
        if resource_type in self._core.resource_types:
            yield from self._core.all(resource_type)
        yield from self._own.get(resource_type, ())

    @property
    def count(self) -> int:
        """How many definitions there are."""
        core = sum(self._core.count(each) for each in self._core.resource_types)
        return core + sum(len(each) for each in self._own.values())

    @property
    def release(self) -> str:
        """A digest of the release and of every file that definitions are made from."""
        digest = sha256(__version__.encode())
        core = artifact_dir("profiles") / _CORE_FOLDER
        for path in (*sorted(core.rglob("*.json*")), *_own_files()):
            digest.update(path.read_bytes())
        return digest.hexdigest()


def _own_files() -> list[Path]:
    folder = artifact_dir("profiles")
    return [path for name in _OWN_FOLDERS for path in sorted((folder / name).glob("*.json"))]


def _parsed(path: Path) -> JsonObject:
    return parse(path.read_bytes(), limits=JsonLimits())
