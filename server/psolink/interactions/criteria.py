"""Read the criteria of a request: of a search, a condition, a reference that is one.

https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Sequence

from psolink.errors import TooCostly
from psolink.fhir_json import JsonObject
from psolink.interactions.code_sets import VisibleCodeSets
from psolink.interactions.context import Context
from psolink.search.criteria import Criteria, parse_criteria
from psolink.search.lookup import Found, Reference, Referred
from psolink.security.authorized_store import AuthorizedStore

MAX_QUESTIONS = 200
"""The most searches that the chains of one request may come to."""

_SEARCH = "s"


def criteria_of(
    ctx: Context,
    resource_type: str,
    pairs: Sequence[tuple[str, str]],
    *,
    lenient: bool = False,
    lookup: "StoreLookup | None" = None,
) -> Criteria:
    """Return what `pairs` look for; chains are followed through what the principal may see.

    A request that reads criteria for several types has one `lookup` for all of them.
    """
    return parse_criteria(
        ctx.services.search_parameters,
        resource_type,
        pairs,
        base_url=ctx.base_url,
        lenient=lenient,
        code_sets=VisibleCodeSets(ctx),
        clock=ctx.services.now,
        lookup=lookup or StoreLookup(ctx.store),
    )


class StoreLookup:
    """Finds resources for chains: only those that the principal may search for."""

    def __init__(self, store: AuthorizedStore) -> None:
        self._store = store
        self._questions = 0

    def matches(
        self, resource_types: Sequence[str], query: JsonObject, *, limit: int
    ) -> Sequence[Found]:
        """Return resources of the types that match `query`."""
        self._count_question()
        found = self._store.rows(resource_types, query, limit=limit)
        return [Found(each.key.type, each.key.id, each.access.holders) for each in found]

    def referred(
        self, resource_type: str, query: JsonObject, code: str, *, limit: int
    ) -> Sequence[Referred]:
        """Return what the resources of the type that match `query` refer to by a parameter."""
        self._count_question()
        found = self._store.rows(resource_type, query, ("reference",), limit=limit)
        return [
            Referred(entry["t"], entry["i"], each.key.tenant)
            for each in found
            for entry in each.fields.get("reference", ())
            if entry["p"] == code and "i" in entry
        ]

    def kept(
        self, resource_type: str, query: JsonObject, array: str, *, limit: int
    ) -> Sequence[tuple[Reference, Sequence[JsonObject]]]:
        """Return the resources of the type that match `query`, with the items of an array."""
        self._count_question()
        found = self._store.rows(resource_type, query, (array,), limit=limit)
        return [((each.key.type, each.key.id), each.fields.get(array, ())) for each in found]

    def may_search(self, resource_type: str) -> bool:
        """Tell whether the scopes of the principal cover searches in the type."""
        return self._store.may(_SEARCH, resource_type)

    def content(self, resource_type: str, resource_id: str) -> tuple[JsonObject, str] | None:
        """Return a resource and who wrote it; None where the principal sees none."""
        self._count_question()
        found = self._store.get(resource_type, resource_id, to=_SEARCH)
        if found is None or found.resource is None:
            return None
        return found.resource, found.key.tenant

    def _count_question(self) -> None:
        self._questions += 1
        if self._questions > MAX_QUESTIONS:
            raise TooCostly(
                f"The chains of a search lead through at most {MAX_QUESTIONS} searches in all: name "
                "the types, as in subject:Patient.name, or ask for less at once."
            )
