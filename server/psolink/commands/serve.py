"""`psolink serve`: a supervisor of the web workers and, without a MongoDB, the embedded engine."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from psolink.commands import logs
from psolink.commands.exits import FAILED, UNREADABLE
from psolink.commands.options import data_option, fail, settings_of
from psolink.commands.parts import EnginePart, ModulePart
from psolink.commands.supervisor import PartFailed, Supervisor
from psolink.commands.web_server import listening_socket
from psolink.settings import Settings
from psolink.setup import NotReady, prepare, seed_development

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - these are refused without a name
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option("--dev", is_flag=True, help="Seed two hospitals, two PSOs and an outsider.")
@click.option("--host", help="Address to listen on [PSOLINK_HOST, else 127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65535), help="Port [PSOLINK_PORT, else 8080].")
@data_option
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Web worker processes [PSOLINK_WORKERS, else 2]."
)
def serve(
    *, dev: bool, host: str | None, port: int | None, data: Path | None, workers: int | None
) -> None:
    """Serve FHIR at /fhir until interrupted.

    What ends by itself or is killed, a worker, the web server or the engine, is started again.
    Without PSOLINK_MONGODB_URI the embedded engine keeps everything in the data folder. With
    --dev the server listens on loopback only and writes dev-tokens.json into the data folder.
    """
    settings = settings_of(host=host, port=port, data=data, workers=workers)
    if dev and settings.host not in _LOOPBACK:
        fail("--dev seeds well-known clients, so it listens on loopback only.", UNREADABLE)
    if settings.host in _EVERY_ADDRESS and not settings.base_url:
        fail("Where it listens on every address, PSOLINK_BASE_URL has to say its name.", UNREADABLE)
    logs.configure(settings.log_level)
    supervisor = Supervisor()
    try:
        _serve(supervisor, settings, dev=dev)
    except (NotReady, PartFailed) as error:
        fail(str(error), FAILED)
    finally:
        supervisor.stop()


def _serve(supervisor: Supervisor, settings: Settings, *, dev: bool) -> None:
    """Start every part and look after them until a signal comes."""
    with _listener(settings) as listener:
        supervisor.end_on((signal.SIGTERM, signal.SIGINT))
        if not settings.mongodb_uri:
            engine = EnginePart(settings)
            supervisor.start(engine)
            settings = replace(settings, mongodb_uri=engine.uri)
        prepare(settings, _published)
        if dev:
            click.echo(f"Tokens of the seeded clients: {seed_development(settings)}", err=True)
        supervisor.start(_web(settings, listener.fileno()))
        supervisor.start(_worker(settings))
        supervisor.run()


@contextmanager
def _published(total: int) -> Iterator[Callable[[int], None]]:
    """Show how far the definitions of R4 are stored, which happens once for each release."""
    with click.progressbar(
        length=total, label="Storing the definitions of FHIR R4", file=sys.stderr
    ) as bar:
        yield bar.update


def _listener(settings: Settings) -> socket.socket:
    try:
        return listening_socket(settings)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise NotReady(f"{where} cannot be listened on: {error.strerror}.") from error


def _worker(settings: Settings) -> ModulePart:
    module = "psolink.commands.worker"
    return ModulePart("the worker", module, settings, arguments=(str(os.getpid()),))


def _web(settings: Settings, descriptor: int) -> ModulePart:
    return ModulePart(
        "the web server",
        "psolink.commands.web_server",
        settings,
        arguments=(str(os.getpid()), str(descriptor)),
        keep_open=(descriptor,),
    )
