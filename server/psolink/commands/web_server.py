"""The web workers: gunicorn, a well-kept pre-forking WSGI server.

`python -m psolink.commands.web_server PARENT SOCKET` serves on a socket that the parent listens
on: while the workers are started again, requests wait there instead of being refused.
"""

import gc
import logging
import os
import socket
import struct
import sys
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from psolink.app import create_app
from psolink.commands import logs
from psolink.commands.orphans import end_with
from psolink.commands.web_worker import WebWorker
from psolink.settings import Settings
from psolink.store.startup import connect

_BACKLOG = 2048
_SILENT_SECONDS = 30
"""So long a client may be silent in the middle of a request, or not take what is sent to it."""

MAX_REQUEST_LINE = 8190
"""The longest that gunicorn can be told to take; links to pages are kept below it."""


def listening_socket(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say; raise `OSError` where it cannot."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # The connections that it accepts have these, too: each of them holds a thread.
        silent = struct.pack("ll", _SILENT_SECONDS, 0)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silent)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, silent)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def main(parent: int, descriptor: int) -> None:
    """Serve on the socket `descriptor` until a signal comes or the parent ends."""
    end_with(parent)
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    _Gunicorn(settings, descriptor).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc] # gunicorn is untyped
    """gunicorn with our settings instead of a configuration file."""

    def __init__(self, settings: Settings, descriptor: int) -> None:
        self._settings = settings
        self._descriptor = descriptor
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        chosen = {
            "bind": f"fd://{self._descriptor}",
            "workers": self._settings.workers,
            "worker_class": WebWorker,
            "threads": self._settings.threads,
            "keepalive": 30,
            "graceful_timeout": 20,
            "timeout": 120,
            "limit_request_line": MAX_REQUEST_LINE,
            # What it logs of requests quotes them; the worker tells of failures itself.
            "loglevel": "error",
            "proc_name": "psolink",
            "when_ready": self._announce,
            "post_fork": _follow,
            "post_worker_init": _settle,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the app; each worker builds its own, with its own connections."""
        return create_app(self._settings, connect(self._settings.mongodb_uri or ""))

    def _announce(self, _arbiter: Any) -> None:  # noqa: ANN401 - gunicorn is untyped
        host = self._settings.host
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"PSOLink serves http://{shown}:{self._settings.port}/fhir", err=True)


def _follow(_arbiter: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn is untyped
    end_with(worker.ppid)


def _settle(_worker: Any) -> None:  # noqa: ANN401 - gunicorn is untyped
    logging.getLogger("gunicorn.error").setLevel(logging.CRITICAL)
    # The definitions live as long as the process: the collector need not look at them again.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
