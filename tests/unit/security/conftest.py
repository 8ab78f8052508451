import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from psolink.security.keys import SigningKeys


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def signing_keys() -> SigningKeys:
    return SigningKeys.create("ES256")


@pytest.fixture(scope="session")
def signing_input() -> Callable[[Mapping[str, object], bytes], str]:
    """Return a function that puts any header before any content; `...` leaves a member out."""

    def joined(header: Mapping[str, object], content: bytes) -> str:
        kept = {name: value for name, value in header.items() if value is not ...}
        return f"{encoded(json.dumps(kept).encode())}.{encoded(content)}"

    return joined


@pytest.fixture(scope="session")
def sign(signing_input) -> Callable[[Mapping[str, object], bytes, ECKey], str]:
    """Return a function that signs tokens which a library would refuse to make."""

    def signed(header: Mapping[str, object], content: bytes, key: ECKey) -> str:
        text = signing_input(header, content)
        hash_of = {"P-256": hashes.SHA256(), "P-384": hashes.SHA384()}[key.curve_name]
        parts = decode_dss_signature(key.get_op_key("sign").sign(text.encode(), ECDSA(hash_of)))
        size = key.curve_key_size // 8
        return f"{text}.{encoded(b''.join(part.to_bytes(size) for part in parts))}"

    return signed


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
