"""A gunicorn worker in which a connection keeps its thread for a moment after each request.

gunicorn's own gives the connection back to its main thread after each request, and takes it from
there for the next one. These changes of threads cost more than reading the request does, and
clients that push events send one after the other.

What is no HTTP, or more of it than is read, is answered with an OperationOutcome as well.
"""

import logging
import select
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from psolink.errors import Unexpected
from psolink.formats.json_codec import render
from psolink.outcome import Issue, IssueCode, operation_outcome

_LINGER_MILLISECONDS = 100
"""So long a thread waits for the next request of its connection."""

_REFUSALS: tuple[tuple[type[Exception], HTTPStatus, IssueCode, str], ...] = (
    (
        LimitRequestLine,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        IssueCode.TOO_LONG,
        "The URL is too long; send a search as a form, by POST to [type]/_search.",
    ),
    (
        LimitRequestHeaders,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        IssueCode.TOO_LONG,
        "There are too many headers, or one is too long.",
    ),
    (
        ExpectationFailed,
        HTTPStatus.EXPECTATION_FAILED,
        IssueCode.NOT_SUPPORTED,
        "The only expectation that is met is 100-continue.",
    ),
    (
        ParseException,
        HTTPStatus.BAD_REQUEST,
        IssueCode.STRUCTURE,
        "The request is not well-formed HTTP.",
    ),
)

log = logging.getLogger(__name__)


class WebWorker(ThreadWorker):  # type: ignore[misc] # gunicorn is untyped
    """Threads for requests, and while there are enough of them, one for each connection."""

    def handle(self, conn: TConn) -> Any:  # noqa: ANN401 - gunicorn is untyped
        """Serve a connection as long as requests follow; return whether it is to be kept."""
        while (kept := super().handle(conn)) is True and self.follows(conn):
            pass
        return kept

    def follows(self, conn: TConn) -> bool:
        """Tell whether another request begins before long.

        With more connections than threads nothing is waited for: another one may need the thread.
        What was read beyond the request is left to gunicorn, which sees to it at once.
        """
        if self.nr_conns > self.cfg.threads or conn.parser.unreader.buf.getvalue():
            return False
        coming = select.poll()
        coming.register(conn.sock, select.POLLIN)
        return bool(coming.poll(_LINGER_MILLISECONDS)) and self.alive

    def handle_error(self, _request: Any, client: Any, _address: Any, error: Exception) -> None:  # noqa: ANN401 - gunicorn is untyped
        """Answer a request that did not come to the app; the connection ends with that."""
        status, content = _refusal(error)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request failed: %s", type(error).__name__)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
            "Content-Type: application/fhir+json; charset=utf-8\r\nCache-Control: no-store\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        try:
            write_nonblock(client, head.encode() + content)
        except OSError:
            log.info("a client did not take the answer to a request that was refused")


def _refusal(error: Exception) -> tuple[HTTPStatus, bytes]:
    """Return the status and the OperationOutcome; neither quotes the request."""
    for kind, status, code, words in _REFUSALS:
        if isinstance(error, kind):
            return status, render(operation_outcome([Issue(code, words)]))
    return HTTPStatus.INTERNAL_SERVER_ERROR, render(operation_outcome(Unexpected().issues))
