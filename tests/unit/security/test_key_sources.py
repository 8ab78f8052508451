import gzip
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from joserfc.jwk import ECKey

from psolink.security.key_sources import (
    ClientKeys,
    FetchedKeys,
    HttpKeys,
    KeysUnavailable,
)
from psolink.security.registry import Client
from psolink.security.scopes import Scopes

OLD = ECKey.generate_key("P-384", {"kid": "old"})
NEW = ECKey.generate_key("P-384", {"kid": "new"})
ADDRESS = "https://client.example/jwks.json"
REMOTE = Client("remote", "org", Scopes(), 3, jwks_uri=ADDRESS)
MINUTE = timedelta(minutes=1)


class Site:
    """The site of a client, as far as fetching its keys goes."""

    def __init__(self) -> None:
        self.keys = [OLD]
        self.keep = MINUTE
        self.is_up = True
        self.requests = 0

    def __call__(self, address: str) -> FetchedKeys:
        assert address == ADDRESS
        self.requests += 1
        if not self.is_up:
            raise KeysUnavailable("down")
        return FetchedKeys({str(key.kid): key for key in self.keys}, self.keep)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def source(site, clock) -> ClientKeys:
    return ClientKeys(site, clock)


def test_registered_keys_are_found_by_their_id_without_a_request(source, site):
    client = Client("inline", "org", Scopes(), 3, jwks={"keys": [OLD.as_dict(private=False)]})
    assert source.key(client, "old").thumbprint() == OLD.thumbprint()
    assert source.key(client, "new") is None
    assert site.requests == 0


def test_fetched_keys_are_kept_for_as_long_as_the_site_allows(source, site, clock):
    assert source.key(REMOTE, "old") == OLD
    clock.advance(59)
    assert source.key(REMOTE, "old") == OLD
    assert site.requests == 1
    clock.advance(1)
    assert source.key(REMOTE, "old") == OLD
    assert site.requests == 2


def test_a_key_that_the_site_withdrew_is_refused_after_that_time(source, site, clock):
    source.key(REMOTE, "old")
    site.keys = [NEW]
    clock.advance(60)
    assert source.key(REMOTE, "old") is None


def test_keys_that_may_not_be_kept_are_fetched_each_time(source, site):
    site.keep = timedelta(0)
    assert [source.key(REMOTE, "old") for _ in range(3)] == [OLD] * 3
    assert site.requests == 3


def test_a_key_that_the_client_has_just_published_is_found(source, site, clock):
    source.key(REMOTE, "old")
    site.keys = [NEW, OLD]
    clock.advance(10)
    assert source.key(REMOTE, "new") == NEW


def test_invented_key_ids_do_not_cause_a_request_each(source, site):
    assert [source.key(REMOTE, f"invented-{number}") for number in range(100)] == [None] * 100
    assert source.key(REMOTE, "old") == OLD
    assert site.requests == 1


def test_a_site_that_is_down_is_asked_again_after_a_while(source, site, clock):
    site.is_up = False
    assert [source.key(REMOTE, "old") for _ in range(5)] == [None] * 5
    assert site.requests == 1
    site.is_up = True
    clock.advance(10)
    assert source.key(REMOTE, "old") == OLD


def test_kept_keys_outlive_a_failed_request_but_not_their_time(source, site, clock):
    source.key(REMOTE, "old")
    site.is_up = False
    clock.advance(55)
    assert source.key(REMOTE, "new") is None
    assert source.key(REMOTE, "old") == OLD
    clock.advance(5)
    assert source.key(REMOTE, "old") is None


def test_requests_of_a_client_wait_for_one_fetch(clock):
    started, go_on = threading.Event(), threading.Event()
    fetched: list[str] = []

    def slow(address: str) -> FetchedKeys:
        fetched.append(address)
        started.set()
        assert go_on.wait(5)
        return FetchedKeys({"old": OLD}, MINUTE)

    source = ClientKeys(slow, clock)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(source.key, REMOTE, "old")
        assert started.wait(5)
        second = pool.submit(source.key, REMOTE, "old")
        go_on.set()
        assert (first.result(5), second.result(5)) == (OLD, OLD)
    assert fetched == [ADDRESS]


