"""Bodies that cannot be read are the client's fault, and not the server's.

Each server of HTTP has errors of its own for a malformed chunk or a body that does not come.
Werkzeug knows one: `OSError`, for a client that is gone.
"""

from collections.abc import Iterable
from typing import IO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_INPUT = "wsgi.input"


def with_body_stream(app: WSGIApplication) -> WSGIApplication:
    """Return `app` such that it reads bodies as `BodyStream`."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[_INPUT] = BodyStream(environ[_INPUT])
        return app(environ, start_response)

    return serve


class BodyStream:
    """What the server reads of a body, with one kind of failure."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; raise `OSError` where they cannot be read."""
        try:
            return self._body.read() if size < 0 else self._body.read(size)
        except OSError:
            raise
        except Exception as error:
            raise OSError("the body cannot be read") from error
