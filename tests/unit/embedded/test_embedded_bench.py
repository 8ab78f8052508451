"""How fast the engine is through a driver; the figures go to server/docs/embedded-engine.md."""

import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pymongo import MongoClient

from psolink.embedded.launcher import EngineProcess

pytestmark = [pytest.mark.bench, pytest.mark.http]

SIZES = (1_000, 10_000, 100_000)
CLIENTS = (1, 4)
SECONDS = 3.0


def row(number: int) -> dict[str, Any]:
    tokens = [{"p": "identifier", "c": f"{number}"}, {"p": "event", "c": f"E{number % 200}"}]
    return {"_id": f"P/{number}", "type": "P", "at": number, "token": tokens, "text": "x" * 1500}


@pytest.fixture
def engine(tmp_path):
    with EngineProcess.start(tmp_path) as engine:
        yield engine


def median_ms(work: Callable[[int], object], times: int = 200) -> float:
    taken = []
    for number in range(times):
        began = time.perf_counter()
        assert work(number)
        taken.append(time.perf_counter() - began)
    return round(statistics.median(taken) * 1000, 2)


def test_speed_of_searches_by_size(engine):
    with MongoClient[Any](engine.uri) as client:
        rows = client.bench.rows
        rows.create_index([("type", 1), ("token.p", 1), ("token.c", 1)])
        rows.create_index([("type", 1), ("at", -1)])
        begin = 0
        for size in SIZES:
            began = time.perf_counter()
            for start in range(begin, size, 1_000):
                rows.insert_many(row(number) for number in range(start, min(start + 1_000, size)))
            each_us = (time.perf_counter() - began) / (size - begin) * 1e6
            begin = size
            step = size // 200
            figures = {
                "insert_many, us each": round(each_us),
                "find by _id": median_ms(partial(by_id, rows, step)),
                "token, one hit": median_ms(partial(by_token, rows, step)),
                "token, page of 20": median_ms(lambda n: hits(rows, "event", f"E{n}")),
                "newest 20": median_ms(
                    lambda _: list(rows.find({"type": "P"}).sort("at", -1).limit(20))
                ),
                "count of 1 in 200": median_ms(
                    lambda n: rows.count_documents(token("event", f"E{n}")), times=20
                ),
            }
            print(f"\n{size:>7}", figures)  # noqa: T201 - the figures are the result


def by_id(rows, step, number):
    return rows.find_one({"_id": f"P/{number * step}"})


def by_token(rows, step, number):
    return hits(rows, "identifier", f"{number * step}")


def token(name, code):
    return {"type": "P", "token": {"$elemMatch": {"p": name, "c": code}}}


def hits(rows, name, code):
    return list(rows.find(token(name, code)).limit(20))


@pytest.mark.parametrize("clients", CLIENTS)
def test_speed_of_commits_by_clients(engine, clients):
    done: list[int] = []

    def write(name: int) -> None:
        with MongoClient[Any](engine.uri) as client:
            until, number = time.monotonic() + SECONDS, 0
            while time.monotonic() < until:
                number += 1
                with client.start_session() as session, session.start_transaction():
                    for collection in ("current", "history"):
                        document = row(number) | {"_id": f"{name}/{number}"}
                        client.bench[collection].insert_one(document, session=session)
            done.append(number)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"\n{clients} clients: {sum(done) / SECONDS:.0f} transactions/s")  # noqa: T201
    assert len(done) == clients
