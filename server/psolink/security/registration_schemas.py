"""The shapes of what an operator registers, in the file and in the store alike."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, missing, post_load, validates_schema
from marshmallow.validate import Length, Regexp

from psolink.security.client_keys import key_faults
from psolink.security.principal import CONFIDENTIALITY, OrganizationKind, Role
from psolink.security.registry import (
    ID_FORM,
    Client,
    Contract,
    Listing,
    Organization,
    Registration,
)
from psolink.security.scopes import InvalidScope, Scopes
from psolink.settings import ReferentialIntegrity

T = TypeVar("T")

_LEVELS = list(CONFIDENTIALITY)
_ROLES = [str(role) for role in Role]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ID = Regexp(rf"{ID_FORM}\Z", error="an id has 1 to 64 characters: small letters, digits, hyphens")


class _Converted(fields.Field[T]):
    """A field that two plain functions read and write."""

    def __init__(
        self,
        read: Callable[[object], T],
        write: Callable[[T], object],
        *,
        required: bool = False,
        load_default: object = missing,
        data_key: str | None = None,
    ) -> None:
        super().__init__(required=required, load_default=load_default, data_key=data_key)
        self._read = read
        self._write = write

    def _deserialize(self, value: object, *_: object, **__: object) -> T:
        return self._read(value)

    def _serialize(self, value: T | None, *_: object, **__: object) -> object:
        return None if value is None else self._write(value)


def _read_instant(value: object) -> datetime:
    """Return the moment; a date means its first moment in UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValidationError("a date such as 2026-01-31 or a moment is expected") from None
    if moment.tzinfo is None and len(str(value)) > len("2026-01-31"):
        raise ValidationError("a moment needs an offset, as in 2026-01-31T12:00:00Z")
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _read_scopes(value: object) -> Scopes:
    if not isinstance(value, list) or not value:
        raise ValidationError("a list of scopes such as system/AdverseEvent.rs is expected")
    granted = Scopes()
    faults: dict[int, list[str]] = {}
    for position, scope in enumerate(value):
        try:
            granted |= Scopes.parse(str(scope))
        except InvalidScope as fault:
            faults[position] = [str(fault)]
    if faults:
        raise ValidationError(faults)
    return granted


def _read_level(value: object) -> int:
    if value not in _LEVELS:
        raise ValidationError(f"one of the codes {', '.join(_LEVELS)} is expected")
    return _LEVELS.index(str(value))


def _read_roles(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(role in _ROLES for role in value):
        raise ValidationError(f"a list of roles is expected; there are {', '.join(_ROLES)}")
    return frozenset(value)


def _check_keys(jwks: object) -> None:
    faults: dict[str | int, Any] = {}
    for path, text in key_faults(jwks):
        place = faults
        for part in path:
            place = place.setdefault(part, {})
        place.setdefault("_schema", []).append(text)
    if faults:
        raise ValidationError(faults)


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if not parts.hostname or parts.username or parts.fragment:
        raise ValidationError("an https URL without user name and fragment is expected")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValidationError("the scheme must be https; http is for the loopback only")


class ListingSchema(Schema):
    """The listing of a PSO."""

    listed_from = _Converted(_read_instant, datetime.isoformat, required=True)
    delisted_at = _Converted(_read_instant, datetime.isoformat, load_default=None)

    @validates_schema
    def _check_order(self, data: Mapping[str, Any], **_: object) -> None:
        if data["delisted_at"] and data["delisted_at"] <= data["listed_from"]:
            raise ValidationError("must be after listed_from", "delisted_at")

    @post_load
    def _made(self, data: Mapping[str, Any], **_: object) -> Listing:
        return Listing(**data)


class OrganizationSchema(Schema):
    """An organization."""

    id = fields.String(required=True, validate=_ID)
    name = fields.String(required=True, validate=Length(1, 200))
    kind = fields.Enum(OrganizationKind, by_value=True, required=True)
    listing = fields.Nested(ListingSchema, load_default=None)
    referential_integrity = fields.Enum(ReferentialIntegrity, by_value=True, load_default=None)

    @validates_schema
    def _check_listing(self, data: Mapping[str, Any], **_: object) -> None:
        if data["listing"] and data["kind"] is not OrganizationKind.PSO:
            raise ValidationError("only an organization of kind pso has a listing", "listing")

    @post_load
    def _made(self, data: Mapping[str, Any], **_: object) -> Organization:
        return Organization(**data)


class ContractSchema(Schema):
    """A contract of a provider with a PSO."""

    id = fields.String(required=True, validate=_ID)
    provider = fields.String(required=True, validate=_ID)
    pso = fields.String(required=True, validate=_ID)
    start = _Converted(_read_instant, datetime.isoformat, required=True, data_key="from")
    end = _Converted(_read_instant, datetime.isoformat, load_default=None, data_key="to")
    active = fields.Boolean(load_default=True)
    functional = fields.Boolean(load_default=False)

    @validates_schema
    def _check_period(self, data: Mapping[str, Any], **_: object) -> None:
        if data["end"] and data["end"] <= data["start"]:
            raise ValidationError("must be after from", "to")

    @post_load
    def _made(self, data: Mapping[str, Any], **_: object) -> Contract:
        return Contract(**data)


class ClientSchema(Schema):
    """A client of an organization."""

    client_id = fields.String(required=True, validate=_ID)
    organization = fields.String(required=True, validate=_ID)
    scopes = _Converted(_read_scopes, lambda scopes: str(scopes).split(), required=True)
    level = _Converted(_read_level, CONFIDENTIALITY.__getitem__, required=True)
    roles = _Converted(_read_roles, sorted, load_default=frozenset())
    jwks = fields.Raw(load_default=None, validate=_check_keys)
    jwks_uri = fields.String(load_default=None, validate=_check_address)
    active = fields.Boolean(load_default=True)

    @validates_schema
    def _check_keys_are_given_once(self, data: Mapping[str, Any], **_: object) -> None:
        if (data["jwks"] is None) == (data["jwks_uri"] is None):
            raise ValidationError("either jwks or jwks_uri is required, and not both")

    @post_load
    def _made(self, data: Mapping[str, Any], **_: object) -> Client:
        return Client(**data)


class RegistrationSchema(Schema):
    """The whole file."""

    organizations = fields.List(fields.Nested(OrganizationSchema), load_default=list)
    contracts = fields.List(fields.Nested(ContractSchema), load_default=list)
    clients = fields.List(fields.Nested(ClientSchema), load_default=list)

    @post_load
    def _made(self, data: Mapping[str, Any], **_: object) -> Registration:
        return Registration(**{name: tuple(entries) for name, entries in data.items()})
