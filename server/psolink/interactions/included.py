"""Fetch what is sent along with matches: by one query for each type and round.

https://hl7.org/fhir/R4/search.html#include
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.outcome import Issue, IssueCode, Severity
from psolink.search.conditions import one_of
from psolink.search.holding import held_by, written_by
from psolink.search.include import ANY, REFERENCES, Include
from psolink.store.values import Page, Stored

MAX_INCLUDED = 1000
"""The most resources that are sent along with one page."""

MAX_ROUNDS = 10
"""How far `:iterate` follows references."""

Reference = tuple[str, str]


@dataclass(slots=True)
class _Collected:
    """What was met so far, and the types that the client may not read."""

    seen: set[Reference]
    found: list[Stored] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    is_cut: bool = False

    def add(self, some: Iterable[Stored]) -> list[Stored]:
        """Return those of `some` that are new, as far as there is room."""
        added = []
        for each in some:
            reference = (each.key.type, each.key.id)
            if reference in self.seen:
                continue
            if len(self.found) >= MAX_INCLUDED:
                self.is_cut = True
                break
            self.seen.add(reference)
            self.found.append(each)
            added.append(each)
        return added


def included(
    ctx: Context, rules: Sequence[Include], matches: Sequence[Stored]
) -> tuple[list[Stored], list[Issue]]:
    """Return what the rules add to the matches, each once, and what the client has to know."""
    collected = _Collected({(each.key.type, each.key.id) for each in matches})
    frontier, rounds = list(matches), 0
    while frontier and rules and not collected.is_cut:
        if rounds == MAX_ROUNDS:
            collected.is_cut = True
            break
        frontier = [
            each for rule in rules for each in collected.add(_along(ctx, rule, frontier, collected))
        ]
        rules = [each for each in rules if each.iterates]
        rounds += 1
    return collected.found, list(_remarks(collected))


def _along(
    ctx: Context, rule: Include, frontier: Sequence[Stored], collected: _Collected
) -> Iterator[Stored]:
    """Yield what one rule adds to the resources in the frontier."""
    if rule.is_reverse:
        yield from _referring(ctx, rule, frontier, collected)
        return
    ids: dict[tuple[str, str], set[str]] = {}
    for each in frontier:
        if rule.source in (ANY, each.key.type):
            for target, target_id in _targets(each, rule):
                if (target, target_id) not in collected.seen:
                    ids.setdefault((target, each.key.tenant), set()).add(target_id)
    for (target, tenant), wanted in sorted(ids.items()):
        if _may(ctx, target, collected):
            query = {"type": target, "id": one_of(sorted(wanted))} | held_by(tenant)
            yield from ctx.store.find(target, query, Page(MAX_INCLUDED + 1, fields=REFERENCES))


def _targets(stored: Stored, rule: Include) -> Iterator[Reference]:
    for entry in stored.index.get("reference", ()):
        if "i" in entry and rule.key in (ANY, entry["p"]) and rule.target in (None, entry["t"]):
            yield entry["t"], entry["i"]


def _referring(
    ctx: Context, rule: Include, frontier: Sequence[Stored], collected: _Collected
) -> Iterator[Stored]:
    ids: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for each in frontier:
        if rule.target in (None, each.key.type):
            ids.setdefault((each.key.type, each.access.holders), []).append(each.key.id)
    types = _sources(ctx, rule, collected)
    if not types:
        return
    for (target, holders), wanted in sorted(ids.items()):
        item: JsonObject = {"t": target, "i": one_of(wanted)}
        if rule.key != ANY:
            item["p"] = rule.key
        query = {"type": one_of(types), "reference": {"$elemMatch": item}} | written_by(holders)
        yield from ctx.store.find(types, query, Page(MAX_INCLUDED + 1, fields=REFERENCES))


def _sources(ctx: Context, rule: Include, collected: _Collected) -> Sequence[str]:
    if rule.source == ANY:
        return [each for each in sorted(ctx.services.definitions.resource_types) if _may(ctx, each)]
    return [rule.source] if _may(ctx, rule.source, collected) else []


def _may(ctx: Context, resource_type: str, collected: _Collected | None = None) -> bool:
    """Tell whether the client may search the type; note it where it may not."""
    if ctx.store.may("s", resource_type):
        return True
    if collected is not None:
        collected.refused.add(resource_type)
    return False


def _remarks(collected: _Collected) -> Iterator[Issue]:
    if collected.is_cut:
        yield Issue(
            IssueCode.TOO_COSTLY,
            f"Not all that is to be included is here: at most {MAX_INCLUDED} resources are sent "
            f"along with a page, and {MAX_ROUNDS} rounds of :iterate are made. Ask for smaller pages.",
            severity=Severity.WARNING,
        )
    for each in sorted(collected.refused):
        yield Issue(
            IssueCode.FORBIDDEN,
            f"{each} is not included: the access token has no scope system/{each}.s.",
            severity=Severity.WARNING,
        )
