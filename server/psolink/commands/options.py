"""What the commands on a database have alike: the data folder, the settings, a way to fail."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from psolink.commands.exits import UNREADABLE
from psolink.settings import InvalidSetting, Settings

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder [PSOLINK_DATA, else psolink-data].",
)


def settings_of(**options: object) -> Settings:
    """Return the settings of the environment with the options that were given in their place."""
    try:
        settings = Settings.from_env(os.environ)
    except InvalidSetting as error:
        fail(str(error), UNREADABLE)
    given = {name: value for name, value in options.items() if value is not None}
    return replace(settings, **given)  # type: ignore[arg-type] # click checked the types


def fail(message: str, code: int) -> NoReturn:
    """Say why the command ends, and end it."""
    click.secho(message, fg="red", err=True)
    sys.exit(code)
