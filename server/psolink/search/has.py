"""Reverse chains: criteria on what refers to a resource, `_has:Observation:patient:code=1234`.

https://hl7.org/fhir/R4/search.html#has
"""

from collections.abc import Iterable

from psolink.fhir_json import JsonObject
from psolink.search.conditions import any_of, one_of
from psolink.search.criterion import Criterion, NotSupported
from psolink.search.holding import held_by
from psolink.search.lookup import MAX_FOUND, Reads, Referred, bounded

HAS = "_has"
_FORM = (
    "_has:Type:reference:parameter=value is expected, such as _has:Observation:patient:code=1234"
)


def read_has(reader: Reads, resource_type: str, name: str, value: str) -> Criterion:
    """Return the criterion of a reverse chain."""
    parts = name.split(":", 3)
    if len(parts) < len((HAS, "Type", "reference", "parameter")):
        raise NotSupported(f"{_FORM}; found {name[:64]!r}.")
    _, source, code, rest = parts
    if source not in reader.parameters.resource_types:
        raise NotSupported(f"{source[:64]!r} is no resource type of FHIR R4; {_FORM}.")
    parameter = reader.parameter(source, code)
    if parameter.type != "reference":
        raise NotSupported(f"{code!r} of {source} is of type {parameter.type} and no reference.")
    if parameter.targets and resource_type not in parameter.targets:
        raise NotSupported(
            f"{code!r} of {source} does not refer to {resource_type}, "
            f"but to {', '.join(parameter.targets)}."
        )
    inner = reader.read(source, rest, value)
    query = {"type": source} | inner.condition
    found = bounded(reader.lookup.referred(source, query, parameter.key, limit=MAX_FOUND + 1), name)
    referred = [each for each in found if each.type == resource_type]
    looked_at = {*inner.inner, (source, parameter.key)}
    if inner.indexed is not None:
        looked_at.add((source, inner.indexed))
    return Criterion(
        name=f"{HAS}:{source}:{code}:{inner.name}",
        value=inner.value,
        condition=_referred_to(referred),
        indexed=None,
        inner=tuple(sorted(looked_at)),
    )


def _referred_to(referred: Iterable[Referred]) -> JsonObject:
    """Return the condition that a resource is what one of the references means."""
    by_tenant: dict[str, list[str]] = {}
    for each in referred:
        by_tenant.setdefault(each.tenant, []).append(each.id)
    if not by_tenant:
        return {"id": {"$in": []}}
    return any_of([{"id": one_of(ids)} | held_by(by) for by, ids in sorted(by_tenant.items())])
