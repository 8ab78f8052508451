"""Where a result goes on, as text that only this server can read and nobody can change.

A link to a page travels through logs and histories: it must not show what was searched for. And
what comes back must be what was sent out, to the same organization.

https://www.rfc-editor.org/rfc/rfc5116
"""

import base64
import binascii
import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from psolink.security.keys import SigningKeys

_NONCE_BYTES = 12
_KEY_BYTES = 32
_PURPOSE = b"psolink page token 2"
_MAX_BYTES = 64 * 1024
"""A longer content is none of ours: no request that is taken makes one."""


class InvalidPageToken(Exception):
    """The token is damaged, made by another server, or given to somebody else."""


class PageTokens:
    """Seals with the first of the server's keys, and opens what any of them sealed."""

    def __init__(self, keys: SigningKeys) -> None:
        materials = (keys.key(each) for each in keys.key_ids)
        self._ciphers = tuple(
            AESGCM(_derived(str(each.as_dict(private=True)["d"]))) for each in materials if each
        )

    def seal(self, content: bytes, *, bound_to: str) -> str:
        """Return a token that only opens for what it is bound to."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, zlib.compress(content), bound_to.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def open(self, token: str, *, bound_to: str) -> bytes:
        """Return the content; raise `InvalidPageToken`."""
        try:
            sealed = base64.b64decode(
                token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
            )
        except (binascii.Error, ValueError):
            raise InvalidPageToken from None
        for cipher in self._ciphers:
            try:
                opened = cipher.decrypt(
                    sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode()
                )
            except (InvalidTag, ValueError):
                continue
            return zlib.decompressobj().decompress(opened, _MAX_BYTES)
        raise InvalidPageToken


def _derived(secret: str) -> bytes:
    # Not the signing key itself: a key has one use.
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE).derive(secret.encode())
