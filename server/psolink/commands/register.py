"""`psolink register`: write organizations, contracts and clients into the database."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from psolink.commands.engine import database_for
from psolink.commands.exits import FAILED, INVALID, UNREADABLE
from psolink.commands.options import data_option
from psolink.errors import FhirError
from psolink.security.registration import parse_registration
from psolink.security.registry import Registration
from psolink.settings import InvalidSetting, Settings
from psolink.setup import NotReady, prepare, register_in


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
def register(file: Path, data: Path | None) -> None:
    """Write the organizations, contracts and clients of FILE (YAML) into the database.

    Entries in the database under the same ids are replaced, others stay. Servers may go on: they
    see the change at once.
    """
    registration = _read(file)
    try:
        settings = Settings.from_env(os.environ)
        if data:
            settings = replace(settings, data=data)
        with database_for(settings) as uri:
            ready = replace(settings, mongodb_uri=uri)
            prepare(ready)
            register_in(ready, registration)
    except (InvalidSetting, NotReady) as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(FAILED)
    click.secho(
        f"{len(registration.organizations)} organizations, {len(registration.contracts)} contracts "
        f"and {len(registration.clients)} clients are registered.",
        fg="green",
    )


def _read(file: Path) -> Registration:
    try:
        return parse_registration(file.read_text())
    except (OSError, UnicodeDecodeError):
        click.secho(f"{file} cannot be read as text.", fg="red", err=True)
        sys.exit(UNREADABLE)
    except FhirError as error:
        for issue in error.issues:
            click.secho(f"{file}: {issue.diagnostics}", fg="red", err=True)
        sys.exit(INVALID)
