"""What goes wrong in the database, as failures that a client is told."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
)

from psolink.errors import FhirError, PayloadTooLarge, TooCostly, Unavailable


def _busy() -> FhirError:
    return Unavailable("Other writers were in the way; send the request again.")


def _away() -> FhirError:
    return Unavailable("The database does not answer; send the request again.")


def _too_large() -> FhirError:
    return PayloadTooLarge("The request writes more than the database takes at once.")


def _too_much_to_sort() -> FhirError:
    return TooCostly("The result is too large to be sorted; make the criteria narrower.")


def _full() -> FhirError:
    return Unavailable(
        "The database's disk is full: nothing was stored. Reading goes on; the operator has to "
        "make room."
    )


_BY_CODE: Mapping[int, Callable[[], FhirError]] = MappingProxyType(
    {
        24: _busy,  # LockTimeout
        112: _busy,  # WriteConflict
        251: _busy,  # NoSuchTransaction
        290: _busy,  # TransactionExceededLifetimeLimitSeconds
        91: _away,  # ShutdownInProgress
        189: _away,  # PrimarySteppedDown
        10107: _away,  # NotWritablePrimary
        11600: _away,  # InterruptedAtShutdown
        11602: _away,  # InterruptedDueToReplStateChange
        13435: _away,  # NotPrimaryNoSecondaryOk
        13436: _away,  # NotPrimaryOrSecondary
        257: _too_large,  # TransactionTooLarge
        10334: _too_large,  # BSONObjectTooLarge
        17280: _too_large,  # KeyTooLong
        17420: _too_large,  # Document to upsert is larger than 16777216
        292: _too_much_to_sort,  # QueryExceededMemoryLimitNoDiskUseAllowed
        14031: _full,  # OutOfDiskSpace
    }
)
"""https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml"""


_DOCUMENT_TOO_LARGE = frozenset({10334, 17420})
"""The codes of _too_large that are about one document."""


def is_document_too_large(error: PyMongoError | DocumentTooLarge) -> bool:
    """Tell whether a document is larger than the database takes."""
    return isinstance(error, DocumentTooLarge) or bool(_codes(error) & _DOCUMENT_TOO_LARGE)


@contextmanager
def translated() -> Iterator[None]:
    """Raise what a client can understand and act on; what nobody can act on stays as it is."""
    try:
        yield
    except (PyMongoError, DocumentTooLarge) as error:
        failure = _failure(error)
        if failure is None:
            raise
        raise failure from error


def _failure(error: PyMongoError | DocumentTooLarge) -> FhirError | None:
    if isinstance(error, DocumentTooLarge):
        return _too_large()
    if isinstance(error, ExecutionTimeout):
        return TooCostly("The search took too long; make its criteria narrower.")
    if error.has_error_label("UnknownTransactionCommitResult"):
        return Unavailable(
            "The database did not say whether it stored this. Read before you send it again, or "
            "send it with a condition, such as If-None-Exist or If-Match."
        )
    if isinstance(error, ConnectionFailure):
        return _away()
    known = [_BY_CODE[code] for code in _codes(error) if code in _BY_CODE]
    return known[0]() if known else None


def _codes(error: PyMongoError) -> set[int]:
    if isinstance(error, BulkWriteError):
        return {each["code"] for each in (error.details or {}).get("writeErrors", ())}
    if isinstance(error, OperationFailure) and error.code is not None:
        return {error.code}
    return set()
