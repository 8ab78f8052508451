"""Decide what each entry of a transaction writes, with every reference resolved.

https://hl7.org/fhir/R4/http.html#trules
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from psolink.errors import InvalidRequest, PreconditionFailed, TooCostly, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions import conditional_create
from psolink.interactions.context import Context
from psolink.interactions.delete import delete_of
from psolink.interactions.entries import Entry
from psolink.interactions.read import not_found
from psolink.interactions.references import is_conditional, literals, resolver, rewritten
from psolink.interactions.save import new_put, require_version
from psolink.interactions.update import check_id, put_for
from psolink.store.values import Page, Reservation, Stored, Write

MAX_CONDITIONAL_REFERENCES = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """What one entry comes to: a write, or the version that is there already."""

    entry: Entry
    id: str = ""
    current: Stored | None = None
    reservations: tuple[Reservation, ...] = ()
    write: Write | None = None

    @property
    def reference(self) -> str:
        """The reference to the resource after the transaction."""
        return f"{self.entry.resource_type}/{self.id}"


def plan(ctx: Context, entries: list[Entry]) -> list[Step]:
    """Return one step for each entry; raise where the entries contradict each other or the store."""
    steps = [_identified(ctx, entry) for entry in entries]
    _require_distinct(steps)
    assigned = {
        step.entry.full_url: step.reference for step in steps if step.entry.full_url and step.id
    }
    assigned |= _conditional_references(ctx, steps)
    return _with_writes(ctx, steps, assigned)


def _with_writes(ctx: Context, steps: list[Step], assigned: dict[str, str]) -> list[Step]:
    """Return the steps with their writes; raise with what all of them break together."""
    done, broken = [], []
    for step in steps:
        try:
            done.append(replace(step, write=_write(ctx, step, assigned)))
        except Unprocessable as error:
            broken += error.issues
    if broken:
        raise Unprocessable.of(broken)
    return done


def _identified(ctx: Context, entry: Entry) -> Step:
    match entry.method:
        case "POST":
            found = conditional_create.match(ctx, entry.resource_type, entry.if_none_exist)
            if found.found:
                return Step(entry, found.found.key.id, found.found)
            return Step(entry, ctx.services.new_id(), None, found.reservations)
        case "PUT":
            check_id(entry.path[1], entry.body, at=f"{entry.at}.resource")
            return Step(entry, entry.path[1], ctx.store.get(*entry.path, to="u"))
        case "DELETE":
            current = ctx.store.get(*entry.path, to="d")
            if current is None:
                raise not_found(*entry.path)
            require_version(current, entry.if_match)
            return Step(entry, entry.path[1], current)
        case _:
            return Step(entry)


def _require_distinct(steps: Iterable[Step]) -> None:
    """Raise where two entries concern the same resource: neither order would be right."""
    seen: Counter[str] = Counter()
    for step in steps:
        if not step.id:
            continue
        names = [step.reference, *(each.name for each in step.reservations)]
        seen.update(names)
        if any(seen[name] > 1 for name in names):
            raise InvalidRequest(
                "Another entry of this transaction concerns the same resource; send them one by one.",
                f"{step.entry.at}.request.url",
            )


def _write(ctx: Context, step: Step, assigned: dict[str, str]) -> Write | None:
    entry = step.entry
    match entry.method:
        case "POST" if step.current is None:
            resource = _resolved(entry, assigned) | {"id": step.id}
            now = ctx.services.now()
            return new_put(ctx, resource, now=now, reservations=step.reservations)
        case "PUT":
            return put_for(
                ctx,
                _resolved(entry, assigned),
                step.current,
                if_match=entry.if_match,
                at=f"{entry.at}.resource",
            )
        case "DELETE" if step.current and step.current.resource is not None:
            return delete_of(ctx, step.current)
        case _:
            return None


def _resolved(entry: Entry, assigned: dict[str, str]) -> JsonObject:
    resource: JsonObject = rewritten(entry.body, resolver(entry.full_url, assigned))
    return resource


def _conditional_references(ctx: Context, steps: Iterable[Step]) -> dict[str, str]:
    """Return what each conditional reference, such as `Patient?identifier=a|1`, stands for."""
    found: dict[str, str] = {}
    for step in steps:
        if step.entry.resource is None or (step.entry.method == "POST" and step.current):
            continue
        for reference in literals(step.entry.resource):
            if is_conditional(reference) and reference not in found:
                if len(found) >= MAX_CONDITIONAL_REFERENCES:
                    raise TooCostly(
                        f"A transaction may have {MAX_CONDITIONAL_REFERENCES} different conditional "
                        "references; send it in parts.",
                        f"{step.entry.at}.resource",
                    )
                found[reference] = _the_one(ctx, reference, at=f"{step.entry.at}.resource")
    return found


def _the_one(ctx: Context, reference: str, *, at: str) -> str:
    resource_type, _, query = reference.partition("?")
    ctx.require_type(resource_type, at=at)
    pairs = parse_qsl(query, keep_blank_values=True)
    criteria = conditional_create.match_criteria(ctx, resource_type, pairs)
    found = ctx.store.find(resource_type, criteria.filter, Page(limit=2))
    if len(found) != 1:
        count = "more than one resource" if found else "no resource"
        raise PreconditionFailed(
            f"The conditional reference to {resource_type} matches {count}; it must match exactly one.",
            at,
        )
    return found[0].key.reference
