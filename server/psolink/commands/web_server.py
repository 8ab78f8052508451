"""The web workers: gunicorn, a well-kept pre-forking WSGI server."""

import gc
import logging
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from psolink.app import create_app
from psolink.commands.orphans import end_with
from psolink.settings import Settings
from psolink.store.startup import connect

log = logging.getLogger(__name__)


def run_web_server(settings: Settings) -> None:
    """Serve until a signal ends it, then return."""
    try:
        _Gunicorn(settings).run()
    except SystemExit as ended:
        # gunicorn ends its master by exiting; what started the engine has to stop it first.
        if ended.code:
            raise


class _Gunicorn(BaseApplication):  # type: ignore[misc] # gunicorn is untyped
    """gunicorn with our settings instead of a configuration file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        chosen = {
            "bind": _address(self._settings),
            "workers": self._settings.workers,
            "worker_class": "gthread",
            "threads": self._settings.threads,
            "keepalive": 30,
            "graceful_timeout": 20,
            "timeout": 120,
            # Its warnings quote what clients send.
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
        click.echo(f"PSOLink serves http://{_address(self._settings)}/fhir", err=True)


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def _follow(_arbiter: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn is untyped
    end_with(worker.ppid)


def _settle(_worker: Any) -> None:  # noqa: ANN401 - gunicorn is untyped
    # The definitions live as long as the process: the collector need not look at them again.
    gc.collect()
    gc.freeze()
