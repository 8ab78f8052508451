"""The permission catalogue, from `permissions.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, fields, validate

from psolink.artifacts import artifact_dir

ANY = "any"
"""Stands for every role."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission. Without `requires` it is not in force, and every request for it is denied.

    `requires` names rules of `psolink.pswp.rules`, in the order in which they are tried.
    """

    code: str
    cite: str
    policy: str
    disclosers: tuple[str, ...]
    recipients: tuple[str, ...]
    transform: str
    ends: tuple[str, ...]
    purposes: tuple[str, ...]
    requires: tuple[str, ...]
    obligations: tuple[str, ...]

    @property
    def is_in_force(self) -> bool:
        """True where a request for it can be permitted."""
        return bool(self.requires)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The permissions by code, and how long a delisted PSO's data keeps its status."""

    permissions: Mapping[str, Permission]
    delisted_data_days: int


def _names(*, allowed: tuple[str, ...] = (), required: bool = False) -> fields.List[str]:
    validator = validate.OneOf(allowed) if allowed else validate.Length(min=1)
    name = fields.String(validate=validator)
    if required:
        return fields.List(name, required=True)
    return fields.List(name, load_default=[])


class _PermissionSchema(Schema):
    cite = fields.String(required=True)
    policy = fields.Url(required=True)
    disclosers = _names(required=True)
    recipients = _names(required=True)
    transform = fields.String(
        validate=validate.OneOf(["none", "anon", "nonid"]), load_default="none"
    )
    ends = _names(allowed=("privilege", "confidentiality"))
    purposes = _names()
    requires = _names()
    obligations = _names()


class _FileSchema(Schema):
    delisted_data_days = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    permissions = fields.Dict(
        keys=fields.String(), values=fields.Nested(_PermissionSchema), required=True
    )


def load(path: Path) -> Catalogue:
    """Return the catalogue in a file; raise `ValidationError` where the file is not as it should be."""
    file = _FileSchema().load(yaml.safe_load(path.read_text("utf-8")))
    return Catalogue(
        {code: _permission(code, entry) for code, entry in file["permissions"].items()},
        file["delisted_data_days"],
    )


@cache
def shipped() -> Catalogue:
    """Return the catalogue that ships with the server."""
    return load(artifact_dir("profiles") / "psolink" / "permissions.yaml")


def _permission(code: str, entry: Mapping[str, Any]) -> Permission:
    frozen: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
    }
    return Permission(code=code, **frozen)
