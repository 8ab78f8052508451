"""Run the engine: `python -m psolink.embedded --data DIR [--socket PATH]`."""

import argparse
import logging
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Final

from psolink.embedded.engine import Engine
from psolink.embedded.errors import CommandError
from psolink.embedded.failures import explained
from psolink.embedded.server import FOLDER_IN_USE, READY, FolderInUse, Server, lock_folder

# The exit status when the file is not a database of this engine: EX_DATAERR of sysexits.h.
UNUSABLE: Final = 65
_TICK_SECONDS: Final = 0.5

log = logging.getLogger("psolink.embedded")


def main() -> int:
    """Serve until a signal comes or the parent dies, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m psolink.embedded", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the database file")
    parser.add_argument("--socket", type=Path, help="default: engine.sock in the data folder")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    parent = os.getppid()
    os.umask(0o077)
    try:
        lock = lock_folder(arguments.data)
    except FolderInUse as refusal:
        return _refused(str(refusal), FOLDER_IN_USE)
    with lock:
        try:
            engine = Engine.open(arguments.data)
        except (CommandError, sqlite3.Error) as failure:
            return _refused(f"the database file cannot be used: {explained(failure)}", UNUSABLE)
        _serve(engine, arguments.socket or arguments.data / "engine.sock", parent)
    return 0


def _refused(message: str, status: int) -> int:
    """Say why the engine does not start to the parent, which tells it."""
    os.write(1, f"{message}\n".encode())
    return status


def _serve(engine: Engine, address: Path, parent: int) -> None:
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server = Server(engine, address)
    threading.Thread(target=server.serve, daemon=True).start()
    log.info("the embedded engine is the single-host default; set a MongoDB URI to scale out")
    os.write(1, READY)
    while not stopped.wait(_TICK_SECONDS) and os.getppid() == parent:
        engine.tidy()
    server.close()
    engine.close()


if __name__ == "__main__":
    sys.exit(main())
