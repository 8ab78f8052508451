"""What must hold before the store serves: a connection, real transactions, every index."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from psolink.store.indexes import Index

SCHEMA_VERSION = 1


class StoreUnusable(Exception):
    """The database cannot keep what the server promises; the message says how to mend it."""


def connect(uri: str) -> MongoClient[dict[str, Any]]:
    """Return a client whose writes are acknowledged by a majority and on disk."""
    return MongoClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        serverSelectionTimeoutMS=10_000,
        appname="psolink",
    )


def prepare_database(
    client: MongoClient[dict[str, Any]], database: str, indexes: Iterable[Index]
) -> None:
    """Create the indexes, prove the transactions and write down the version of the layout.

    Raise `StoreUnusable` where the database cannot do that.
    """
    try:
        for index in indexes:
            client[database][index.collection].create_index(list(index.keys), name=index.name)
        _prove_transactions(client, database)
        _check_schema(client, database)
    except PyMongoError as error:
        raise StoreUnusable(f"The database cannot be prepared: {error}") from error


def missing_indexes(
    client: MongoClient[dict[str, Any]], database: str, indexes: Iterable[Index]
) -> list[str]:
    """Return the names of the indexes that are not there."""
    return [
        f"{index.collection}.{index.name}"
        for index in indexes
        if index.name not in client[database][index.collection].index_information()
    ]


def _prove_transactions(client: MongoClient[dict[str, Any]], database: str) -> None:
    # What a server says of itself is no proof: some accept an abort and keep the writes.
    proof = client[database]["meta"]
    row = {"_id": f"proof/{uuid4()}"}
    with client.start_session() as session:
        try:
            session.start_transaction()
            proof.insert_one(row, session=session)
            seen_early = proof.find_one(row)
            session.abort_transaction()
        except OperationFailure as error:
            raise StoreUnusable(
                "The database has no multi-document transactions. A standalone mongod gets them as a "
                "replica set of one: start it with --replSet rs0 and run rs.initiate() once."
            ) from error
    if seen_early or proof.find_one(row):
        proof.delete_one(row)
        raise StoreUnusable(
            "The database says it has transactions, but an abort leaves its writes."
        )


def _check_schema(client: MongoClient[dict[str, Any]], database: str) -> None:
    meta = client[database]["meta"]
    meta.update_one({"_id": "schema"}, {"$setOnInsert": {"version": SCHEMA_VERSION}}, upsert=True)
    found = meta.find_one({"_id": "schema"})
    if found is None or found["version"] != SCHEMA_VERSION:
        raise StoreUnusable(
            f"The database has another layout than this release, which needs version {SCHEMA_VERSION}."
        )
