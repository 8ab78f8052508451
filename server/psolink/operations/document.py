"""`Composition/$document`: a composition and all that it refers to, as a document.

https://hl7.org/fhir/R4/composition-operation-document.html
"""

from psolink.errors import InvalidRequest, TooCostly, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.create import create
from psolink.interactions.read import current
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.parameters import as_pairs
from psolink.operations.referenced import Target, local_target, stored, targets
from psolink.outcome import Issue, IssueCode
from psolink.pswp import labels
from psolink.store.documents import instant
from psolink.store.values import Stored

_COMPOSITION = "Composition"
_CODES = {rank: code for code, rank in labels.LEVELS.items()}


def document(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the document; with `persist` it is stored as a Bundle too."""
    sent = dict(as_pairs(ctx, body, frozenset({"id", "persist", "graph"})))
    if "graph" in sent:
        raise InvalidRequest.of(
            [
                Issue(
                    IssueCode.NOT_SUPPORTED,
                    "A document is made of all that the composition refers to, and not along a "
                    "GraphDefinition: leave graph out.",
                    "graph",
                )
            ]
        )
    is_kept = _is_kept(sent.get("persist"), called)
    composition = current(ctx, _COMPOSITION, _composition_id(ctx, sent.get("id"), called))
    bundle = _bundle(ctx, [composition, *_closure(ctx, composition)])
    return create(ctx, "Bundle", bundle) if is_kept else Result(200, bundle)


def _is_kept(persist: str | None, called: Called) -> bool:
    if persist not in (None, "true", "false"):
        raise InvalidRequest(f"persist is true or false, and not {persist[:64]!r}.", "persist")
    if persist == "true" and called.is_safe:
        raise InvalidRequest("persist stores the document, and a GET stores nothing: use POST.")
    return persist == "true"


def _composition_id(ctx: Context, sent: str | None, called: Called) -> str:
    if called.resource_id is not None:
        if sent is not None:
            raise InvalidRequest("The URL names the composition already: leave id out.", "id")
        return called.resource_id
    target = local_target(ctx, sent or "")
    if target is None or target[0] != _COMPOSITION:
        raise InvalidRequest(
            "The parameter id names the composition, as in Composition/1 or with the base URL of "
            "this server before that.",
            "id",
        )
    return target[1]


def _closure(ctx: Context, composition: Stored) -> list[Stored]:
    """Return everything that the composition refers to here, and what that refers to in turn."""
    known: set[Target] = {(_COMPOSITION, composition.key.id)}
    found: list[Stored] = []
    following = [each for each in targets(ctx, composition.content) if each not in known]
    is_direct = True
    while following:
        known.update(following)
        next_ones = list(stored(ctx, composition.key.tenant, following))
        if is_direct:
            _require_all(following, next_ones)
        is_direct = False
        found += next_ones
        if len(found) > ctx.services.settings.max_entries:
            raise TooCostly(
                f"The document would have more than {ctx.services.settings.max_entries} entries."
            )
        referred = (target for each in next_ones for target in targets(ctx, each.content))
        following = [each for each in dict.fromkeys(referred) if each not in known]
    return found


def _require_all(wanted: list[Target], found: list[Stored]) -> None:
    """Raise where something is missing that the composition itself refers to.

    What may not be read is missing like what is not there.
    """
    there = {(each.key.type, each.key.id) for each in found}
    issues = [
        Issue(
            IssueCode.NOT_FOUND,
            f"The composition refers to {'/'.join(each)}, which cannot be found: a document holds "
            "all that its composition refers to.",
            _COMPOSITION,
        )
        for each in wanted
        if each not in there
    ]
    if issues:
        raise Unprocessable.of(issues)


def _bundle(ctx: Context, resources: list[Stored]) -> JsonObject:
    return {
        "resourceType": "Bundle",
        **_labels(resources),
        "identifier": {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:uuid:{ctx.services.new_id()}",
        },
        "type": "document",
        "timestamp": instant(ctx.services.now()),
        "entry": [
            {"fullUrl": f"{ctx.base_url}/{each.key.reference}", "resource": each.content}
            for each in resources
        ],
    }


def _labels(resources: list[Stored]) -> JsonObject:
    """Return the meta of the document, which is as confidential as the most confidential part."""
    highest = max(each.access.level for each in resources)
    if highest <= labels.LEVELS["N"]:
        return {}
    return {"meta": {"security": [{"system": labels.CONFIDENTIALITY, "code": _CODES[highest]}]}}
