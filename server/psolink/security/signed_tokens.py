"""Signed JSON Web Tokens as they come from outside, before anything in them is believed.

https://www.rfc-editor.org/rfc/rfc7515 and https://www.rfc-editor.org/rfc/rfc8725
"""

from dataclasses import dataclass
from typing import TypeVar

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from psolink.security.client_keys import ClientKey

T = TypeVar("T")

_LONGEST_HEADER = 2048


class MalformedToken(Exception):
    """Text that is no signed token, or whose claims lack a member or have it in another form."""


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token that is well formed; whoever made it may have written anything into it."""

    algorithm: str
    key_id: str
    media_type: str | None
    key_set_url: str | None
    _parts: jws.CompactSignature

    def claims(self, form: type[T]) -> T:
        """Return the claims; raise `MalformedToken` when they do not have the form."""
        try:
            return msgspec.json.decode(self._parts.payload, type=form)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise MalformedToken(str(error)) from error

    def is_signed_by(self, key: ClientKey, algorithm: str) -> bool:
        """Tell whether the signature is the key's, made with this algorithm and no other."""
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        try:
            return jws.validate_compact(self._parts, key, registry=registry)
        except (JoseError, ValueError):
            return False


def read_token(text: str, *, longest: int) -> SignedToken:
    """Return the token that the text is; raise `MalformedToken`."""
    if len(text) > longest:
        raise MalformedToken(f"a token has at most {longest} characters")
    parts = _split(text)
    header = _Header.read(parts.protected)
    return SignedToken(header.alg, header.kid, header.typ, header.jku, parts)


def _split(text: str) -> jws.CompactSignature:
    registry = jws.JWSRegistry(strict_check_header=False)
    registry.max_header_length = _LONGEST_HEADER
    try:
        return jws.extract_compact(text.encode("ascii"), registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise MalformedToken("three parts in base64url are expected") from error


class _Header(msgspec.Struct, frozen=True):
    """The members that matter; `kid` is required, as without it keys could only be tried."""

    alg: str
    kid: str
    typ: str | None = None
    jku: str | None = None
    crit: object = None
    b64: object = None

    @classmethod
    def read(cls, protected: object) -> "_Header":
        """Return the header of a token that asks for nothing but a plain signature."""
        try:
            header = msgspec.convert(protected, cls)
        except msgspec.ValidationError as error:
            raise MalformedToken(f"the header: {error}") from error
        if header.crit is not None or header.b64 is not None:
            # None of the extensions that these demand is known here.
            raise MalformedToken("the header may not have crit or b64")
        return header
