"""The worker: what a server does beside requests.

`python -m psolink.commands.worker PARENT` takes the values of search parameters that organizations
have stored. What it does can be ended at any moment and goes on later.
"""

import logging
import os
import sys
import time

from psolink.administration import parameter_builder
from psolink.commands import logs
from psolink.commands.orphans import end_with
from psolink.errors import FhirError, places
from psolink.settings import Settings
from psolink.store.startup import DatabaseError, connect

log = logging.getLogger(__name__)

_IDLE_SECONDS = 1.0
_PAUSE_SECONDS = 0.02
"""Requests come first: between two parts of the work others have their turn."""


def main(parent: int) -> None:
    """Work until a signal comes or the parent ends."""
    end_with(parent)
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    builder = parameter_builder(settings, connect(settings.mongodb_uri or ""))
    while True:
        try:
            is_busy = builder.advance()
        except (FhirError, DatabaseError) as error:
            log.warning("the work is tried again: %s", places(error))
            is_busy = False
        time.sleep(_PAUSE_SECONDS if is_busy else _IDLE_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]))
