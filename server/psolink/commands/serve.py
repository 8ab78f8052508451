"""`psolink serve`: the web workers, and the embedded engine where no MongoDB is configured."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from psolink.commands import logs
from psolink.commands.engine import engine_for
from psolink.commands.exits import FAILED, UNREADABLE
from psolink.commands.web_server import run_web_server
from psolink.settings import InvalidSetting, Settings
from psolink.setup import NotReady, prepare, seed_development

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - these are refused without a name
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option("--dev", is_flag=True, help="Seed two hospitals, two PSOs and an outsider.")
@click.option("--host", help="Address to listen on [PSOLINK_HOST, else 127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65535), help="Port [PSOLINK_PORT, else 8080].")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder [PSOLINK_DATA, else psolink-data].",
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Web worker processes [PSOLINK_WORKERS, else 2]."
)
def serve(
    *, dev: bool, host: str | None, port: int | None, data: Path | None, workers: int | None
) -> None:
    """Serve FHIR at /fhir until interrupted.

    Without PSOLINK_MONGODB_URI the embedded engine keeps everything in the data folder. With
    --dev the server listens on loopback only and writes dev-tokens.json into the data folder.
    """
    settings = settings_of(host=host, port=port, data=data, workers=workers)
    if dev and settings.host not in _LOOPBACK:
        _fail("--dev seeds well-known clients, so it listens on loopback only.", UNREADABLE)
    if settings.host in _EVERY_ADDRESS and not settings.base_url:
        _fail(
            "Where it listens on every address, PSOLINK_BASE_URL has to say its name.", UNREADABLE
        )
    logs.configure(settings.log_level)
    try:
        with engine_for(settings) as uri:
            ready = replace(settings, mongodb_uri=uri)
            prepare(ready)
            if dev:
                click.echo(f"Tokens of the seeded clients: {seed_development(ready)}", err=True)
            run_web_server(ready)
    except NotReady as error:
        _fail(str(error), FAILED)


def settings_of(**options: object) -> Settings:
    """Return the settings of the environment with the options that were given in their place."""
    try:
        settings = Settings.from_env(os.environ)
    except InvalidSetting as error:
        _fail(str(error), UNREADABLE)
    given = {name: value for name, value in options.items() if value is not None}
    return replace(settings, **given)  # type: ignore[arg-type] # click checked the types


def _fail(message: str, code: int) -> NoReturn:
    click.secho(message, fg="red", err=True)
    sys.exit(code)
