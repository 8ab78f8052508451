"""The links of a searchset, and what is in the one that leads to the next page.

It holds the whole request, sealed: it can be followed at any time, says nothing to those who see
it pass, and does not take other criteria on the way.

https://hl7.org/fhir/R4/http.html#paging
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.search.result_parameters import CURSOR
from psolink.security.page_tokens import InvalidPageToken
from psolink.store.values import Place

Pairs = Sequence[tuple[str, str]]

MAX_LINK = 8000
"""The longest link to a page: servers and proxies refuse longer URLs."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """A request with the place where it goes on, None at the start, and its total where known.

    `partly` is the row after the place that was sent in part: its key, and how many of its matches.
    """

    pairs: tuple[tuple[str, str], ...]
    place: Place | None
    total: int | None
    partly: tuple[str, int] | None = None

    @property
    def is_start(self) -> bool:
        """True where nothing was sent before."""
        return self.place is None and self.partly is None


def resumed(ctx: Context, path: str, pairs: Pairs) -> Continuation:
    """Return the request that a link stands for, or `pairs` as one that starts.

    The page may be of another size. Anything else beside the cursor has to be as it was.
    """
    cursors = [value for name, value in pairs if name == CURSOR]
    rest = [pair for pair in pairs if pair[0] != CURSOR]
    if not cursors:
        return Continuation(tuple(rest), None, None)
    found = _opened(ctx, path, cursors[0])
    counts = [pair for pair in rest if pair[0] == "_count"]
    if len(cursors) > 1 or not {*rest}.issubset({*found.pairs, *counts}):
        raise InvalidRequest(
            "A link to a page holds its whole request: follow it as it is, or start anew.", CURSOR
        )
    if not counts:
        return found
    kept = [pair for pair in found.pairs if pair[0] != "_count"]
    return replace(found, pairs=(*kept, *counts))


def page_link(ctx: Context, relation: str, path: str, to: Continuation) -> JsonObject:
    """Return the link to the page at the place of `to`.

    Raise `InvalidRequest` where it would be longer than the URL of a request may be.
    """
    link = _link(relation, f"{ctx.base_url}/{path}", [(CURSOR, sealed(ctx, path, to))])
    if len(link["url"]) > MAX_LINK:
        raise InvalidRequest(
            "The criteria are too long for a link to another page: send fewer or shorter values, or "
            "ask by _count for all matches in one page."
        )
    return link


def self_link(ctx: Context, path: str, used: Pairs) -> JsonObject:
    """Return the link that says what of the request was understood."""
    return _link("self", f"{ctx.base_url}/{path}", used)


def sealed(ctx: Context, path: str, to: Continuation) -> str:
    """Return the token of the page at the place of `to`."""
    place = None if to.place is None else [_written(each) for each in to.place]
    content = [to.pairs, place, to.total, ctx.principal.rights, to.partly]
    text = json.dumps(content, separators=(",", ":"))
    return ctx.services.page_tokens.seal(text.encode(), bound_to=_bound_to(ctx, path))


def _opened(ctx: Context, path: str, token: str) -> Continuation:
    try:
        content = ctx.services.page_tokens.open(token, bound_to=_bound_to(ctx, path))
    except InvalidPageToken:
        raise InvalidRequest(
            "The link is damaged or was not made for this client: start again from the first page.",
            CURSOR,
        ) from None
    # Links of earlier releases end with the rights that the total was counted with.
    pairs, place, total, rights, *rest = json.loads(content)
    partly = rest[0] if rest else None
    return Continuation(
        tuple((name, value) for name, value in pairs),
        None if place is None else tuple(_READ[kind](text) for kind, text in place),
        total if rights == ctx.principal.rights else None,
        None if partly is None else (partly[0], partly[1]),
    )


def _bound_to(ctx: Context, path: str) -> str:
    return f"{ctx.tenant}\n{path}"


def _link(relation: str, url: str, pairs: Pairs) -> JsonObject:
    target = url.rstrip("/")
    return {"relation": relation, "url": f"{target}?{urlencode(pairs)}" if pairs else target}


def _written(value: object) -> tuple[str, object]:
    if isinstance(value, datetime):
        return "moment", value.isoformat()
    if isinstance(value, Decimal):
        return "decimal", str(value)
    return "json", value


_READ: Mapping[str, Callable[[Any], object]] = {
    "moment": datetime.fromisoformat,
    "decimal": Decimal,
    "json": lambda value: value,
}
