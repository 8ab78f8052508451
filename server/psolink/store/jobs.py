"""Jobs: long work that is asked for by a request and done by a worker, in leases.

`jobs` holds a row for each job, `job_parts` its content: what goes in, what each step came to, and
the result. One worker holds the lease of a job. Whoever lost it can write nothing more: every
write names the lease, those of a commit in the same transaction as the resources
(`Records.step`). So a job that is taken over by another worker is done once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, MongoClient, ReturnDocument
from pymongo.client_session import ClientSession

from psolink.fhir_json import JsonObject
from psolink.store.documents import CODEC
from psolink.store.failures import translated
from psolink.store.job_store import Job
from psolink.store.transactions import in_transaction
from psolink.store.values import Lease, LeaseLost, Step

_PART_BYTES = 8 * 1024 * 1024
_OPEN = ("waiting", "running")


class Jobs:
    """The `JobStore` on a MongoDB database."""

    def __init__(self, client: MongoClient[dict[str, Any]], database: str) -> None:
        self._client = client
        opened = client.get_database(database, codec_options=CODEC)
        self._jobs = opened["jobs"]
        self._parts = opened["job_parts"]

    def submit(
        self, job_id: str, kind: str, owner: str, content: bytes, *, total: int, now: datetime
    ) -> None:
        """Write down a job that waits for a worker."""
        row = {
            "_id": job_id,
            "kind": kind,
            "owner": owner,
            "state": "waiting",
            "free_at": now,
            "created": now,
            "done": 0,
            "total": total,
            "attempts": 0,
        }

        def apply(session: ClientSession) -> None:
            self._parts.insert_many(_parts(job_id, "input", content), session=session)
            self._jobs.insert_one(dict(row), session=session)

        with translated():
            in_transaction(self._client, apply)

    def find(self, job_id: str, owner: str) -> Job | None:
        """Return a job of this owner; what is somebody else's does not exist."""
        with translated():
            found = self._jobs.find_one({"_id": job_id, "owner": owner})
        return _job(found) if found else None

    def cancel(self, job_id: str, owner: str, *, now: datetime) -> bool:
        """End a job of this owner whatever its state, and clear its content."""
        changed = {"$set": {"state": "cancelled", "ended": now}, "$unset": {"lease": ""}}
        with translated():
            done = self._jobs.update_one(
                {"_id": job_id, "owner": owner, "state": {"$ne": "cancelled"}}, changed
            )
            if done.matched_count:
                self._parts.delete_many({"job": job_id})
        return bool(done.matched_count)

    def claim(
        self, kinds: Sequence[str], token: str, *, now: datetime, lasting: timedelta
    ) -> tuple[Job, Lease] | None:
        """Take the oldest job that waits, or whose worker has not been heard of; None without one."""
        free = {"kind": {"$in": list(kinds)}, "state": {"$in": _OPEN}, "free_at": {"$lte": now}}
        taken = {
            "$set": {"state": "running", "lease": token, "free_at": now + lasting},
            "$inc": {"attempts": 1},
        }
        with translated():
            found = self._jobs.find_one_and_update(
                free, taken, sort=[("free_at", ASCENDING)], return_document=ReturnDocument.AFTER
            )
        return (_job(found), Lease(found["_id"], token)) if found else None

    def beat(self, lease: Lease, *, now: datetime, lasting: timedelta) -> None:
        """Say that the worker lives; raise `LeaseLost` where the job is not its any more."""
        self._change(lease, {"$set": {"free_at": now + lasting}})

    def advance(self, lease: Lease, done: int) -> None:
        """Note how many steps were taken."""
        self._change(lease, {"$set": {"done": done}})

    def release(self, lease: Lease, *, free_at: datetime) -> None:
        """Give a job back, for a worker to go on with it from that moment on."""
        changed = {"state": "waiting", "free_at": free_at}
        self._change(lease, {"$set": changed, "$unset": {"lease": ""}})

    def finish(self, lease: Lease, content: bytes, *, now: datetime) -> None:
        """Keep the result, and clear what went in and what each step came to."""
        self._end(lease, "done", content, now)

    def fail(self, lease: Lease, *, now: datetime) -> None:
        """Give a job up."""
        self._end(lease, "failed", b"", now)

    def content(self, job_id: str, name: str) -> bytes:
        """Return a part of a job: `input`, `result`, or what a step came to."""
        with translated():
            found = self._parts.find({"job": job_id, "name": name}).sort("_id", ASCENDING)
            return b"".join(each["bytes"] for each in found)

    def steps(self, job_id: str) -> Mapping[str, bytes]:
        """Return what was kept of the steps, by their names."""
        with translated():
            found = self._parts.find({"job": job_id, "name": {"$nin": ["input", "result"]}})
            return {each["name"]: each["bytes"] for each in found}

    def keep(self, lease: Lease, name: str, content: bytes) -> None:
        """Keep what a step came to; raise `LeaseLost` where the job is not the worker's any more."""

        def apply(session: ClientSession) -> None:
            self._require(lease, session)
            self._parts.replace_one(
                {"_id": f"{lease.job}/{name}/000000"},
                _parts(lease.job, name, content)[0],
                upsert=True,
                session=session,
            )

        with translated():
            in_transaction(self._client, apply)

    def purge(self, before: datetime) -> None:
        """Remove the jobs that ended before, with all that is left of them."""
        with translated():
            ended = [each["_id"] for each in self._jobs.find({"ended": {"$lt": before}}, ["_id"])]
            if ended:
                self._parts.delete_many({"job": {"$in": ended}})
                self._jobs.delete_many({"_id": {"$in": ended}})

    def _end(self, lease: Lease, state: str, content: bytes, now: datetime) -> None:
        changed = {"$set": {"state": state, "ended": now}, "$unset": {"lease": ""}}

        def apply(session: ClientSession) -> None:
            if not self._jobs.update_one(_held(lease), changed, session=session).matched_count:
                raise LeaseLost
            self._parts.delete_many({"job": lease.job}, session=session)
            if content:
                self._parts.insert_many(_parts(lease.job, "result", content), session=session)

        with translated():
            in_transaction(self._client, apply)

    def _change(self, lease: Lease, change: JsonObject) -> None:
        with translated():
            if not self._jobs.update_one(_held(lease), change).matched_count:
                raise LeaseLost

    def _require(self, lease: Lease, session: ClientSession) -> None:
        # A write and not a read: a lease that is taken over at the same moment is in conflict.
        change = {"$inc": {"writes": 1}}
        if not self._jobs.update_one(_held(lease), change, session=session).matched_count:
            raise LeaseLost


