"""`psolink demo`: start a server and play the story of one event through HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import click
import requests

from psolink.commands.exits import FAILED
from psolink.commands.narrator import Narrator, StoryFailed
from psolink.commands.story import play

_START_SECONDS = 90
_END_SECONDS = 30


@click.command()
@click.option("--once", is_flag=True, help="End after the story instead of serving on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port; 0 finds a free one.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder; without it a new one that goes away with the demo.",
)
def demo(*, once: bool, port: int, data: Path | None) -> None:
    """Start a server, play the story of one event with real tokens, then keep serving."""
    with tempfile.TemporaryDirectory(prefix="psolink-demo-") as scratch:
        server = Server(data or Path(scratch), port or free_port())
        try:
            server.start()
            _play(server)
            if not once:
                _serve_on(server)
        except StoryFailed as failed:
            click.secho(f"\nThe story ends here: {failed}", fg="red", err=True)
            sys.exit(FAILED)
        finally:
            server.stop()


class Server:
    """A development server in a process of its own."""

    def __init__(
        self, data: Path, port: int, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.data = data
        self.base = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "psolink", "serve", "--dev"]
        self._command += ["--port", str(port), "--data", str(data)]
        self._environment = {"PSOLINK_LOG_LEVEL": "error", **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def tokens_file(self) -> Path:
        """The file with the seeded clients' tokens."""
        return self.data / "dev-tokens.json"

    @property
    def pid(self) -> int:
        """The process id of the server's master."""
        if self._process is None:
            raise StoryFailed("the server was not started")
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        environment = os.environ | self._environment
        # Ctrl-C is for the demo, which then ends the server in order.
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            self._command, env=environment, start_new_session=True
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise StoryFailed("the server did not start")
            time.sleep(0.1)

    def kill(self) -> None:
        """End the server as a power failure would, without a chance to say goodbye."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        deadline = time.monotonic() + _END_SECONDS
        while self._is_ready():
            if time.monotonic() > deadline:
                raise StoryFailed("a worker outlived its server")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server in order."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(_END_SECONDS)

    def wait(self) -> int | None:
        """Wait for the end of the server and return its exit code."""
        return self._process.wait() if self._process else None

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.base}/health/ready", timeout=5).ok
        except requests.RequestException:
            return False


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _play(server: Server) -> None:
    began = time.perf_counter()
    narrator = Narrator(f"{server.base}/fhir", json.loads(server.tokens_file.read_text()))

    def kill_and_restart() -> None:
        server.kill()
        server.start()

    play(narrator, kill_and_restart)
    click.secho(f"\nThe whole story took {time.perf_counter() - began:.1f} s.", fg="green")


def _serve_on(server: Server) -> None:
    token = f"$({sys.executable} -c \"import json;print(json.load(open('{server.tokens_file}'))"
    click.echo(f"""
The server goes on at {server.base}/fhir; Ctrl-C ends it.
Tokens of all actors: {server.tokens_file}

  TOKEN={token}['hospital-a']['token'])")
  curl {server.base}/fhir/metadata
  curl -H "Authorization: Bearer $TOKEN" "{server.base}/fhir/AdverseEvent?_pretty=true"
  curl -H "Authorization: Bearer $TOKEN" "{server.base}/fhir/Patient?_pretty=true"
""")
    try:
        server.wait()
    except KeyboardInterrupt:
        click.echo("Ending.")
