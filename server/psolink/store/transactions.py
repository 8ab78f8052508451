"""Run a function in a MongoDB transaction, and run it again where MongoDB asks for that.

The function may run several times: it holds reads of current versions and writes, nothing else.
https://www.mongodb.com/docs/manual/core/transactions-in-applications/
"""

import time
from collections.abc import Callable
from random import uniform
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from psolink.errors import Unavailable

DUPLICATE_KEY = 11000
_RETRY_SECONDS = 10.0

Answer = TypeVar("Answer")


def in_transaction(
    client: MongoClient[dict[str, Any]], apply: Callable[[ClientSession], Answer]
) -> Answer:
    """Return what `apply` returned in the transaction that was committed.

    Raise `Unavailable` when other writers were in the way for too long, or the database is.
    """
    deadline = time.monotonic() + _RETRY_SECONDS
    attempt = 0
    with client.start_session() as session:
        while True:
            try:
                return _once(session, apply, deadline)
            except PyMongoError as error:
                attempt += 1
                if not error.has_error_label("TransientTransactionError"):
                    raise
                if time.monotonic() > deadline:
                    raise Unavailable(
                        "Other writers were in the way; send the request again."
                    ) from error
            time.sleep(uniform(0, min(0.002 * 2**attempt, 0.2)))  # noqa: S311 - no secret


def _once(
    session: ClientSession, apply: Callable[[ClientSession], Answer], deadline: float
) -> Answer:
    session.start_transaction()
    try:
        answer = apply(session)
    except BaseException:
        session.abort_transaction()
        raise
    while True:
        try:
            session.commit_transaction()
        except PyMongoError as error:
            # Whether the commit took effect is unknown: committing again is safe and tells.
            if (
                not error.has_error_label("UnknownTransactionCommitResult")
                or time.monotonic() > deadline
            ):
                raise
        else:
            return answer
