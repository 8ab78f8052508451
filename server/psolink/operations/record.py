"""The resources of a compartment in one fixed order, type by type.

https://hl7.org/fhir/R4/compartmentdefinition.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from psolink.definitions import Compartment
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.criteria import criteria_of
from psolink.interactions.search_compartment import condition, members
from psolink.store.order import place_of
from psolink.store.values import NEWEST_FIRST, Page, Place, Stored

_NOT_OF_CARE = frozenset({"birthdate", "death-date"})
"""Dates of a person: when care took place they do not say."""


@dataclass(frozen=True, slots=True)
class Record:
    """A compartment: of one resource, or of all of its type where there is no `resource_id`.

    `holders` hold that resource: the references of others do not mean it.

    `types` are those that are wanted, None for all. `since` is when they were last written;
    `start` and `end` are the days between which the care took place.
    """

    compartment: Compartment
    resource_id: str | None
    holders: tuple[str, ...]
    types: frozenset[str] | None = None
    since: datetime | None = None
    start: str | None = None
    end: str | None = None

    def rows(self, ctx: Context, *, limit: int, after: Place | None) -> list[Stored]:
        """Return up to `limit` rows after a place that `place_of` gave.

        Types that the client may not search for are passed over: what may not be read does not
        exist.
        """
        found: list[Stored] = []
        for resource_type in self._order(ctx):
            if after is not None and resource_type != after[0]:
                continue
            place = after[1:] if after else None
            after = None
            page = Page(limit - len(found), place)
            found += ctx.store.find(resource_type, self._query(ctx, resource_type), page)
            if len(found) == limit:
                break
        return found

    def place_of(self, row: Stored) -> Place:
        """Return where a row stands: its type, and its place within it."""
        return (row.key.type, *place_of(row, NEWEST_FIRST))

    def within(self, resource_type: str) -> JsonObject | None:
        """Return the condition of what is in the compartment; None where a type never is."""
        code = self.compartment.code
        if resource_type not in members(self.compartment):
            return None
        if self.resource_id is not None:
            return condition(self.compartment, self.resource_id, resource_type, self.holders)
        if resource_type == code:
            return {"type": code}
        codes = sorted(self.compartment.parameters[resource_type])
        return {"reference": {"$elemMatch": {"p": {"$in": codes}, "t": code}}}

    def _order(self, ctx: Context) -> Iterator[str]:
        """Yield the types of the compartment that are wanted, its own first."""
        code = self.compartment.code
        others = sorted(each for each in self.compartment.parameters if each != code)
        for each in (code, *others):
            is_wanted = self.types is None or each in self.types
            if is_wanted and ctx.principal.may("s", each):
                yield each

    def _query(self, ctx: Context, resource_type: str) -> JsonObject:
        conditions = [{"type": resource_type}, self.within(resource_type) or {}]
        if self.since is not None:
            conditions.append({"updated": {"$gte": self.since}})
        if resource_type != self.compartment.code and (self.start or self.end):
            conditions += self._dated(ctx, resource_type)
        return {"$and": conditions}

    def _dated(self, ctx: Context, resource_type: str) -> list[JsonObject]:
        """Return the condition that a date of the resource lies between the days, or it has none."""
        codes = [
            each.code
            for each in ctx.services.search_parameters.supported_parameters(resource_type)
            if each.type == "date" and each.code[0] != "_" and each.code not in _NOT_OF_CARE
        ]
        if not codes:
            return []
        undated = {"date": {"$not": {"$elemMatch": {"p": {"$in": codes}}}}}
        return [{"$or": [undated, *(self._between(ctx, resource_type, each) for each in codes)]}]

    def _between(self, ctx: Context, resource_type: str, code: str) -> JsonObject:
        days = (("ge", self.start), ("le", self.end))
        pairs = [(code, prefix + day) for prefix, day in days if day]
        return criteria_of(ctx, resource_type, pairs).filter
