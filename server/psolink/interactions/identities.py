"""Which resource each entry of a transaction is about, before anything is written.

https://hl7.org/fhir/R4/http.html#trules
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions import conditional_create
from psolink.interactions.conditional_delete import find_targets
from psolink.interactions.conditional_patch import the_match
from psolink.interactions.conditional_update import Target, find_target
from psolink.interactions.context import Context
from psolink.interactions.entries import Entry
from psolink.interactions.patch import patched
from psolink.interactions.read import current, not_found
from psolink.interactions.update import check_id
from psolink.store.values import Reservation, Stored

_ORDER = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Identity:
    """The resource that an entry is about.

    `current` is its current version, `content` what the entry makes of it (None: nothing new),
    `deletes` what a DELETE deletes, which by criteria may be several.
    """

    entry: Entry
    target: Target | None = None
    content: JsonObject | None = None
    deletes: tuple[Stored, ...] = ()

    @property
    def current(self) -> Stored | None:
        """The version that is there before the transaction."""
        return self.target.current if self.target else None

    @property
    def reference(self) -> str | None:
        """The reference to the resource after the transaction; None where there is none."""
        return f"{self.entry.resource_type}/{self.target.id}" if self.target else None

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """The names to take for it."""
        return self.target.reservations if self.target else ()


def identities(ctx: Context, entries: Sequence[Entry]) -> list[Identity]:
    """Return what each entry is about, in the order of the entries.

    They are looked at in the order of the specification: what a DELETE takes away is not there
    for the conditions of the others.
    """
    found: dict[int, Identity] = {}
    gone: dict[str, set[str]] = {}
    for place, entry in sorted(enumerate(entries), key=lambda each: _ORDER.index(each[1].method)):
        without = frozenset(gone.get(entry.resource_type, ()))
        found[place] = _identity(ctx, entry, without)
        for each in found[place].deletes:
            gone.setdefault(each.key.type, set()).add(each.key.id)
    ordered = [found[place] for place in range(len(entries))]
    _require_distinct(ordered)
    return ordered


def _identity(ctx: Context, entry: Entry, without: frozenset[str]) -> Identity:
    ctx.require_time(at=entry.at)
    match entry.method:
        case "DELETE":
            return Identity(entry, deletes=_deleted(ctx, entry))
        case "POST":
            return _created(ctx, entry, without)
        case "PUT":
            return Identity(entry, _updated(ctx, entry, without), entry.body)
        case "PATCH":
            return _patched(ctx, entry, without)
        case _:
            return Identity(entry)


def _deleted(ctx: Context, entry: Entry) -> tuple[Stored, ...]:
    if entry.id is None:
        found = find_targets(ctx, entry.resource_type, entry.query, condition=entry.condition)
        return tuple(found)
    current = ctx.store.get(entry.resource_type, entry.id, to="d")
    if current is None:
        raise not_found(entry.resource_type, entry.id)
    entry.condition.require(current)
    return (current,)


def _created(ctx: Context, entry: Entry, without: frozenset[str]) -> Identity:
    found = conditional_create.match(ctx, entry.resource_type, entry.if_none_exist, without=without)
    if found.found:
        return Identity(entry, Target(found.found.key.id, found.found))
    new = Target(ctx.services.new_id(), is_assigned=True, reservations=found.reservations)
    return Identity(entry, new, entry.body)


def _updated(ctx: Context, entry: Entry, without: frozenset[str]) -> Target:
    at = entry.resource_at
    if entry.id is None:
        return find_target(
            ctx, entry.resource_type, entry.query, entry.body, without=without, at=at
        )
    check_id(entry.id, entry.body, at=at)
    return Target(entry.id, ctx.store.get(entry.resource_type, entry.id, to="u"))


def _patched(ctx: Context, entry: Entry, without: frozenset[str]) -> Identity:
    at = entry.resource_at
    change = ctx.services.patches.of_resource(entry.body, at)
    if entry.id is None:
        before = the_match(ctx, entry.resource_type, entry.query, without=without)
    else:
        before = current(ctx, entry.resource_type, entry.id, to="u")
    entry.condition.require(before)
    after, _ = patched(ctx, before, change, at=at, in_transaction=True)
    return Identity(entry, Target(before.key.id, before), after)


def _require_distinct(found: Iterable[Identity]) -> None:
    """Raise where two entries concern the same resource: neither order would be right."""
    seen: Counter[str] = Counter()
    for each in found:
        names = [*(one.key.reference for one in each.deletes)]
        names += [each.reference] if each.reference else []
        names += [one.name for one in each.reservations]
        seen.update(names)
        if any(seen[name] > 1 for name in names):
            raise InvalidRequest(
                "Another entry of this transaction concerns the same resource; send them one by one.",
                f"{each.entry.at}.request.url",
            )
