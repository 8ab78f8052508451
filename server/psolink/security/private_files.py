"""Files that hold secrets: readable by their owner alone, whole or not there at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp


class InsecureFile(Exception):
    """A file with secrets can be read by everyone on the machine."""


def write_private(path: Path, text: str) -> None:
    """Replace the file at once: whoever reads it finds the old text or the new one."""
    with _written_beside(path, text) as temporary:
        temporary.replace(path)
    _sync_folder(path.parent)


def create_private(path: Path, text: str) -> bool:
    """Write the file and return True, or leave one that is already there and return False."""
    with _written_beside(path, text) as temporary:
        try:
            # Unlike a rename, a link does not replace a file that a rival has just made.
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
    _sync_folder(path.parent)
    return True


def read_private(path: Path) -> str:
    """Return the text; raise `InsecureFile` where others than owner and group have access."""
    if stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO:
        raise InsecureFile(f"{path} holds secrets and is open to everyone: run chmod 600 {path}")
    return path.read_text(encoding="utf-8")


@contextmanager
def _written_beside(path: Path, text: str) -> Iterator[Path]:
    """Yield a file in the same folder that holds the text; it is gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # It has mode 0600 from the moment it exists.
    descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
