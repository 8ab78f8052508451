"""The terminology of R4 core, read when it is asked for: a row at a time, from files of rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from psolink.artifacts import artifact_dir
from psolink.definitions import DefinitionsMissing
from psolink.fhir_json import JsonObject

_FILES = {
    "CodeSystem": "code_systems.json",
    "ValueSet": "value_sets.json",
    "ConceptMap": "concept_maps.json",
    "NamingSystem": "naming_systems.json",
}
_ROWS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROW = msgspec.json.Decoder(JsonObject)

Row = msgspec.Raw


class _Head(msgspec.Struct):
    id: str


_HEAD = msgspec.json.Decoder(_Head)


class TerminologyTables:
    """The rows of `profiles/r4/terminology`; a file is read once, when something is asked of it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or artifact_dir("profiles") / "r4" / "terminology"
        self._files: dict[str, Mapping[str, Row]] = {}

    def rows(self, resource_type: str) -> Mapping[str, Row]:
        """Return the rows of a type by canonical URL; naming systems by id."""
        found = self._files.get(resource_type)
        if found is None:
            found = self._files[resource_type] = self._read(_FILES[resource_type])
        return found

    def resources(self, resource_type: str) -> Iterator[JsonObject]:
        """Yield the resources of a type, without the texts that the tables leave out."""
        for key in self.rows(resource_type):
            yield self.resource(resource_type, key)

    def resource(self, resource_type: str, key: str) -> JsonObject:
        """Return the resource in the row with this key."""
        return {"resourceType": resource_type} | _ROW.decode(self.rows(resource_type)[key])

    def keys_by_id(self, resource_type: str) -> Mapping[str, str]:
        """Return the keys of the rows by the logical id of their resource."""
        rows = self.rows(resource_type)
        return {_HEAD.decode(row).id: key for key, row in rows.items()}

    def _read(self, name: str) -> Mapping[str, Row]:
        path = self._folder / name
        try:
            return _ROWS.decode(path.read_bytes())
        except (OSError, msgspec.MsgspecError) as error:
            advice = "make it with `psolink definitions build`"
            raise DefinitionsMissing(f"cannot read the table {path}: {error}; {advice}") from error
