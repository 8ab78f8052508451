"""Decide and write, and decide anew when another writer came first."""

import time
from collections.abc import Callable
from typing import TypeVar

from psolink.errors import Conflict
from psolink.store.values import Outdated

_SECONDS = 5.0

Answer = TypeVar("Answer")


def until_current(attempt: Callable[[], Answer]) -> Answer:
    """Return what `attempt` returns once nobody changed what it had read.

    `attempt` reads, decides and commits with conditions. Each lost race means that another
    writer won, so trying again makes progress; raise `Conflict` when it never does.
    """
    deadline = time.monotonic() + _SECONDS
    pause = 0.001
    while True:
        try:
            return attempt()
        except Outdated:
            if time.monotonic() > deadline:
                raise Conflict(
                    "The write is in conflict with another one. Read the resource and try again; "
                    "a new resource may need another id."
                ) from None
            time.sleep(pause)
            pause = min(pause * 2, 0.1)
