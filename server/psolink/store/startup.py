"""What must hold before the store serves: a connection, real transactions, every index."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener

from psolink.store.drift import make
from psolink.store.indexes import Index
from psolink.store.layout import WrongLayout, require_layout

# What the driver raises where the database fails, for those who may not know the driver.
DatabaseError = PyMongoError


class StoreUnusable(Exception):
    """The database cannot keep what the server promises; the message says how to mend it."""


def connect(uri: str, *listeners: CommandListener) -> MongoClient[dict[str, Any]]:
    """Return a client whose writes are acknowledged by a majority and on disk."""
    return MongoClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        serverSelectionTimeoutMS=10_000,
        appname="psolink",
        event_listeners=list(listeners),
    )


def prepare_database(
    client: MongoClient[dict[str, Any]], database: str, indexes: Iterable[Index]
) -> None:
    """Check the layout, prove the transactions and create the indexes.

    Raise `StoreUnusable` where the database cannot do that, or has another layout.
    """
    try:
        require_layout(client[database])
        _prove_transactions(client, database)
        for index in indexes:
            make(client[database], index)
    except WrongLayout as error:
        raise StoreUnusable(str(error)) from error
    except DuplicateKeyError as error:
        raise StoreUnusable(
            "An organization holds two resources under one type and id, which no release writes "
            "while the index by_id_2 is there. Restore a backup from before that index was removed."
        ) from error
    except PyMongoError as error:
        raise StoreUnusable(
            f"The database cannot be prepared: {error}. If it is about an index, "
            "`psolink indexes check` says more."
        ) from error


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
