"""What goes wrong in the database, as failures that a client is told."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
)

from psolink.errors import PayloadTooLarge, TooCostly, Unavailable

_FULL = frozenset({14031})
"""OutOfDiskSpace"""

_TOO_LARGE = frozenset({10334, 17280, 17420})
"""BSONObjectTooLarge and its kin: https://www.mongodb.com/docs/manual/reference/error-codes/."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise what a client can understand and act on; what nobody can act on stays as it is."""
    try:
        yield
    except ExecutionTimeout as error:
        raise TooCostly("The search took too long; make its criteria narrower.") from error
    except ConnectionFailure as error:
        raise Unavailable("The database does not answer; send the request again.") from error
    except PyMongoError as error:
        if isinstance(error, DocumentTooLarge) or _codes(error) & _TOO_LARGE:
            raise PayloadTooLarge(
                "The resource is larger than the database keeps (16 MB)."
            ) from error
        if _codes(error) & _FULL:
            raise Unavailable(
                "The database's disk is full: nothing was stored. Reading goes on; the operator has "
                "to make room."
            ) from error
        raise


def _codes(error: PyMongoError) -> set[int]:
    if isinstance(error, BulkWriteError):
        return {each["code"] for each in (error.details or {}).get("writeErrors", ())}
    if isinstance(error, OperationFailure) and error.code is not None:
        return {error.code}
    return set()