class Handler(BaseHTTPRequestHandler):
    """Answers by the path: a status, headers and a body that the test names."""

    answers: dict[str, tuple[int, dict[str, str], bytes]]

    def do_GET(self) -> None:
        status, headers, body = self.answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.path == "/drips":
            self.drip(body)
        else:
            self.wfile.write(body)

    def drip(self, body: bytes) -> None:
        """Send one byte after the other until the other side has had enough."""
        for position in range(len(body)):
            try:
                self.wfile.write(body[position : position + 1])
            except ConnectionError:
                return
            time.sleep(0.01)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


JWKS = json.dumps({"keys": [OLD.as_dict(private=False)]}).encode()
ANSWERS = {
    "/keys": (200, {}, JWKS),
    "/redirect": (302, {"Location": "/keys"}, JWKS),
    "/missing": (404, {}, JWKS),
    "/text": (200, {}, b"no JSON"),
    "/deep": (200, {}, b"[" * 20_000),
    "/large": (200, {}, JWKS + b" " * 65_536),
    "/other": (200, {}, b"[1]"),
    "/drips": (200, {}, JWKS),
    "/gzip": (200, {"Content-Encoding": "gzip"}, gzip.compress(JWKS)),
    "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 10_000_000)),
    "/cut": (200, {"Content-Length": "9999"}, JWKS),
}
KEEPING = {
    "": 300,
    "max-age=60": 60,
    "public, MAX-AGE=60": 60,
    "max-age=0": 0,
    "no-store": 0,
    "max-age=60, no-cache": 0,
    "max-age=999999999": 3600,
    "max-age=-1": 300,
    "s-maxage=60": 300,
}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    Handler.answers = ANSWERS | {
        f"/keep/{number}": (200, {"Cache-Control": value} if value else {}, JWKS)
        for number, value in enumerate(KEEPING)
    }
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_fetched_over_http_from_the_loopback_when_that_is_allowed(base: str):
    assert set(HttpKeys(allow_loopback_http=True)(f"{base}/keys").keys) == {"old"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/redirect", "status 302"),
        ("/missing", "status 404"),
        ("/text", "not JSON"),
        ("/deep", "not JSON"),
        ("/large", "more than 65536 bytes"),
        ("/bomb", "more than 65536 bytes"),
        ("/cut", "IncompleteRead|ProtocolError"),
    ],
)
def test_an_answer_that_is_no_key_set_is_refused(base: str, path: str, reason: str):
    with pytest.raises(KeysUnavailable, match=reason):
        HttpKeys(allow_loopback_http=True)(base + path)


def test_a_body_that_comes_in_drips_is_given_up(base: str):
    start = time.monotonic()
    with pytest.raises(KeysUnavailable, match="too slowly"):
        HttpKeys(allow_loopback_http=True, whole_seconds=0.05)(f"{base}/drips")
    assert time.monotonic() - start < 0.5


def test_a_compressed_key_set_is_read(base: str):
    assert set(HttpKeys(allow_loopback_http=True)(f"{base}/gzip").keys) == {"old"}


def test_json_that_is_no_key_set_holds_no_keys(base: str):
    assert HttpKeys(allow_loopback_http=True)(f"{base}/other").keys == {}


@pytest.mark.parametrize(("number", "seconds"), list(enumerate(KEEPING.values())))
def test_the_site_says_how_long_its_keys_may_be_kept(base: str, number: int, seconds: int):
    fetched = HttpKeys(allow_loopback_http=True)(f"{base}/keep/{number}")
    assert fetched.keep == timedelta(seconds=seconds)


def test_plain_http_is_refused_by_default(base: str):
    with pytest.raises(KeysUnavailable, match="not https"):
        HttpKeys()(f"{base}/keys")


@pytest.mark.parametrize(
    "address",
    [
        "http://client.example/k",
        "file:///etc/passwd",
        "ftp://127.0.0.1/k",
        "http://127.0.0.1.example/k",
    ],
)
def test_other_schemes_are_refused_even_where_the_loopback_is_allowed(address: str):
    with pytest.raises(KeysUnavailable, match="not https"):
        HttpKeys(allow_loopback_http=True)(address)


def test_a_site_that_cannot_be_reached_is_named_by_the_sort_of_failure():
    with pytest.raises(KeysUnavailable, match="ConnectionError"):
        HttpKeys()("https://127.0.0.1:1/keys")
