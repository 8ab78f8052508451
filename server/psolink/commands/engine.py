"""The database for a command: the configured MongoDB, or an embedded engine."""

from collections.abc import Iterator
from contextlib import contextmanager

from psolink.embedded.launcher import EngineNotStarted, EngineProcess
from psolink.settings import Settings
from psolink.setup import NotReady


@contextmanager
def engine_for(settings: Settings) -> Iterator[str]:
    """Yield the URI of the configured MongoDB, or of an embedded engine that is started here.

    Raise `NotReady` where the engine does not start.
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
