"""Asynchronous batches and transactions: accepted at once, done by a worker, asked for later.

https://hl7.org/fhir/R4/async.html; the answer has the form of R5,
https://hl7.org/fhir/R5/async-bundle.html, because that of R4 is for files of an export.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from psolink.errors import FhirError, ResourceNotFound
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse, render
from psolink.interactions import batch, transaction
from psolink.interactions.context import Context, Services
from psolink.interactions.entries import Entry, read_entries
from psolink.interactions.responses import (
    Returning,
    error_entry,
    response_bundle,
    status_line,
)
from psolink.security.authorized_store import AuthorizedStore
from psolink.security.principal import Principal
from psolink.security.stored_principal import principal_of_row, principal_row
from psolink.store.base import ResourceStore
from psolink.store.job_store import Job, JobStore
from psolink.store.values import Lease, Step

KIND = "bundle"
_UNLIMITED = JsonLimits(max_bytes=1 << 40, max_depth=200)
_COMMITTED = "committed"


class JobFailed(FhirError):
    """The server failed on a job; the client learns nothing of the cause."""

    status = 500


@dataclass(frozen=True, slots=True)
class Status:
    """How a job goes: a `result` once it is done, and until then what is to be said of it."""

    progress: str
    result: JsonObject | None = None


def submit(ctx: Context, jobs: JobStore, bundle: JsonObject, *, returning: Returning) -> str:
    """Return the id of a job that will do what the Bundle asks for."""
    job_id = ctx.services.new_id()
    asked = {
        "resourceType": "Basic",
        "bundle": bundle,
        "returning": returning.value,
        "principal": principal_row(ctx.principal),
        "baseUrl": ctx.base_url,
    }
    total = len(bundle.get("entry", ()))
    now = ctx.services.now()
    jobs.submit(job_id, KIND, owner_of(ctx.principal), render(asked), total=total, now=now)
    return job_id


def status(ctx: Context, jobs: JobStore, job_id: str) -> Status:
    """Return how a job of this client goes; raise `JobFailed` where the server failed on it."""
    job = jobs.find(job_id, owner_of(ctx.principal))
    if job is None or job.state == "cancelled":
        raise _unknown()
    match job.state:
        case "done":
            return Status("done", parse(jobs.content(job_id, "result"), limits=_UNLIMITED))
        case "failed":
            raise JobFailed("The server failed on this request.")
        case "running":
            return Status(f"{job.done} of {job.total} entries")
        case _:
            return Status("waiting")


def cancel(ctx: Context, jobs: JobStore, job_id: str) -> None:
    """End a job of this client. What it has stored by then stays."""
    if not jobs.cancel(job_id, owner_of(ctx.principal), now=ctx.services.now()):
        raise _unknown()


def owner_of(principal: Principal) -> str:
    """Return who may ask for a job: the client itself, and no other of its organization.

    What came of a job was read with the rights of then: with others it is somebody else's.
    """
    return f"{principal.organization}\n{principal.client_id}\n{principal.rights}"


def _unknown() -> ResourceNotFound:
    return ResourceNotFound("There is no such job, or none that this client asked for.")


@dataclass(frozen=True, slots=True)
class _Running:
    """A job that a worker holds the lease of, with what it was asked for."""

    services: Services
    store: ResourceStore
    jobs: JobStore
    lease: Lease
    principal: Principal
    base_url: str
    started: float = field(default_factory=time.thread_time)

    def context(self, step: str) -> Context:
        """Return a context whose commit is noted as a step of the job, in the same transaction."""
        door = AuthorizedStore(
            self.store,
            self.principal,
            self.services.published,
            step=Step(self.lease, step),
        )
        return Context(self.services, self.principal, door, self.base_url, self.started)


def run(services: Services, store: ResourceStore, jobs: JobStore, job: Job, lease: Lease) -> None:
    """Do a job or go on with it, and keep its result. Raise `LeaseLost` where it was taken away."""
    asked = parse(jobs.content(job.id, "input"), limits=_UNLIMITED)
    principal = principal_of_row(asked["principal"])
    running = _Running(services, store, jobs, lease, principal, asked["baseUrl"])
    bundle, returning = asked["bundle"], Returning(asked["returning"])
    perform = _transaction if bundle["type"] == "transaction" else _batch
    try:
        answer = perform(running, bundle, returning)
    except FhirError as error:
        entry = error_entry(error)
    else:
        entry = {"resource": answer, "response": {"status": status_line(200)}}
    result = response_bundle("batch-response", [entry])
    jobs.finish(lease, render(result), now=services.now())


def _transaction(running: _Running, bundle: JsonObject, returning: Returning) -> JsonObject:
    committed = running.jobs.steps(running.lease.job).get(_COMMITTED)
    ctx = running.context(_COMMITTED)
    if committed is None:
        result = transaction.transaction(ctx, bundle, returning=returning)
        return result.resource or {}
    # It was stored before the worker died, and only its answer was lost.
    told = iter(parse(committed, limits=_UNLIMITED)["entry"])
    reads = [each for each in read_entries(bundle) if isinstance(each, Entry)]
    answers = [
        batch.answer(ctx, each, returning=returning) if each.is_read else next(told)
        for each in reads
    ]
    return response_bundle("transaction-response", answers)


def _batch(running: _Running, bundle: JsonObject, returning: Returning) -> JsonObject:
    batch.check_envelope(running.context(""), bundle)
    return response_bundle("batch-response", list(_answers(running, bundle, returning)))


def _answers(running: _Running, bundle: JsonObject, returning: Returning) -> Iterator[JsonObject]:
    """Yield the answer to each entry, those that were kept and those that are still to do."""
    kept = running.jobs.steps(running.lease.job)
    for number, entry in enumerate(read_entries(bundle)):
        answer = _kept(kept, number)
        if answer is None:
            answer = (
                error_entry(entry)
                if isinstance(entry, FhirError)
                else batch.timely_answer(
                    running.context(f"commit-{number}"), entry, returning=returning
                )
            )
            content = render({"resourceType": "Basic", "answer": answer})
            running.jobs.keep(running.lease, f"answer-{number}", content)
        running.jobs.advance(running.lease, number + 1)
        yield answer


def _kept(kept: Mapping[str, bytes], number: int) -> JsonObject | None:
    """Return the answer to an entry that was done: in full, or what the commit noted of it."""
    if content := kept.get(f"answer-{number}"):
        answer: JsonObject = parse(content, limits=_UNLIMITED)["answer"]
        return answer
    if content := kept.get(f"commit-{number}"):
        noted: JsonObject = parse(content, limits=_UNLIMITED)["entry"][0]
        return noted
    return None
