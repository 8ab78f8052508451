"""`$pswp-report`: a provider reports an event to its PSO, which holds it from then on.

The operation stands for one permission, 42 CFR 3.206(b)(4)(i), and one purpose, patient safety
activities; a caller who means another one has to use another operation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from psolink.errors import Conflict, Forbidden, InvalidRequest
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.read import current
from psolink.interactions.result import Result
from psolink.interactions.save import is_shared, require_owner
from psolink.operations.called import Called
from psolink.operations.parameters import read_parameters, value
from psolink.operations.relations import contract_facts, listing_facts, party
from psolink.operations.report_set import companions
from psolink.pswp import report
from psolink.pswp.decision import Decision, decide
from psolink.pswp.facts import Facts
from psolink.pswp.labels import Labelled
from psolink.pswp.party import ORGANIZATION_SYSTEM, Party, referred
from psolink.store.values import Key, Put, Stored, VersionConflict

_PURPOSE = "PATSFTY"
_MODES = ("transmitted", "functional")


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asks for."""

    recipient: Party
    mode: str


def pswp_report(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the event as it stands after the report; reporting it again changes nothing."""
    request = _request(ctx, body)

    def attempt() -> Result:
        event = current(ctx, "AdverseEvent", called.resource_id or "", to="u")
        require_owner(ctx, event)
        if is_shared(event) and request.recipient.organization in event.access.holders:
            return Result(200, event.content, event)
        return _report(ctx, event, request)

    return until_current(attempt)


def _request(ctx: Context, body: JsonObject) -> Request:
    parameters = read_parameters(ctx, body, frozenset({"recipient", "mode"}))
    mode = value(parameters, "mode", "valueCode") or _MODES[0]
    if mode not in _MODES:
        raise InvalidRequest(f"The mode is {' or '.join(_MODES)}, and {mode!r} was sent.")
    recipient = _organization(value(parameters, "recipient", "valueReference"))
    return Request(party(ctx, recipient), mode)


def _organization(reference: JsonObject | None) -> str:
    """Return the organization that a literal or logical reference names."""
    named = referred(reference)
    if named is None and reference:
        kind, _, named = str(reference.get("reference", "")).partition("/")
        named = named if kind == "Organization" else None
    if not named:
        raise InvalidRequest(
            "The parameter recipient is needed: a Reference such as Organization/pso-p, or one "
            f"with an identifier of the system {ORGANIZATION_SYSTEM}."
        )
    return named


def _report(ctx: Context, event: Stored, request: Request) -> Result:
    now = ctx.services.now()
    items = [event, *_not_yet_held(ctx, event, request.recipient)]
    decided = [_permitted(_facts(ctx, item, request, now)) for item in items]
    receipt = {"system": f"{CANONICAL}/sid/report-receipt", "value": ctx.services.new_id()}
    reported = [
        (
            item,
            report.report(
                item.content,
                item.access,
                recipient=request.recipient,
                mode=request.mode,
                receipt=receipt,
                now=now,
            ),
        )
        for item in items
    ]
    writes = [_put(ctx, item, labelled, request.recipient) for item, labelled in reported]
    writes.append(_provenance(ctx, event, request.recipient, now))
    log = tuple(
        report.disclosure_entry(
            labelled.resource, labelled.access, decision, facts, entry_id=ctx.services.new_id()
        )
        for (_, labelled), (decision, facts) in zip(reported, decided, strict=True)
    )
    stored = ctx.store.commit(writes, now=now, disclosures=log)
    return Result(200, stored[0].content, stored[0])


def _facts(ctx: Context, item: Stored, request: Request, now: datetime) -> Facts:
    return report.facts(
        item.content,
        discloser=ctx.party,
        recipient=request.recipient,
        purpose_of_use=_PURPOSE,
        mode=request.mode,
        contract=contract_facts(ctx, request.recipient.organization),
        listing=listing_facts(ctx, request.recipient.organization),
        now=now,
    )


def _permitted(facts: Facts) -> tuple[Decision, Facts]:
    decision = decide(facts)
    if not decision.is_permit:
        raise Forbidden(
            f"The report is not permitted ({decision.denial_reason}, rule {decision.rule_id}): "
            f"it needs {decision.missing_fact}."
        )
    return decision, facts


def _not_yet_held(ctx: Context, event: Stored, recipient: Party) -> Iterator[Stored]:
    return (
        item for item in companions(ctx, event) if recipient.organization not in item.access.holders
    )


def _put(ctx: Context, item: Stored, labelled: Labelled, recipient: Party) -> Put:
    # The recipient must not hold another item under this id: its URLs would be ambiguous.
    held = ctx.store.holding(recipient.organization, item.key.type, item.key.id)
    if held == item.key:
        raise VersionConflict("the item was reported meanwhile")
    if held is not None:
        raise Conflict(
            f"{item.key.reference} cannot be reported under its id. Create a copy of it, so that "
            "the server assigns an id, and report that."
        )
    return Put(
        key=item.key,
        resource=labelled.resource,
        access=labelled.access,
        index=ctx.index_of(labelled.resource, labelled.access),
        if_version=item.version,
        method="PUT",
    )


def _provenance(ctx: Context, event: Stored, recipient: Party, now: datetime) -> Put:
    told = report.provenance(event.content, discloser=ctx.party, recipient=recipient, now=now)
    resource = told.resource | {"id": ctx.services.new_id()}
    return Put(
        key=Key(ctx.tenant, "Provenance", resource["id"]),
        resource=resource,
        access=told.access,
        index=ctx.index_of(resource, told.access),
        if_version=0,
        method="POST",
    )
