"""The database for a command: the configured MongoDB, or an embedded engine."""

from collections.abc import Iterator
from contextlib import contextmanager

from psolink.embedded.launcher import EngineNotStarted, EngineProcess, running_uri
from psolink.settings import Settings
from psolink.setup import NotReady


@contextmanager
def engine_for(settings: Settings) -> Iterator[str]:
    """Yield the URI of the configured MongoDB, or of an embedded engine that is started here.

    Raise `NotReady` where the engine does not start, also because a server uses the data folder.
    """
    if settings.mongodb_uri:
        yield settings.mongodb_uri
        return
    try:
        engine = EngineProcess.start(settings.data)
    except EngineNotStarted as error:
        raise NotReady(str(error)) from error
    with engine:
        yield engine.uri


@contextmanager
def database_for(settings: Settings) -> Iterator[str]:
    """Yield the URI of the database as `engine_for` does, beside a server if one runs."""
    running = None if settings.mongodb_uri else running_uri(settings.data)
    if running is not None:
        yield running
        return
    with engine_for(settings) as uri:
        yield uri
