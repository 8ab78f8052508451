"""Transaction: requests of one Bundle that take effect together, or not at all.

https://hl7.org/fhir/R4/http.html#trules
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.interactions import batch, content
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.entries import Entry, read_entries
from psolink.interactions.integrity import checked
from psolink.interactions.plan import Step, plan
from psolink.interactions.responses import Returning, response_bundle, result_entry
from psolink.interactions.result import Result
from psolink.outcome import Issue, IssueCode
from psolink.security.commit_notes import located, note_of, written
from psolink.store.values import Put, Stored


def transaction(
    ctx: Context, bundle: JsonObject, *, returning: Returning = Returning.DEFAULT
) -> Result:
    """Return a transaction-response in the order of the entries; raise, and store nothing, on any fault."""
    entries = _checked(ctx, bundle)
    results = until_current(lambda: commit(ctx, entries))
    answers = [
        _read(ctx, entry)
        if entry.is_read
        else result_entry(ctx, result, method=entry.method, returning=returning)
        for entry, result in zip(entries, results, strict=True)
    ]
    return Result(200, response_bundle("transaction-response", answers))


def _checked(ctx: Context, bundle: JsonObject) -> list[Entry]:
    """Return the entries; raise with every fault that the Bundle and its resources have."""
    structure = ctx.services.validator.validate(bundle)
    if any(issue.is_error and not _is_of_resource(issue) for issue in structure):
        # What the requests ask for cannot be read while the Bundle around them is not sound.
        content.refuse(structure, [])
    entries = _readable(read_entries(bundle))
    for entry in entries:
        if not (entry.is_read and entry.path == ("_history",)):
            ctx.require_type(entry.resource_type, at=f"{entry.at}.request.url")
    structure.extend(_ambiguous(entries))
    rules = [
        issue
        for entry in entries
        if entry.resource is not None and entry.method == "POST"
        for issue in content.rules_for_new(ctx, entry.resource, structure, at=entry.resource_at)
    ]
    content.refuse(structure, rules)
    return entries


def _is_of_resource(issue: Issue) -> bool:
    return ".resource." in (issue.expression or "")


def _readable(found: Iterable[Entry | FhirError]) -> list[Entry]:
    read = list(found)
    faults = [each for each in read if isinstance(each, FhirError)]
    if faults:
        raise type(faults[0]).of(issue for fault in faults for issue in fault.issues)
    return [each for each in read if isinstance(each, Entry)]


def _ambiguous(entries: list[Entry]) -> list[Issue]:
    """Return the fullUrls that stand for more than one entry: references to them have no one target."""
    times = Counter(entry.full_url for entry in entries if entry.full_url)
    return [
        Issue(
            IssueCode.INVALID,
            "This fullUrl stands at another entry too; each entry needs one of its own.",
            f"{entry.at}.fullUrl",
        )
        for entry in entries
        if times[entry.full_url] > 1
    ]


def commit(ctx: Context, entries: list[Entry]) -> list[Result]:
    """Return the result of each entry after one commit; raise `Outdated` where it must be decided anew."""
    planned = plan(ctx, entries)
    writes = checked(ctx, [write for step in planned for write in step.writes])
    held = iter(writes)
    steps = [replace(step, writes=tuple(islice(held, len(step.writes)))) for step in planned]
    note = note_of([_noted(each) for each in steps if not each.entry.is_read])
    now = ctx.services.now()
    stored = iter(ctx.store.commit(writes, now=now, note=note) if writes else ())
    return [_result(step, list(islice(stored, len(step.writes)))) for step in steps]


def _noted(step: Step) -> JsonObject:
    """Return the answer to a write as far as it is known before the commit."""
    is_new = step.current is None or step.current.resource is None
    if step.writes:
        return written(step.writes[0], is_new=is_new)
    if step.current is None or step.entry.method == "DELETE":
        return {"response": {"status": "204 No Content"}}
    return located(step.current.key.reference, step.current.version, is_new=False)


def _read(ctx: Context, entry: Entry) -> JsonObject:
    """Return the answer to a GET or HEAD, which sees what the transaction wrote.

    The writes are done by now: what goes wrong here is the answer to this entry alone.
    """
    return batch.answer(ctx, entry, returning=Returning.DEFAULT)


def _result(step: Step, written: Sequence[Stored]) -> Result:
    if step.entry.is_read:
        return Result(200)
    if step.entry.method == "DELETE":
        deleted = written[0] if len(written) == 1 else step.current
        return Result(204, None, deleted)
    version = written[0] if written else step.current
    if version is None:
        raise ValueError("an entry with a body comes to a version")
    is_new = bool(written) and (step.current is None or step.current.resource is None)
    remarks = tuple(
        remark for each in step.writes if isinstance(each, Put) for remark in each.remarks
    )
    status = 201 if is_new else 200
    return Result(status, version.content, version, is_located=True, issues=remarks)
