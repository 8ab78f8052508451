"""What SQLite says when the disk or the file fails, as answers that an operator understands.

https://www.sqlite.org/rescode.html
"""

import logging
import sqlite3
from typing import Final

from psolink.embedded.errors import Code, CommandError

log = logging.getLogger("psolink.embedded")

_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# An extended code holds the plain one in its last byte.
_PLAIN: Final = 0xFF

FULL: Final = (
    "the disk of the data folder is full, or a limit on the size of files is reached: make room; "
    "what was acknowledged is safe"
)
DAMAGED: Final = "the database file is damaged: restore a backup with `psolink restore`"


def explained(failure: Exception) -> Exception:
    """Return the answer to a failure of SQLite; any other failure stays what it is."""
    answer = _answer(failure) if isinstance(failure, sqlite3.DatabaseError) else None
    if answer is None:
        return failure
    log.error("%s", answer)
    return answer


def _answer(failure: sqlite3.DatabaseError) -> CommandError | None:
    code = getattr(failure, "sqlite_errorcode", 0)
    if _FULL & {code, code & _PLAIN}:
        return CommandError(Code.OutOfDiskSpace, FULL)
    if code & _PLAIN in _DAMAGED:
        return CommandError(Code.InternalError, DAMAGED)
    if code & _PLAIN == sqlite3.SQLITE_IOERR:
        return CommandError(Code.OutOfDiskSpace, f"the disk of the data folder fails: {failure}")
    return None
