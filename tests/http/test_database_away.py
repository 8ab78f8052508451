"""The database goes away in the middle of a request: 503, and when to try again."""

import time
from typing import Any

import pytest
from pymongo import MongoClient
from tests.builders import patient
from tests.http.conftest import Actor, assert_refused
from tests.store.proxy import Fate, Proxy

from psolink.app import create_app
from psolink.setup import development_tokens

AWAY: list[str] = []


def fate(name):
    return Fate.LOSE_REPLY if name in AWAY else Fate.PASS


@pytest.fixture(scope="module")
def hospital_far(settings, app, tmp_path_factory):
    """hospital-a on a server whose connections to the database can be cut."""
    if not settings.mongodb_uri.startswith("mongodb://%2F"):
        pytest.skip("the proxy stands before the engine's unix socket")
    proxy = Proxy(settings.mongodb_uri, tmp_path_factory.mktemp("p"), fate)
    with MongoClient[Any](proxy.uri, tz_aware=True, serverSelectionTimeoutMS=500) as client:
        token = development_tokens(settings)["hospital-a"]["token"]
        yield Actor(create_app(settings, client).test_client(), token)
    proxy.close()


@pytest.fixture(autouse=True)
def _back_again():
    yield
    AWAY.clear()


REQUESTS = [
    pytest.param(lambda client: client.get("/Patient/1"), ["find"], id="a read"),
    pytest.param(lambda client: client.get("/Patient?gender=male"), ["find"], id="a search"),
    pytest.param(lambda client: client.get("/Patient?_summary=count"), ["aggregate"], id="a count"),
    pytest.param(
        lambda client: client.post("/Patient", patient()), ["insert", "find"], id="a create"
    ),
]


@pytest.mark.parametrize(("request_of", "lost"), REQUESTS)
def test_a_database_that_is_away_is_a_reason_to_try_again_later(hospital_far, request_of, lost):
    assert answers_again(hospital_far)
    AWAY.extend(lost)
    refused = request_of(hospital_far)
    assert_refused(refused, 503, "transient")
    assert int(refused.headers["Retry-After"]) > 0
    AWAY.clear()
    assert answers_again(hospital_far)


def answers_again(client: Actor) -> bool:
    """Tell whether reads are answered, once the driver has noticed that the database is back."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if client.get("/Patient").status_code == 200:
            return True
    return False
