"""Clients with their keys, and a good assertion that tests spoil."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from joserfc.jwk import ECKey, RSAKey

from psolink.fhir_json import JsonObject
from psolink.security.client_assertion import ClientAuthenticator
from psolink.security.client_keys import ClientKey
from psolink.security.key_sources import FetchedKeys, KeysUnavailable
from psolink.security.oauth import TokenRequestRefused
from psolink.security.registry import Client, FixedDirectory, Registration
from psolink.security.scopes import Scopes

TOKEN_ENDPOINT = "https://psolink.example/auth/token"
KEY_SET_URL = "https://remote.example/jwks.json"
KEYS: dict[str, ClientKey] = {
    "ES384": ECKey.generate_key("P-384", {"kid": "es384"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "es256", "alg": "ES256"}),
    "RS384": RSAKey.generate_key(2048, {"kid": "rs384", "use": "sig", "alg": "RS384"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rs256"}),
}
OTHER_KEY = ECKey.generate_key("P-384", {"kid": "other"})
REMOTE_KEY = ECKey.generate_key("P-384", {"kid": "remote"})
Form = Callable[..., dict[str, str]]


def public(*keys: ClientKey) -> JsonObject:
    return {"keys": [key.as_dict(private=False) for key in keys]}


NAMELESS = Client("", "org", Scopes(), level=3)
DIRECTORY = FixedDirectory(
    Registration(
        clients=(
            replace(NAMELESS, client_id="ehr", jwks=public(*KEYS.values())),
            replace(NAMELESS, client_id="other", jwks=public(OTHER_KEY)),
            replace(NAMELESS, client_id="resting", jwks=public(KEYS["ES384"]), active=False),
            replace(NAMELESS, client_id="remote", jwks_uri=KEY_SET_URL),
            replace(NAMELESS, client_id="down", jwks_uri="https://down.example/jwks.json"),
        )
    )
)


class Replays:
    """Remembers in memory what was used."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, str], datetime] = {}

    def first_use(self, client_id: str, jti: str, expires: datetime) -> bool:
        is_first = (client_id, jti) not in self.used
        self.used.setdefault((client_id, jti), expires)
        return is_first


def fetch(address: str) -> FetchedKeys:
    if address != KEY_SET_URL:
        raise KeysUnavailable("down")
    return FetchedKeys({"remote": REMOTE_KEY}, datetime.resolution)


def refusal(authenticator: ClientAuthenticator, sent: dict[str, str]) -> TokenRequestRefused:
    with pytest.raises(TokenRequestRefused) as refused:
        authenticator.authenticate(sent)
    # https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    assert re.fullmatch(r"[\x20\x21\x23-\x5B\x5D-\x7E]+", refused.value.error.description)
    assert (sent.get("client_assertion") or "none") not in refused.value.error.description
    return refused.value


def opened(assertion: str) -> tuple[dict[str, object], bytes]:
    """Return header and content."""
    header, content, _ = (base64.urlsafe_b64decode(part + "==") for part in assertion.split("."))
    return json.loads(header), content
