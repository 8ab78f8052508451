"""A month of events, the latest first, among a thousand to a hundred thousand of six years.

The figures go to server/docs/performance.md; run with `make bench`.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.search.conftest import Documents

from psolink.definitions import load_definitions
from psolink.search.date_range import bounded_searches
from psolink.search.index_values import IndexValues
from psolink.search.reader import Reader
from psolink.search.registry import SearchParameters
from psolink.search.search_type import Asked
from psolink.search.sort import read_sort
from psolink.setup import INDEXES
from psolink.store.mongo import MongoStore
from psolink.store.order import merged
from psolink.store.startup import prepare_database
from psolink.store.values import Page

pytestmark = pytest.mark.bench

SIZES = (1_000, 10_000, 100_000)
CHUNK = 1_000
START = datetime(2020, 1, 1, tzinfo=UTC)
DAYS = 6 * 365
VISIBLE = {"holders": "a", "level": {"$lte": 5}, "deleted": False}


def document(values, number):
    day = START + timedelta(days=number * 7919 % DAYS, hours=number % 24)
    resource = {
        "resourceType": "AdverseEvent",
        "id": f"{number:08d}",
        "actuality": "actual",
        "subject": {"reference": f"Patient/{number % 977}"},
        "date": f"{day:%Y-%m-%dT%H:%M:%SZ}",
        "text": {"status": "generated", "div": "x" * 1500},
    }
    return {
        "_id": f"a/AdverseEvent/{number:08d}",
        "type": "AdverseEvent",
        "id": resource["id"],
        "tenant": "a",
        "version": 1,
        "created": START + timedelta(seconds=number),
        "updated": START + timedelta(seconds=number),
        "holders": ["a"],
        "level": 4,
        "pswp": True,
        "deleted": False,
        "method": "POST",
        "resource": resource,
    } | values.extract(resource)


def months(parameters, order):
    for number in range(60):
        year, month = 2020 + number // 12, number % 12 + 1
        end = f"{year + month // 12}-{month % 12 + 1:02d}-01"
        pairs = [("date", f"ge{year}-{month:02d}-01"), ("date", f"lt{end}")]
        reader = Reader(parameters, Asked("http://x", parameters.resource_types), Documents())
        found = [reader.read("AdverseEvent", *pair).condition for pair in pairs]
        query = {"type": "AdverseEvent", "$and": found}
        searches = bounded_searches(query, pairs, descending=order[0].path[-1] == "d")
        yield [{"$and": [each, VISIBLE]} for each in searches]


def median_milliseconds(store, parameters, sort):
    order = read_sort(sort, parameters, ("AdverseEvent",))
    page, times = Page(21, None, order), []
    for searches in months(parameters, order):
        began = time.perf_counter()
        assert merged([store.find(each, page) for each in searches], page)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def test_a_month_of_events_stays_flat(mongodb, database):
    prepare_database(mongodb, database, INDEXES)
    parameters = SearchParameters(load_definitions())
    values, store, written = IndexValues(parameters), MongoStore(mongodb, database), 0
    print("\nresources | latest first, ms | earliest first, ms")  # noqa: T201
    for size in SIZES:
        while written < size:
            rows = [document(values, number) for number in range(written, written + CHUNK)]
            mongodb[database]["resources"].insert_many(rows, ordered=False)
            written += CHUNK
        figures = [median_milliseconds(store, parameters, each) for each in ("-date", "date")]
        print(f"{size:9} | {figures[0]:16.2f} | {figures[1]:.2f}")  # noqa: T201
