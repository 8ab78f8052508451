"""Where the public keys of a client come from: its registration, or an address of its own."""

import json
import logging
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from psolink.security.client_keys import ClientKey, usable_keys
from psolink.security.registry import Client

log = logging.getLogger(__name__)

_LARGEST_BYTES = 64 * 1024
_CONNECT_SECONDS, _READ_SECONDS, _WHOLE_SECONDS = 3.0, 3.0, 6.0
_LONGEST_KEPT = timedelta(hours=1)
_KEPT_BY_DEFAULT = timedelta(minutes=5)
_BETWEEN_FETCHES = timedelta(seconds=10)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})\b", re.IGNORECASE)
_DO_NOT_KEEP = re.compile(r"\bno-(?:store|cache)\b", re.IGNORECASE)


class KeySource(Protocol):
    """Finds the key that a client names in its assertion."""

    def key(self, client: Client, key_id: str) -> ClientKey | None:
        """Return the client's key with this id; None: it has none, or it cannot be had now."""
        ...


class KeysUnavailable(Exception):
    """The keys of an address cannot be had; the text says why and quotes nothing."""


@dataclass(frozen=True, slots=True)
class FetchedKeys:
    """Keys by their id, and for how long they may be kept."""

    keys: dict[str, ClientKey]
    keep: timedelta


Fetch = Callable[[str], FetchedKeys]


class HttpKeys:
    """Fetches JWK Sets: https only, no redirects, little and in little time."""

    def __init__(
        self, *, allow_loopback_http: bool = False, whole_seconds: float = _WHOLE_SECONDS
    ) -> None:
        self._allow_loopback_http = allow_loopback_http
        self._whole_seconds = whole_seconds

    def __call__(self, address: str) -> FetchedKeys:
        """Return the keys at the address; raise `KeysUnavailable`."""
        self._check_scheme(address)
        try:
            with requests.get(
                address,
                headers={"Accept": "application/json"},
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _fetched(response, time.monotonic() + self._whole_seconds)
        except (requests.RequestException, HTTPError) as error:
            raise KeysUnavailable(type(error).__name__) from error

    def _check_scheme(self, address: str) -> None:
        parts = urlsplit(address)
        is_loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if parts.scheme != "https" and not (self._allow_loopback_http and is_loopback):
            raise KeysUnavailable("the scheme is not https")


@dataclass(frozen=True, slots=True)
class _Kept:
    """The keys of an address until they must be fetched again, and when that may be tried."""

    keys: dict[str, ClientKey]
    until: datetime
    next_try: datetime

    def at(self, now: datetime) -> dict[str, ClientKey]:
        return self.keys if now < self.until else {}

    def suffices(self, key_id: str, now: datetime) -> bool:
        # A client that has just rotated names a key that is not kept yet; but whoever invents
        # key ids must not make this server send a request each time.
        return key_id in self.at(now) or now < self.next_try


class ClientKeys:
    """The keys of the registration, or those of the registered address, kept for a while."""

    def __init__(self, fetch: Fetch, clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._fetching: defaultdict[str, Lock] = defaultdict(Lock)

    def key(self, client: Client, key_id: str) -> ClientKey | None:
        """Return the client's key with this id; None: it has none, or it cannot be had now."""
        if client.jwks_uri is None:
            return usable_keys(client.jwks).get(key_id)
        kept = self._kept.get(client.jwks_uri)
        now = self._clock()
        if kept and kept.suffices(key_id, now):
            return kept.at(now).get(key_id)
        # Requests of the same client wait for one fetch; those of others do not wait.
        with self._fetching[client.jwks_uri]:
            return self._fetched_keys(client.jwks_uri, key_id).get(key_id)

    def _fetched_keys(self, address: str, key_id: str) -> dict[str, ClientKey]:
        now = self._clock()
        kept = self._kept.get(address) or _Kept({}, now, now)
        if kept.suffices(key_id, now):
            return kept.at(now)
        try:
            fetched = self._fetch(address)
        except KeysUnavailable as unavailable:
            log.warning("the keys of a client cannot be fetched: %s", unavailable)
            self._kept[address] = replace(kept, next_try=now + _BETWEEN_FETCHES)
            return kept.at(now)
        next_try = now + min(fetched.keep, _BETWEEN_FETCHES)
        self._kept[address] = _Kept(fetched.keys, now + fetched.keep, next_try)
        return fetched.keys


def _fetched(response: requests.Response, end: float) -> FetchedKeys:
    if response.status_code != requests.codes.ok:
        raise KeysUnavailable(f"status {response.status_code}")
    try:
        keys = usable_keys(json.loads(_body(response, end)))
    except (ValueError, RecursionError):
        raise KeysUnavailable("the body is not JSON") from None
    return FetchedKeys(keys, _keeping(response.headers.get("Cache-Control", "")))


def _body(response: requests.Response, end: float) -> bytes:
    """Return the body, unless it is large or comes in drips."""
    body = b""
    # `iter_content` would wait for a whole chunk, however slowly its bytes come.
    while part := response.raw.read1(4096, decode_content=True):
        body += part
        if len(body) > _LARGEST_BYTES:
            raise KeysUnavailable(f"the body has more than {_LARGEST_BYTES} bytes")
        if time.monotonic() > end:
            raise KeysUnavailable("the body comes too slowly")
    return body


def _keeping(cache_control: str) -> timedelta:
    """Return for how long the header allows to keep the keys, and never for very long."""
    if _DO_NOT_KEEP.search(cache_control):
        return timedelta(0)
    max_age = _MAX_AGE.search(cache_control)
    return min(timedelta(seconds=int(max_age[1])), _LONGEST_KEPT) if max_age else _KEPT_BY_DEFAULT