def write_step(database: Any, step: Step, session: ClientSession) -> None:  # noqa: ANN401 - pymongo
    """Write down in a transaction that a step of a job was taken in it.

    Raise `LeaseLost` where the job is not the worker's any more, so that nothing is written.
    """
    change = {"$inc": {"writes": 1}}
    if not database["jobs"].update_one(_held(step.lease), change, session=session).matched_count:
        raise LeaseLost
    rows = _parts(step.lease.job, step.name, step.content)
    database["job_parts"].insert_many(rows, session=session)


def _held(lease: Lease) -> JsonObject:
    return {"_id": lease.job, "state": "running", "lease": lease.token}


def _parts(job_id: str, name: str, content: bytes) -> list[JsonObject]:
    pieces: Iterable[int] = range(0, max(len(content), 1), _PART_BYTES)
    return [
        {
            "_id": f"{job_id}/{name}/{number:06d}",
            "job": job_id,
            "name": name,
            "bytes": content[start : start + _PART_BYTES],
        }
        for number, start in enumerate(pieces)
    ]


def _job(row: JsonObject) -> Job:
    return Job(
        id=row["_id"],
        kind=row["kind"],
        owner=row["owner"],
        state=row["state"],
        done=row["done"],
        total=row["total"],
        attempts=row["attempts"],
    )
