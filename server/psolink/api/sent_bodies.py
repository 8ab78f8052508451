"""The body of this request as it was sent, for saying where in it an issue is."""

from dataclasses import dataclass

from flask import g

_NAME = "psolink_sent_body"


@dataclass(frozen=True, slots=True)
class SentBody:
    """The bytes of a body that could be read, and the type of the resource in it."""

    media_type: str
    data: bytes
    resource_type: str


def remember(media_type: str, data: bytes, resource_type: str) -> None:
    """Keep the body as long as the request lasts."""
    setattr(g, _NAME, SentBody(media_type, data, resource_type))


def sent_body() -> SentBody | None:
    """Return the body of this request; None where there was none, or none that could be read."""
    found = g.get(_NAME)
    return found if isinstance(found, SentBody) else None
