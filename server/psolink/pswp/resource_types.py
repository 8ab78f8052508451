"""Which resource types can be patient safety work product, from `resource-types.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from marshmallow import Schema, fields, validate

from psolink.artifacts import artifact_dir


@dataclass(frozen=True, slots=True)
class ResourceTypes:
    """The groups of types; a type in none of them cannot be work product.

    `original` maps each type of original records to the exclusion that it falls under.
    """

    always: frozenset[str]
    companion: frozenset[str]
    original: Mapping[str, str]

    def is_always(self, resource_type: str) -> bool:
        """Tell whether the type is treated as work product even without a designation."""
        return resource_type in self.always

    def can_be_pswp(self, resource_type: str) -> bool:
        """Tell whether a resource of the type may be designated as work product."""
        return resource_type in self.always or resource_type in self.companion

    def exclusion(self, resource_type: str) -> str | None:
        """Return the exclusion of a type of original records; None for other types."""
        return self.original.get(resource_type)


def _names() -> fields.List[str]:
    return fields.List(fields.String(validate=validate.Regexp("^[A-Z][A-Za-z]+$")), required=True)


class _FileSchema(Schema):
    always = _names()
    companion = _names()
    original = fields.Dict(
        keys=fields.String(validate=validate.OneOf(["NX-CHART", "NX-BILL"])),
        values=_names(),
        required=True,
    )


def load(path: Path) -> ResourceTypes:
    """Return the groups in a file; raise `ValidationError` where the file is not as it should be."""
    file = _FileSchema().load(yaml.safe_load(path.read_text("utf-8")))
    return ResourceTypes(
        always=frozenset(file["always"]),
        companion=frozenset(file["companion"]),
        original={name: code for code, names in file["original"].items() for name in names},
    )


@cache
def shipped() -> ResourceTypes:
    """Return the groups that ship with the server."""
    return load(artifact_dir("profiles") / "psolink" / "resource-types.yaml")
