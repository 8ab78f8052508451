"""What resources refer to on this server, as far as the client may see it.

https://hl7.org/fhir/R4/references.html
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from psolink.fhir_json import LOCAL_REFERENCE, JsonObject
from psolink.interactions.context import Context
from psolink.interactions.references import Rewriting, rewritten
from psolink.search.holding import held_by
from psolink.store.values import Page, Stored

_CHUNK = 500

Target = tuple[str, str]
Narrowing = Callable[[str], JsonObject]


def targets(ctx: Context, resource: JsonObject) -> list[Target]:
    """Return type and id of what a resource refers to here, and of the Binaries that it links to."""
    found: dict[Target, None] = {}

    def of_reference(reference: str) -> str:
        if target := local_target(ctx, reference):
            found[target] = None
        return reference

    def of_link(link: str) -> str:
        target = local_target(ctx, link)
        if target and target[0] == "Binary":
            found[target] = None
        return link

    rewritten(ctx.services.definitions, resource, Rewriting(of_reference, of_link))
    return list(found)


def local_target(ctx: Context, reference: str) -> Target | None:
    """Return what a literal reference points at on this server; a version counts as the resource."""
    match = LOCAL_REFERENCE.fullmatch(reference.removeprefix(f"{ctx.base_url}/"))
    if match is None or match["type"] not in ctx.services.definitions.resource_types:
        return None
    return match["type"], match["id"]


def _everything(_resource_type: str) -> JsonObject:
    return {}


def referenced(
    ctx: Context, resources: Iterable[Stored], *, narrowing: Narrowing = _everything
) -> list[Stored]:
    """Return what resources refer to, each once and none of themselves.

    `narrowing` gives a further condition for each type.
    """
    resources = list(resources)
    known = {(each.key.type, each.key.id) for each in resources}
    wanted: dict[str, dict[Target, None]] = defaultdict(dict)
    for each in resources:
        wanted[each.key.tenant].update(dict.fromkeys(targets(ctx, each.content)))
    found = {
        each.key: each
        for tenant, some in sorted(wanted.items())
        for each in stored(ctx, tenant, some.keys() - known, narrowing=narrowing)
    }
    return list(found.values())


def stored(
    ctx: Context, tenant: str, wanted: Iterable[Target], *, narrowing: Narrowing = _everything
) -> Iterator[Stored]:
    """Yield what the references of an organization lead to, as far as the client may search for it.

    What it may not search for does not exist.
    """
    by_type: dict[str, list[str]] = defaultdict(list)
    for resource_type, resource_id in sorted(wanted):
        if ctx.principal.may("s", resource_type):
            by_type[resource_type].append(resource_id)
    for resource_type, ids in sorted(by_type.items()):
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            query = {"type": resource_type, "id": {"$in": chunk}} | held_by(tenant)
            query |= narrowing(resource_type)
            yield from ctx.store.find(resource_type, query, Page(2 * len(chunk)))
