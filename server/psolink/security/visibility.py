"""What a principal may see, as a condition of a query and as the check of a row: both say the same."""

from dataclasses import dataclass

from psolink.fhir_json import JsonObject
from psolink.security.principal import Principal
from psolink.store.values import EVERYONE, Access


@dataclass(frozen=True, slots=True)
class Visibility:
    """The eyes of a principal; `published` are the types of which some resources are for everyone."""

    principal: Principal
    published: frozenset[str] = frozenset()

    def narrowed(self, query: JsonObject, *resource_types: str) -> JsonObject:
        """Return the query for what is visible; what is for everyone only with its type."""
        principal = self.principal
        holders: object = principal.organization
        if not self.published.isdisjoint(resource_types):
            holders = {"$in": [principal.organization, EVERYONE]}
        visible: JsonObject = {"holders": holders, "level": {"$lte": principal.level}}
        if not principal.holds_pswp_clearance:
            visible["pswp"] = False
        # Both parts are named apart, so that no key of a query can replace one of the filter.
        return {"$and": [query, visible]}

    def holds(self, access: Access) -> bool:
        """Tell whether a stored version is visible."""
        principal = self.principal
        return (
            (principal.organization in access.holders or EVERYONE in access.holders)
            and access.level <= principal.level
            and (principal.holds_pswp_clearance or not access.pswp)
        )
