"""`psolink indexes`: whether the database has the indexes that searches need, and building them."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from pymongo.database import Database

from psolink.commands.engine import database_for
from psolink.commands.exits import FAILED
from psolink.commands.options import data_option, fail, settings_of
from psolink.setup import INDEXES, NotReady
from psolink.store.drift import IN_ORDER, Finding, State, findings
from psolink.store.drift import build as build_indexes
from psolink.store.startup import DatabaseError, connect

_COLOURS = {State.PRESENT: "green", State.FOREIGN: None, State.OBSOLETE: "yellow"}


@click.group()
def indexes() -> None:
    """Compare the indexes of the database with those that this release defines."""


@indexes.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def check(data: Path | None, *, as_json: bool) -> None:
    """Show every index and whether it is as defined; 1 where `indexes build` would change one.

    present: as it should be. missing: searches are slow, or ids are not kept unique, and
    /health/ready says so. different: of the same name with other keys. obsolete: of an earlier
    release. foreign: not ours, left alone.
    """
    with _database(data) as database:
        found = findings(database, INDEXES)
    if as_json:
        click.echo(json.dumps([_row(each) for each in found], indent=2))
    else:
        _show(found)
    if any(each.state not in IN_ORDER for each in found):
        sys.exit(FAILED)


@indexes.command()
@data_option
def build(data: Path | None) -> None:
    """Build the indexes that are missing and remove those that are obsolete.

    The server may go on. Indexes that are not ours stay.
    """
    with _database(data) as database:
        changed: list[Finding] = []

        def report(finding: Finding) -> None:
            changed.append(finding)
            click.echo(f"{finding} …", err=True)

        build_indexes(database, INDEXES, report)
        left = [each for each in findings(database, INDEXES) if each.state not in IN_ORDER]
    if left:
        fail("; ".join(map(str, left)), FAILED)
    click.secho(f"{len(changed)} changes; every index is there.", fg="green")


@contextmanager
def _database(data: Path | None) -> Iterator[Database[dict[str, Any]]]:
    settings = settings_of(data=data)
    try:
        with database_for(settings) as uri, connect(uri) as client:
            yield client[settings.database]
    except (NotReady, DatabaseError) as error:
        fail(str(error), FAILED)


def _show(found: list[Finding]) -> None:
    width = max(len(f"{each.index.collection}.{each.index.name}") for each in found)
    for each in found:
        index = each.index
        keys = ", ".join(path if step == 1 else f"-{path}" for path, step in index.keys)
        keys += " (unique)" if index.unique else ""
        state = click.style(f"{each.state:<9}", fg=_COLOURS.get(each.state, "red"))
        click.echo(f"{state} {f'{index.collection}.{index.name}':<{width}}  {keys}")


def _row(finding: Finding) -> dict[str, object]:
    return {
        "collection": finding.index.collection,
        "name": finding.index.name,
        "keys": dict(finding.index.keys),
        "unique": finding.index.unique,
        "state": str(finding.state),
    }
