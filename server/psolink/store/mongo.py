"""Resources in MongoDB: `resources` holds current versions, `history` the superseded ones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pymongo import DESCENDING, InsertOne, MongoClient, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, PyMongoError

from psolink.fhir_json import JsonObject
from psolink.store.changes import changes
from psolink.store.chunks import Chunks
from psolink.store.documents import (
    CODEC,
    DESCRIBED,
    IDENTITY,
    WRITING,
    document,
    row,
    stored,
    superseded,
)
from psolink.store.failures import is_document_too_large, translated
from psolink.store.jobs import write_step
from psolink.store.order import after, sort_of
from psolink.store.slow_queries import SlowQueries
from psolink.store.transactions import DUPLICATE_KEY, in_transaction
from psolink.store.values import (
    Delete,
    NameTaken,
    Page,
    Place,
    Put,
    Records,
    Reservation,
    Row,
    Span,
    Stored,
    VersionConflict,
    Write,
)

_MILLISECOND = timedelta(milliseconds=1)
_READ_MILLISECONDS = 10_000
_WRITTEN = ("resources", "history", "reservations", "audit", "disclosures")


class MongoStore:
    """The `ResourceStore` on a MongoDB database; it needs multi-document transactions."""

    def __init__(
        self,
        client: MongoClient[dict[str, Any]],
        database: str,
        slow_query_milliseconds: int = 0,
    ) -> None:
        self._client = client
        self._database = client.get_database(database, codec_options=CODEC)
        self._resources = self._database["resources"]
        self._history = self._database["history"]
        self._reservations = self._database["reservations"]
        written = client.get_database(database, codec_options=WRITING)
        self._written = {name: written[name] for name in _WRITTEN}
        self._chunks = Chunks(self._database)
        self._watch = SlowQueries(self._database, slow_query_milliseconds).watch

    def find(self, query: JsonObject, page: Page) -> Sequence[Stored]:
        """Return the current versions that match `query`, in the order of `page`."""
        query = after(query, page)
        found = self._resources.find(query, _wanted(page), max_time_ms=_READ_MILLISECONDS)
        found = found.sort(sort_of(page.order)).limit(page.limit)
        with translated(), self._watch("find", "resources", query):
            return self._whole(found)

    def rows(self, query: JsonObject, fields: Sequence[str], *, limit: int) -> Sequence[Row]:
        """Return the wanted fields of up to `limit` current versions that match, in any order."""
        found = self._resources.find(
            query, [*IDENTITY, *fields], limit=limit, max_time_ms=_READ_MILLISECONDS
        )
        with translated(), self._watch("find", "resources", query):
            return [row(each) for each in found]

    def count(self, query: JsonObject, *, limit: int | None = None) -> int:
        """Return how many current versions match `query`; counting ends at `limit`."""
        bound: JsonObject = {} if limit is None else {"limit": limit}
        with translated(), self._watch("count", "resources", query):
            return self._resources.count_documents(query, maxTimeMS=_READ_MILLISECONDS, **bound)

    def labels(self, query: JsonObject, name: str) -> Sequence[Any]:
        """Return the distinct values of `meta.<name>` in the current versions that match `query`."""
        with translated(), self._watch("distinct", "resources", query):
            return self._resources.distinct(
                f"resource.meta.{name}", query, maxTimeMS=_READ_MILLISECONDS
            )

    def versions(self, query: JsonObject, *, limit: int) -> Sequence[Stored]:
        """Return superseded versions that match `query`, highest version first."""
        found = self._history.find(query).sort("version", DESCENDING).limit(limit)
        with translated(), self._watch("find", "history", query):
            return self._whole(found)

    def changes(
        self, query: JsonObject, span: Span, after: Place | None, *, limit: int
    ) -> Sequence[Stored]:
        """Return current and superseded versions that match, latest first, after a place."""
        with translated():
            return changes(
                self._resources,
                self._history,
                query,
                span,
                after,
                limit=limit,
                milliseconds=_READ_MILLISECONDS,
                whole=self._whole,
            )

    def reservations(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return who holds each of `names`, for those that are taken."""
        found = self._reservations.find({"_id": {"$in": list(names)}})
        with translated():
            return {each["_id"]: each["holder"] for each in found}

    def commit(self, writes: Sequence[Write], records: Records, *, now: datetime) -> list[Stored]:
        """Apply the writes together and return the new versions in the same order."""

        def apply(session: ClientSession, *, cuts: bool) -> list[JsonObject]:
            current = self._current(writes, session)
            documents = [_next_version(write, current, now) for write in writes]
            self._require(writes, session)
            self._reserve(writes, session)
            kept = self._chunks.cut(documents, session) if cuts else documents
            self._write_versions(current, kept, session)
            self._write_records(records, session)
            return documents

        with translated(), self._watch("commit", "resources"):
            try:
                done = in_transaction(self._client, partial(apply, cuts=False))
            except (PyMongoError, DocumentTooLarge) as error:
                if not is_document_too_large(error):
                    raise
                # It is rare, and told for nothing: only now are sizes looked at.
                done = in_transaction(self._client, partial(apply, cuts=True))
        return [stored(each) for each in done]

    def _whole(self, found: Iterable[JsonObject]) -> list[Stored]:
        """Return what was found with the content that large resources keep in parts."""
        rows = list(found)
        if any("chunks" in each for each in rows):
            rows = self._chunks.joined(rows)
        return [stored(each) for each in rows]

    def _current(self, writes: Sequence[Write], session: ClientSession) -> dict[str, JsonObject]:
        keys = [str(write.key) for write in writes if write.if_version]
        if not keys:
            return {}
        found = self._resources.find({"_id": {"$in": keys}}, session=session)
        return {each["_id"]: each for each in found}

    def _require(self, writes: Sequence[Write], session: ClientSession) -> None:
        """Raise `VersionConflict` where something is gone that a write requires, or is there again.

        What is required is written to, so that of this commit and one that deletes it only one
        can be: a snapshot alone would let both be.
        """
        required = {key for write in writes if isinstance(write, Put) for key in write.requires}
        for key in sorted(required):
            there = {"_id": key, "deleted": False}
            change = {"$inc": {"referred": 1}}
            if not self._resources.update_one(there, change, session=session).matched_count:
                raise VersionConflict("what a write requires is gone")
        for write in writes:
            excluded = write.unless if isinstance(write, Delete) else None
            if excluded and self._resources.find_one(excluded, {"_id": 1}, session=session):
                raise VersionConflict("what a write excludes is there")

    def _reserve(self, writes: Sequence[Write], session: ClientSession) -> None:
        fresh = []
        wanted = [
            (reservation, {"_id": reservation.name, "holder": str(write.key)})
            for write in writes
            for reservation in (write.reservations if isinstance(write, Put) else ())
        ]
        # In the order of the names, as all other writes of a transaction in that of their keys:
        # crossing transactions meet at the first thing that both want, and one of them goes on.
        for reservation, taken in sorted(wanted, key=lambda each: each[0].name):
            if reservation.replaces is None:
                fresh.append(taken)
            else:
                self._take_over(reservation, taken, session)
        if fresh:
            try:
                _insert(self._written["reservations"], fresh, session)
            except (BulkWriteError, DuplicateKeyError) as error:
                raise _refused(error, NameTaken("another writer holds the name")) from None

    def _take_over(
        self, reservation: Reservation, taken: JsonObject, session: ClientSession
    ) -> None:
        seen = {"_id": reservation.name, "holder": reservation.replaces}
        if not self._reservations.replace_one(seen, taken, session=session).matched_count:
            raise NameTaken("another writer holds the name")

    def _write_versions(
        self, current: Mapping[str, JsonObject], documents: list[JsonObject], session: ClientSession
    ) -> None:
        # History first: a version must never be replaced before it is kept.
        documents = sorted(documents, key=lambda each: str(each["_id"]))
        past = [
            superseded(current[each["_id"]], until=each["updated"])
            for each in documents
            if each["_id"] in current
        ]
        if past:
            _insert(self._written["history"], past, session)
        try:
            if len(documents) == 1 and not current:
                _insert(self._written["resources"], documents, session)
            else:
                self._replace(current, documents, session)
        except (BulkWriteError, DuplicateKeyError) as error:
            raise _refused(error, VersionConflict("the id is taken already")) from None

    def _replace(
        self, current: Mapping[str, JsonObject], documents: list[JsonObject], session: ClientSession
    ) -> None:
        requests: list[InsertOne[JsonObject] | ReplaceOne[JsonObject]] = [
            ReplaceOne({"_id": each["_id"], "version": each["version"] - 1}, each)
            if each["_id"] in current
            else InsertOne(each)
            for each in documents
        ]
        done = self._written["resources"].bulk_write(requests, session=session)
        if done.matched_count + done.inserted_count != len(documents):
            raise VersionConflict("another version is current")

    def _write_records(self, records: Records, session: ClientSession) -> None:
        if records.step:
            write_step(self._database, records.step, session)
        for name, rows in (("audit", records.audit), ("disclosures", records.disclosures)):
            if rows:
                # pymongo adds an `_id` to what it inserts: the callers' rows stay as they are.
                _insert(self._written[name], [dict(row) for row in rows], session)


def _wanted(page: Page) -> list[str] | None:
    if page.fields is None:
        return None
    return list({*DESCRIBED, *page.fields, *(each.path for each in page.order)})


def _insert(
    collection: Collection[JsonObject], rows: list[JsonObject], session: ClientSession
) -> None:
    # One row is what most writes come to, and inserting one costs the client a good deal less.
    if len(rows) == 1:
        collection.insert_one(rows[0], session=session)
    else:
        collection.insert_many(rows, session=session)


def _next_version(write: Write, current: Mapping[str, JsonObject], now: datetime) -> JsonObject:
    found = current.get(str(write.key))
    version = found["version"] if found else 0
    if version != write.if_version:
        raise VersionConflict("another version is current")
    # Clocks of several hosts differ: the time of an instance never goes backwards.
    updated = max(now, found["updated"] + _MILLISECOND) if found else now
    created = found.get("created") if found else None
    return document(write, version=version + 1, updated=updated, created=created)


def _refused(error: BulkWriteError | DuplicateKeyError, conflict: Exception) -> Exception:
    if isinstance(error, DuplicateKeyError):
        return conflict
    codes = {each["code"] for each in (error.details or {}).get("writeErrors", ())}
    return conflict if codes == {DUPLICATE_KEY} else error
