"""`psolink backup` and `psolink restore`: copies of the embedded engine's database."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from psolink.commands.exits import FAILED, UNREADABLE
from psolink.commands.options import data_option, fail, settings_of
from psolink.embedded.backup import REPLACED, Progress, UnusableBackup, back_up
from psolink.embedded.backup import restore as put_back
from psolink.embedded.server import FolderInUse
from psolink.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there already.")
def backup(file: Path, data: Path | None, *, overwrite: bool) -> None:
    """Write the embedded engine's database, as it is now, to FILE; the server may go on.

    The copy is checked before it gets its name. Keys (signing-keys.json) are not in it: copy them
    from the data folder once and keep them apart.
    """
    settings = _embedded(settings_of(data=data), "mongodump --oplog")
    if file.exists() and not overwrite:
        fail(f"{file} is there already; choose another name or use --overwrite.", UNREADABLE)
    try:
        with _bar("Copying") as progress:
            documents = back_up(settings.data, file, progress)
    except (UnusableBackup, OSError) as error:
        fail(str(error), FAILED)
    click.secho(f"{file} holds {documents} documents and was checked.", fg="green")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def restore(file: Path, data: Path | None) -> None:
    """Put the copy FILE in place of the embedded engine's database; no server may run.

    FILE is checked first. The database that was there stays beside it as psolink.sqlite.replaced.
    """
    settings = _embedded(settings_of(data=data), "mongorestore --oplogReplay")
    try:
        with _bar("Restoring") as progress:
            documents = put_back(file, settings.data, progress)
    except FolderInUse:
        fail(
            f"A server uses the data folder {settings.data}: end it, then restore, then start it.",
            FAILED,
        )
    except (UnusableBackup, OSError) as error:
        fail(str(error), FAILED)
    click.secho(
        f"{documents} documents are restored; the database that was there is {REPLACED}.",
        fg="green",
    )


def _embedded(settings: Settings, instead: str) -> Settings:
    if settings.mongodb_uri:
        fail(
            "PSOLINK_MONGODB_URI is set: the data are in MongoDB. Use its own tools there, "
            f"`{instead}` with the same URI.",
            UNREADABLE,
        )
    return settings


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    with click.progressbar(length=100, label=label, file=sys.stderr) as bar:
        yield _percent(bar.update)


def _percent(advance: Callable[[int], None]) -> Progress:
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        percent = done * 100 // max(total, 1)
        advance(percent - shown)
        shown = percent

    return progress
