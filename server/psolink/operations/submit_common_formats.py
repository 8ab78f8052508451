"""`$submit-common-formats`: take a report and what is derived from it, atomically.

The report enters the sender's patient safety evaluation system: a report without a designation of
its own is labelled as pending, for it is made to be reported to a PSO (42 CFR 3.20).
"""

import re
from dataclasses import replace

from psolink.errors import Conflict
from psolink.fhir_json import JsonObject
from psolink.interactions import conditional_create, profiles, transaction
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.entries import Entry
from psolink.interactions.responses import Returning, response_bundle, result_entry
from psolink.interactions.result import Result
from psolink.mapping import Extraction
from psolink.operations.called import Called
from psolink.operations.extract import extraction
from psolink.operations.parameters import resource_of
from psolink.operations.report_set import companions
from psolink.pswp import acts, intake, profile
from psolink.store.values import Stored


def submit_common_formats(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return the transaction-response; the same report again changes nothing and is found."""
    report = resource_of(ctx, body, "report", "QuestionnaireResponse")
    urn = f"urn:uuid:{ctx.services.new_id()}"
    derived = extraction(ctx, report, urn)
    entries = _entries(ctx, urn, report, derived)

    def attempt() -> list[Result]:
        known = conditional_create.match(ctx, "AdverseEvent", entries[1].if_none_exist).found
        if known:
            return _as_before(ctx, report, known)
        return transaction.commit(ctx, entries)

    first, *others = until_current(attempt)
    told = replace(first, issues=tuple(derived.issues))
    answers = [
        result_entry(ctx, each, method="POST", returning=Returning.REPRESENTATION)
        for each in (told, *others)
    ]
    return Result(200, response_bundle("transaction-response", answers))


def _entries(ctx: Context, urn: str, report: JsonObject, derived: Extraction) -> list[Entry]:
    resources = [(urn, report), *derived.resources]
    return [_entry(url, _entering(ctx, resource, report)) for url, resource in resources]


def _entering(ctx: Context, resource: JsonObject, report: JsonObject) -> JsonObject:
    """Return a resource with the designation of the report and the profile that it keeps."""
    labelled = intake.with_designation_like(resource, report, ctx.party)
    if labelled["resourceType"] == "Provenance":
        labelled = acts.as_entry(labelled, ctx.party)
    url = profile.BY_TYPE.get(labelled["resourceType"])
    return labelled if url is None else profiles.claiming(ctx, labelled, url)


def _entry(full_url: str, resource: JsonObject) -> Entry:
    kind = resource["resourceType"]
    return Entry(
        at=kind,
        resource_at=kind,
        method="POST",
        path=(kind,),
        query=(),
        full_url=full_url,
        resource=resource,
        if_none_exist=_event_id(resource) if kind == "AdverseEvent" else None,
    )


def _event_id(event: JsonObject) -> tuple[tuple[str, str], ...] | None:
    identifier = event.get("identifier")
    if not identifier:
        return None
    return (("identifier", f"{identifier['system']}|{_escaped(identifier['value'])}"),)


def _escaped(value: str) -> str:
    """Return a value whose separators stand for themselves in a search.

    https://hl7.org/fhir/R4/search.html#escaping
    """
    return re.sub(r"([\\,|$])", r"\\\1", value)


def _as_before(ctx: Context, report: JsonObject, event: Stored) -> list[Result]:
    known = [event, *companions(ctx, event)]
    known.sort(key=lambda each: each.key.type != "QuestionnaireResponse")
    if not _is_same(known[0].content, report):
        raise Conflict(
            "An event with this event id (DE2) was submitted with other content. Give the event "
            "another id, or update the stored QuestionnaireResponse and AdverseEvent.",
            "QuestionnaireResponse.item",
        )
    return [Result(200, each.content, each, is_located=True) for each in known]


def _is_same(one: JsonObject, other: JsonObject) -> bool:
    """Tell whether two resources differ in nothing but what the server assigns."""
    assigned = {"id": None, "meta": None}
    return one | assigned == other | assigned
