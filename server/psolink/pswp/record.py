"""The PSWP record in meta.extension: what is on record about the standing of a resource.

StructureDefinition/pswp-record. It lies in meta, so that a resource is outside meta as it was sent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import party

URL = f"{CANONICAL}/StructureDefinition/pswp-record"
_DESIGNATION = f"{CANONICAL}/CodeSystem/pswp-designation"


@dataclass(frozen=True, slots=True)
class PswpRecord:
    """The record; designation and organizations by their codes and ids, the rest as FHIR has it."""

    designation: str | None = None
    pathway: str | None = None
    lifecycle: str | None = None
    provider: str | None = None
    pses: JsonObject | None = None
    pses_entry_date: str | None = None
    purposes_of_creation: tuple[str, ...] = ()
    copies_of: tuple[JsonObject, ...] = ()
    identified_providers: tuple[JsonObject, ...] = ()
    reported_to: tuple[str, ...] = ()
    reported_at: str | None = None
    report_mode: str | None = None
    receipt: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of sub-extension. `set_by` says what sets it; None: the owner of the resource.

    `read` returns the Python value of the element `value`, None where it is not of the part.
    """

    name: str
    attribute: str
    value: str
    set_by: str | None
    repeats: bool
    read: Callable[[object], Any]
    write: Callable[[Any], Any]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _element(value: object) -> JsonObject | None:
    return value if isinstance(value, dict) else None


def _code(value: object) -> str | None:
    match value:
        case {"system": system, "code": str(code)} if system == _DESIGNATION:
            return code
    return None


def _coding(code: str) -> JsonObject:
    return {"system": _DESIGNATION, "code": code}


def _as_is(value: object) -> object:
    return value


def _server(name: str, attribute: str, value: str, set_by: str) -> Part:
    read = _element if value == "valueIdentifier" else _text
    return Part(name, attribute, value, set_by, repeats=False, read=read, write=_as_is)


def _owner(name: str, attribute: str, value: str, *, repeats: bool = False) -> Part:
    read = _text if value == "valueCode" else _element
    return Part(name, attribute, value, None, repeats=repeats, read=read, write=_as_is)


def _organization(name: str, attribute: str, set_by: str, *, repeats: bool = False) -> Part:
    return Part(
        name,
        attribute,
        "valueReference",
        set_by,
        repeats=repeats,
        read=party.referred,
        write=party.reference,
    )


_STAMP, _REPORT = "the server, when the resource is created", "the operation $pswp-report"

_PARTS = (
    Part(
        "designation",
        "designation",
        "valueCoding",
        _STAMP,
        repeats=False,
        read=_code,
        write=_coding,
    ),
    _server("pathway", "pathway", "valueCode", _STAMP),
    _server("lifecycle", "lifecycle", "valueCode", "the operations on the item"),
    _organization("provider", "provider", _STAMP),
    _owner("pses", "pses", "valueIdentifier"),
    _server("psesEntryDate", "pses_entry_date", "valueDateTime", _STAMP),
    _owner("purposeOfCreation", "purposes_of_creation", "valueCode", repeats=True),
    _owner("copyOf", "copies_of", "valueReference", repeats=True),
    _owner("identifiedProvider", "identified_providers", "valueReference", repeats=True),
    _organization("reportedTo", "reported_to", _REPORT, repeats=True),
    _server("reportedAt", "reported_at", "valueDateTime", _REPORT),
    _server("reportMode", "report_mode", "valueCode", _REPORT),
    _server("receipt", "receipt", "valueIdentifier", _REPORT),
)

PARTS: Mapping[str, Part] = MappingProxyType({part.name: part for part in _PARTS})


def extensions(resource: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    """Yield the PSWP records of a resource with their positions in meta.extension."""
    match resource:
        case {"meta": {"extension": [*found]}}:
            for at, each in enumerate(found):
                if isinstance(each, dict) and each.get("url") == URL:
                    yield at, each


def sub_extensions(extension: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    """Yield the sub-extensions of a record with their positions."""
    found = extension.get("extension")
    for at, each in enumerate(found if isinstance(found, list) else ()):
        if isinstance(each, dict):
            yield at, each


def part_of(sub_extension: JsonObject) -> Part | None:
    """Return the part that a sub-extension is named for; None where there is none."""
    url = sub_extension.get("url")
    return PARTS.get(url) if isinstance(url, str) else None


def read(resource: JsonObject) -> PswpRecord | None:
    """Return the record of a resource; None where it has none."""
    for _, extension in extensions(resource):
        return _read(extension)
    return None


def with_record(resource: JsonObject, record: PswpRecord) -> JsonObject:
    """Return the resource with this record, after the other extensions of its meta."""
    meta = resource.get("meta", {})
    ours = [at for at, _ in extensions(resource)]
    kept = [each for at, each in enumerate(meta.get("extension", ())) if at not in ours]
    return resource | {"meta": meta | {"extension": [*kept, to_extension(record)]}}


def to_extension(record: PswpRecord) -> JsonObject:
    """Return the record as an extension."""
    return {
        "url": URL,
        "extension": [
            {"url": part.name, part.value: part.write(value)}
            for part in _PARTS
            for value in values(record, part)
        ],
    }


def values(record: PswpRecord, part: Part) -> tuple[Any, ...]:
    """Return what the record has of a part."""
    found = getattr(record, part.attribute)
    if part.repeats:
        return tuple(found)
    return () if found is None else (found,)


def merged(managed: PswpRecord, sent: PswpRecord | None) -> PswpRecord:
    """Return `managed` with the owner's parts as they were sent; all of it where none was sent."""
    if sent is None:
        return managed
    owned = {part.attribute: getattr(sent, part.attribute) for part in _PARTS if not part.set_by}
    return replace(managed, **owned)


def _read(extension: JsonObject) -> PswpRecord:
    found: dict[str, Any] = {}
    for _, each in sub_extensions(extension):
        part = part_of(each)
        value = part.read(each.get(part.value)) if part else None
        if part is None or value is None:
            continue
        if part.repeats:
            found[part.attribute] = (*found.get(part.attribute, ()), value)
        else:
            found.setdefault(part.attribute, value)
    return PswpRecord(**found)
