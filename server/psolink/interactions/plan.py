"""Decide what each entry of a transaction writes, with every reference resolved.

https://hl7.org/fhir/R4/http.html#trules
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from psolink.definitions.literal_references import literal_references
from psolink.errors import PreconditionFailed, TooCostly, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions import conditional_create
from psolink.interactions.conditional_update import put_on
from psolink.interactions.context import Context
from psolink.interactions.delete import delete_of
from psolink.interactions.entries import Entry
from psolink.interactions.identities import Identity, identities
from psolink.interactions.references import (
    Assigned,
    is_conditional,
    rewriting_at,
    rewritten,
)
from psolink.interactions.save import new_put
from psolink.store.values import Stored, Write

MAX_CONDITIONAL_REFERENCES = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """What one entry comes to: its writes, or the version that is there already."""

    entry: Entry
    current: Stored | None = None
    writes: tuple[Write, ...] = ()


def plan(ctx: Context, entries: Sequence[Entry]) -> list[Step]:
    """Return one step for each entry; raise where the entries contradict each other or the store."""
    found = identities(ctx, entries)
    assigned = {
        each.entry.full_url: Assigned(each.reference, _version_after(each))
        for each in found
        if each.entry.full_url and each.reference
    }
    return _steps(ctx, found, assigned | _conditional_references(ctx, found))


def _version_after(identity: Identity) -> int:
    before = identity.current.version if identity.current else 0
    return before + (identity.content is not None)


def _steps(ctx: Context, found: Sequence[Identity], assigned: Mapping[str, Assigned]) -> list[Step]:
    """Return the steps with their writes; raise with what all of them break together."""
    done, broken = [], []
    for each in found:
        try:
            done.append(_step(ctx, each, assigned))
        except Unprocessable as error:
            broken += error.issues
    if broken:
        raise Unprocessable.of(broken)
    return done


def _step(ctx: Context, identity: Identity, assigned: Mapping[str, Assigned]) -> Step:
    entry = identity.entry
    ctx.require_time(at=entry.at)
    if entry.method == "DELETE":
        alive = [each for each in identity.deletes if each.resource is not None]
        return Step(
            entry,
            identity.deletes[0] if len(identity.deletes) == 1 else None,
            tuple(delete_of(ctx, each) for each in alive),
        )
    if identity.content is None or identity.target is None:
        return Step(entry, identity.current)
    rewriting = rewriting_at(entry.full_url, assigned)
    resource = rewritten(ctx.services.definitions, identity.content, rewriting)
    return Step(entry, identity.current, (_write(ctx, identity, resource),))


def _write(ctx: Context, identity: Identity, resource: JsonObject) -> Write:
    entry, target = identity.entry, identity.target
    if target is None:
        raise ValueError("what is written has a target")
    resource, at = resource | {"id": target.id}, entry.resource_at
    if entry.method == "POST":
        now = ctx.services.now()
        return new_put(ctx, resource, now=now, reservations=target.reservations, at=at)
    return put_on(ctx, target, resource, condition=entry.condition, at=at)


def _conditional_references(ctx: Context, found: Sequence[Identity]) -> dict[str, Assigned]:
    """Return what each conditional reference, such as `Patient?identifier=a|1`, stands for."""
    resolution = _Resolution(ctx, found)
    for each in found:
        for _, reference in literal_references(ctx.services.definitions.types, each.content or {}):
            if is_conditional(reference):
                resolution.resolve(reference, at=each.entry.resource_at)
    return resolution.resolved


class _Resolution:
    """Looks each conditional reference up once, and sees what the transaction itself is about."""

    def __init__(self, ctx: Context, found: Sequence[Identity]) -> None:
        self._ctx = ctx
        self._found = found
        self._gone = {each.key for identity in found for each in identity.deletes}
        self._conditions: dict[str, Assigned] | None = None
        self.resolved: dict[str, Assigned] = {}

    def resolve(self, reference: str, *, at: str) -> None:
        """Note what `reference` stands for; raise where that is not exactly one resource."""
        if reference in self.resolved:
            return
        if len(self.resolved) >= MAX_CONDITIONAL_REFERENCES:
            raise TooCostly(
                f"A transaction may have {MAX_CONDITIONAL_REFERENCES} different conditional "
                "references; send it in parts.",
                at,
            )
        resource_type, _, query = reference.partition("?")
        self._ctx.require_type(resource_type, at=at)
        pairs = parse_qsl(query, keep_blank_values=True)
        own = self._of_entries().get(self._key(resource_type, pairs))
        self.resolved[reference] = own or self._the_one(resource_type, pairs, at=at)

    def _of_entries(self) -> dict[str, Assigned]:
        """Return what the entries create or find, by the conditions that they have themselves."""
        if self._conditions is None:
            self._conditions = {
                self._key(each.entry.resource_type, pairs): Assigned(
                    each.reference, _version_after(each)
                )
                for each in self._found
                if each.reference and (pairs := _condition_of(each.entry))
            }
        return self._conditions

    def _the_one(
        self, resource_type: str, pairs: Sequence[tuple[str, str]], *, at: str
    ) -> Assigned:
        without = frozenset(each.id for each in self._gone if each.type == resource_type)
        criteria = conditional_create.match_criteria(self._ctx, resource_type, pairs)
        found = conditional_create.find_matches(self._ctx, resource_type, criteria, without=without)
        if len(found) != 1:
            count = "more than one resource" if found else "no resource"
            raise PreconditionFailed(
                f"The conditional reference to {resource_type} matches {count}; "
                "it must match exactly one.",
                at,
            )
        return Assigned(found[0].key.reference, found[0].version)

    def _key(self, resource_type: str, pairs: Sequence[tuple[str, str]]) -> str:
        return conditional_create.match_criteria(self._ctx, resource_type, pairs).key


def _condition_of(entry: Entry) -> Sequence[tuple[str, str]]:
    return (entry.if_none_exist or ()) if entry.method == "POST" else entry.query
