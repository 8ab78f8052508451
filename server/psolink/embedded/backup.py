"""Copies of the database file: made while an engine runs, checked, and put back.

https://www.sqlite.org/backup.html
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from psolink.embedded.documents import decode
from psolink.embedded.errors import CommandError
from psolink.embedded.failures import explained
from psolink.embedded.server import lock_folder
from psolink.embedded.storage import FILE_NAME, check_format

# Called with the pages that are done and those there are in all.
Progress = Callable[[int, int], None]

REPLACED: Final = "psolink.sqlite.replaced"
_PAGES: Final = 2_000
_TABLES: Final = frozenset({"collections", "indexes", "documents", "entries", "retries"})


class UnusableBackup(Exception):
    """A file is no sound copy of a database; the message says what is wrong with it."""


def back_up(folder: Path, target: Path, progress: Progress) -> int:
    """Copy the database of a data folder as it is at this moment; return the number of documents.

    An engine may go on writing meanwhile. The copy is checked before it gets its name.
    """
    source = folder / FILE_NAME
    if not source.is_file():
        raise UnusableBackup(f"{folder} holds no database of the embedded engine")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        _copy(source, part, progress)
        documents = check(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    _write_through(target.parent)
    return documents


def restore(copy: Path, folder: Path, progress: Progress) -> int:
    """Put a copy in place of the database of a data folder; return the number of documents.

    The database that was there is kept beside it as `REPLACED`. Raise `FolderInUse` while an
    engine has the folder.
    """
    documents = check(copy)
    with lock_folder(folder):
        part = folder / f"{FILE_NAME}.part"
        part.unlink(missing_ok=True)
        try:
            _copy(copy, part, progress)
            check(part)
            _set_aside(folder)
            part.rename(folder / FILE_NAME)
        finally:
            part.unlink(missing_ok=True)
        _write_through(folder)
    return documents


def check(file: Path) -> int:
    """Return how many documents a copy holds; raise `UnusableBackup` where it is not sound."""
    if not file.is_file():
        raise UnusableBackup(f"{file} is not there")
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            return _checked(connection, file)
    except (sqlite3.Error, CommandError) as failure:
        raise UnusableBackup(f"{file} cannot be used: {explained(failure)}") from failure


def _checked(connection: sqlite3.Connection, file: Path) -> int:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables >= _TABLES:
        raise UnusableBackup(f"{file} is a database, but none of the embedded engine")
    check_format(file, connection.execute("PRAGMA user_version").fetchone()[0])
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise UnusableBackup(f"{file} is damaged: {verdict}")
    documents = 0
    for (body,) in connection.execute("SELECT body FROM documents"):
        decode(body)
        documents += 1
    return documents


def _copy(source: Path, target: Path, progress: Progress) -> None:
    previous = os.umask(0o077)
    try:
        with (
            closing(sqlite3.connect(source, isolation_level=None)) as origin,
            closing(sqlite3.connect(target, isolation_level=None)) as copy,
        ):
            # One read transaction holds the moment: what is written meanwhile starts nothing anew.
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
            origin.backup(
                copy, pages=_PAGES, progress=lambda _, left, total: progress(total - left, total)
            )
            # The copy is one file, with no log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as failure:
        raise UnusableBackup(f"{source} cannot be copied: {explained(failure)}") from failure
    finally:
        os.umask(previous)


def _set_aside(folder: Path) -> None:
    """Move the database that is there out of the way, with what its log holds."""
    current = folder / FILE_NAME
    if not current.exists():
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(current)) as connection:
        # A damaged database may refuse; then its log is kept beside it under its name.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("", "-wal", "-shm"):
        (folder / f"{REPLACED}{ending}").unlink(missing_ok=True)
        if (folder / f"{FILE_NAME}{ending}").exists():
            (folder / f"{FILE_NAME}{ending}").rename(folder / f"{REPLACED}{ending}")


def _write_through(folder: Path) -> None:
    """Make a name in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
