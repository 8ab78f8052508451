"""A gunicorn worker in which a connection keeps its thread for a moment after each request.

gunicorn's own gives the connection back to its main thread after each request, and takes it from
there for the next one. These changes of threads cost more than reading the request does, and
clients that push events send one after the other.
"""

import select
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

_LINGER_MILLISECONDS = 100
"""So long a thread waits for the next request of its connection."""


class WebWorker(ThreadWorker):  # type: ignore[misc] # gunicorn is untyped
    """Threads for requests, and while there are enough of them, one for each connection."""

    def handle(self, conn: TConn) -> Any:  # noqa: ANN401 - gunicorn is untyped
        """Serve a connection as long as requests follow; return whether it is to be kept."""
        while (kept := super().handle(conn)) is True and self._follows(conn):
            pass
        return kept

    def _follows(self, conn: TConn) -> bool:
        """Tell whether another request begins before long.

        With more connections than threads nothing is waited for: another one may need the thread.
        What was read beyond the request is left to gunicorn, which sees to it at once.
        """
        if self.nr_conns > self.cfg.threads or conn.parser.unreader.buf.getvalue():
            return False
        coming = select.poll()
        coming.register(conn.sock, select.POLLIN)
        return bool(coming.poll(_LINGER_MILLISECONDS)) and self.alive
