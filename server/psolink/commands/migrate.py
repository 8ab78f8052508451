"""`psolink migrate`: bring a database to the layout of this release."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from psolink.administration import migrator
from psolink.commands.engine import engine_for
from psolink.commands.exits import FAILED
from psolink.commands.options import data_option, fail, settings_of
from psolink.settings import Settings
from psolink.setup import NotReady
from psolink.store.layout import LAYOUT, WrongLayout
from psolink.store.migrations import Migrator, Report, Step
from psolink.store.startup import DatabaseError, connect


@click.command()
@data_option
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
def migrate(data: Path | None, *, dry_run: bool) -> None:
    """Bring the database to the layout of this release.

    No server may use the database meanwhile; make a backup first. A migration that was ended in
    the middle goes on where it was. With nothing to do it ends at once, with 0.
    """
    settings = settings_of(data=data)
    try:
        with engine_for(settings) as uri, connect(uri) as client:
            migrating = migrator(replace(settings, mongodb_uri=uri), client)
            _migrate(migrating, settings, dry_run=dry_run)
    except (NotReady, WrongLayout, DatabaseError) as error:
        fail(str(error), FAILED)


def _migrate(migrating: Migrator, settings: Settings, *, dry_run: bool) -> None:
    found, steps = migrating.found(), migrating.steps()
    if found == LAYOUT:
        click.secho(f"{settings.database} has layout {LAYOUT}: nothing to do.", fg="green")
        return
    click.echo(f"{settings.database} has layout {found}; this release needs layout {LAYOUT}.")
    for step in steps:
        click.echo(f"  {step.name}: {step.walk.count()} documents to look at")
    if dry_run:
        click.echo("Nothing was changed.")
        return
    with _bars(steps) as report:
        migrating.run(report)
    click.secho(f"{settings.database} has layout {LAYOUT} now.", fg="green")


@contextmanager
def _bars(steps: list[Step]) -> Iterator[Report]:
    """Yield a report that shows one progress bar after the other."""
    shown: dict[str, int] = {step.name: 0 for step in steps}
    lengths = {step.name: step.walk.count() for step in steps}
    with click.progressbar(length=sum(lengths.values()), label="Migrating", file=sys.stderr) as bar:

        def report(step: Step, seen: int) -> None:
            bar.label = f"Migrating {step.name}"
            bar.update(seen - shown[step.name])
            shown[step.name] = seen

        yield report
