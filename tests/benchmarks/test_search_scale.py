"""Searches by an indexed token, from a thousand to a hundred thousand resources.

The figures go to server/docs/performance.md; run with `make bench`.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest

from psolink.setup import INDEXES
from psolink.store.mongo import MongoStore
from psolink.store.startup import prepare_database
from psolink.store.values import Page

pytestmark = pytest.mark.bench

SIZES = (1_000, 10_000, 100_000)
CHUNK = 1_000
SAMPLES = 200
START = datetime(2026, 1, 1, tzinfo=UTC)
VISIBLE = {"holders": "a", "level": {"$lte": 5}, "deleted": False}


def document(number):
    resource_id = f"{number:08d}"
    return {
        "_id": f"a/AdverseEvent/{resource_id}",
        "type": "AdverseEvent",
        "id": resource_id,
        "tenant": "a",
        "version": 1,
        "updated": START + timedelta(seconds=number),
        "holders": ["a"],
        "level": 4,
        "pswp": True,
        "deleted": False,
        "method": "POST",
        "resource": {"resourceType": "AdverseEvent", "id": resource_id, "text": "x" * 1500},
        "token": [
            {"p": "identifier", "s": "urn:bench", "c": resource_id},
            {"p": "event", "s": "urn:bench:event", "c": f"E{number % 200:03d}"},
            {"p": "actuality", "s": "urn:bench:actuality", "c": "actual"},
        ],
        "date": [{"p": "date", "lo": START, "hi": START}],
        "reference": [{"p": "subject", "t": "Patient", "i": f"{number % 977}"}],
        "string": [],
    }


def query(element):
    return {"$and": [{"type": "AdverseEvent", "token": {"$elemMatch": element}}, VISIBLE]}


def median_milliseconds(store, queries, limit):
    times = []
    for each in queries:
        began = time.perf_counter()
        assert store.find(each, Page(limit))
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def test_search_by_token_stays_flat(mongodb, database):
    prepare_database(mongodb, database, INDEXES)
    store, written = MongoStore(mongodb, database), 0
    print("\nresources | one hit, ms | page of 20 of one code in 200, ms")  # noqa: T201
    for size in SIZES:
        while written < size:
            rows = [document(number) for number in range(written, written + CHUNK)]
            mongodb[database]["resources"].insert_many(rows, ordered=False)
            written += CHUNK
        step = size // SAMPLES
        one = [
            query({"p": "identifier", "s": "urn:bench", "c": f"{number * step:08d}"})
            for number in range(SAMPLES)
        ]
        many = [
            query({"p": "event", "s": "urn:bench:event", "c": f"E{number:03d}"})
            for number in range(0, SAMPLES, 10)
        ]
        print(  # noqa: T201
            f"{size:9} | {median_milliseconds(store, one, 2):11.2f} | "
            f"{median_milliseconds(store, many, 21):.2f}"
        )
