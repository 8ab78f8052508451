"""Public keys of clients: which are fit for verifying a client's assertion.

https://hl7.org/fhir/smart-app-launch/STU2/client-confidential-asymmetric.html
"""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

ClientKey = ECKey | RSAKey

CLIENT_ALGORITHMS = ("RS384", "ES384", "RS256", "ES256")
"""SMART asks for the first two; the others are what client libraries offer beside them."""

_ALGORITHMS = {"EC": ("ES384", "ES256"), "RSA": ("RS384", "RS256")}
_MEMBERS = {"EC": ("crv", "x", "y"), "RSA": ("n", "e")}
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_CURVES = ("P-256", "P-384")
_FEWEST_BITS, _MOST_BITS = 2048, 8192
_MOST_KEYS = 20


def key_faults(jwks: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where a JWK Set breaks the rules and how."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list):
        yield (), "a JWK Set is an object with a list named keys"
        return
    if len(keys) > _MOST_KEYS:
        yield ("keys",), f"a JWK Set may hold {_MOST_KEYS} keys at most, not {len(keys)}"
        return
    for position, key in enumerate(keys):
        for fault in _faults(key):
            yield ("keys", position), fault
    for key_id in _repeated_ids(keys):
        yield ("keys",), f"the key id {key_id!r} must belong to one key only"


def usable_keys(jwks: object) -> dict[str, ClientKey]:
    """Return the keys without a fault by their id; an id of several keys names none."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
        return {}
    repeated = set(_repeated_ids(keys))
    return {
        key["kid"]: _imported(key)
        for key in keys
        if next(_faults(key), None) is None and key["kid"] not in repeated
    }


def _repeated_ids(keys: list[Any]) -> list[str]:
    ids = (key.get("kid") for key in keys if isinstance(key, dict))
    counted = Counter(key_id for key_id in ids if isinstance(key_id, str))
    return [key_id for key_id, times in counted.items() if times > 1]


def _faults(key: object) -> Iterator[str]:
    if not isinstance(key, dict):
        yield "a key is an object"
        return
    names = _MEMBERS.get(str(key.get("kty")))
    if names is None:
        yield "kty must be EC or RSA"
        return
    if not _PRIVATE.isdisjoint(key):
        yield "the key is private: register its public half only, and replace it, as it was shown"
    if not (isinstance(key.get("kid"), str) and key["kid"]):
        yield "kid is required: the assertion names its key by it"
    yield from _purpose_faults(key)
    yield from _material_faults(key, names)


def _purpose_faults(key: Mapping[str, Any]) -> Iterator[str]:
    if key.get("use", "sig") != "sig":
        yield "use must be sig"
    if "key_ops" in key and key["key_ops"] != ["verify"]:
        yield 'key_ops must be ["verify"] if it is given'
    algorithms = _ALGORITHMS[key["kty"]]
    if key.get("alg", algorithms[0]) not in algorithms:
        yield f"alg must be {' or '.join(algorithms)} if it is given"


def _material_faults(key: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    missing = [name for name in names if not isinstance(key.get(name), str)]
    if missing:
        yield f"{' and '.join(missing)} must be given as text"
    elif key["kty"] == "EC" and key["crv"] not in _CURVES:
        yield f"crv must be {' or '.join(_CURVES)}"
    elif key["kty"] == "RSA" and not _FEWEST_BITS <= _bits(key["n"]) <= _MOST_BITS:
        yield f"the modulus n must have {_FEWEST_BITS} to {_MOST_BITS} bits"
    elif not _is_importable(key):
        yield f"{' and '.join(names)} do not make a public key"


def _bits(modulus: str) -> int:
    try:
        return int.from_bytes(base64.urlsafe_b64decode(modulus + "==")).bit_length()
    except ValueError:
        return 0


def _is_importable(key: Mapping[str, Any]) -> bool:
    try:
        _imported(key)
    except (JoseError, ValueError):
        return False
    return True


def _imported(key: Mapping[str, Any]) -> ClientKey:
    # Other members, such as certificates and dates, say nothing about the signature.
    known = {
        name: key[name] for name in ("kty", "kid", "alg", *_MEMBERS[key["kty"]]) if name in key
    }
    return ECKey.import_key(known) if key["kty"] == "EC" else RSAKey.import_key(known)
