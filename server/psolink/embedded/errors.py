"""The one failure that a command can answer with, and MongoDB's codes for it.

https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum

from psolink.embedded.documents import Document

TRANSIENT_TRANSACTION = "TransientTransactionError"


class Code(IntEnum):
    """MongoDB's error codes; the member's name is the `codeName` of the answer."""

    InternalError = 1
    BadValue = 2
    FailedToParse = 9
    TypeMismatch = 14
    Overflow = 15
    InvalidLength = 16
    IllegalOperation = 20
    LockTimeout = 24
    NamespaceNotFound = 26
    IndexNotFound = 27
    PathNotViable = 28
    ConflictingUpdateOperators = 40
    CursorNotFound = 43
    NamespaceExists = 48
    MaxTimeMSExpired = 50
    DollarPrefixedFieldName = 52
    InvalidIdField = 53
    NotSingleValueField = 54
    EmptyFieldName = 56
    CommandNotFound = 59
    ImmutableField = 66
    CannotCreateIndex = 67
    InvalidOptions = 72
    InvalidNamespace = 73
    IndexOptionsConflict = 85
    IndexKeySpecsConflict = 86
    UnsatisfiableWriteConcern = 100
    WriteConflict = 112
    CannotIndexParallelArrays = 171
    TransactionTooOld = 225
    NotImplemented = 238
    NoSuchTransaction = 251
    TransactionCommitted = 256
    TransactionTooLarge = 257
    OperationNotSupportedInTransaction = 263
    QueryExceededMemoryLimitNoDiskUseAllowed = 292
    BSONObjectTooLarge = 10334
    DuplicateKey = 11000
    OutOfDiskSpace = 14031
    InterruptedAtShutdown = 11600
    Location31249 = 31249
    Location31250 = 31250
    Location31253 = 31253
    Location31254 = 31254
    Location40323 = 40323
    Location40324 = 40324
    Location40414 = 40414
    Location40415 = 40415


class CommandError(Exception):
    """A command, or one statement of it, was refused or failed."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        labels: Sequence[str] = (),
        detail: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.labels = tuple(labels)
        self.detail = dict(detail or {})

    def reply(self) -> Document:
        """Return the answer to a command that failed as a whole."""
        answer: Document = {
            "ok": 0.0,
            "errmsg": self.message,
            "code": int(self.code),
            "codeName": self.code.name,
            **self.detail,
        }
        if self.labels:
            answer["errorLabels"] = list(self.labels)
        return answer

    def write_error(self, index: int) -> Document:
        """Return the entry of `writeErrors` for the statement at `index`."""
        return {"index": index, "code": int(self.code), "errmsg": self.message, **self.detail}


def bad_value(message: str) -> CommandError:
    """Return the refusal of a value, an operator or an option (BadValue)."""
    return CommandError(Code.BadValue, message)


def not_implemented(what: str) -> CommandError:
    """Return the refusal of something that MongoDB has and this engine has not."""
    return CommandError(Code.NotImplemented, f"{what} is not supported by the embedded engine")


def write_conflict() -> CommandError:
    """Return the conflict that makes a driver run the whole transaction again."""
    return CommandError(
        Code.WriteConflict,
        "Write conflict: another writer changed the document. Run the transaction again",
        labels=[TRANSIENT_TRANSACTION],
    )
