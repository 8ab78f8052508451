"""One line for each request: what kind, how it ended, how long it took.

Never the URL, a body or an id: search parameters identify people, and even the type of a resource
can tell that an event was reported.
"""

import logging
import time

from flask import Flask, Response, g, request

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Let `app` log its requests."""
    app.before_request(_begin)
    app.after_request(_log)


def _begin() -> None:
    g.began = time.perf_counter()


def _log(response: Response) -> Response:
    rule = request.url_rule.rule if request.url_rule else "unknown"
    milliseconds = (time.perf_counter() - g.began) * 1000
    log.info("%s %s %d %.1f ms", request.method, rule, response.status_code, milliseconds)
    return response
