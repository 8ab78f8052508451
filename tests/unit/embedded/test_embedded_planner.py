"""Whatever index a query reads, it finds what reading every document finds."""

import itertools
from uuid import uuid4

import pytest
from bson import Binary, Int64
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.embedded.bounds import bounds
from psolink.embedded.catalogue import Collection, Index, Namespace
from psolink.embedded.engine import Engine
from psolink.embedded.index_keys import KeyPattern
from psolink.embedded.matcher import compile_filter
from psolink.embedded.planner import CollectionScan, IndexScan, choose

from .conftest import Commands

SCALARS = st.sampled_from([None, 0, 1, 2, 2.5, "a", "ab", "b", True])
ITEMS = st.dictionaries(st.sampled_from("pc"), SCALARS | st.lists(SCALARS, max_size=2), max_size=2)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "s": SCALARS,
        "t": SCALARS | st.lists(SCALARS, max_size=3),
        "x": st.lists(ITEMS | SCALARS, max_size=3) | ITEMS,
    },
)
PATHS = ["s", "t", "x.p", "x.c", "_id"]
INDEXES = [
    ["s"], ["t"], ["s", "x.p", "x.c"], ["x.p", "x.c"], ["x.c", "-x.p"], ["-s", "_id"], ["s", "-t"],
    ["t", "s"], ["x.p", "s"],
]  # fmt: skip
OPERATORS = st.one_of(
    SCALARS,
    st.builds(lambda name, value: {name: value}, st.sampled_from(["$gt", "$gte", "$lt"]), SCALARS),
    st.builds(lambda low, high: {"$gte": low, "$lte": high}, SCALARS, SCALARS),
    st.builds(lambda values: {"$in": values}, st.lists(SCALARS, max_size=3)),
    st.builds(lambda values: {"$all": values}, st.lists(SCALARS, min_size=1, max_size=2)),
    st.builds(lambda value: {"$ne": value}, SCALARS),
    st.just({"$regex": "^a"}),
    st.booleans().map(lambda value: {"$exists": value}),
)
ELEMENT = st.one_of(
    st.dictionaries(st.sampled_from("pc"), OPERATORS, min_size=1, max_size=2),
    st.builds(
        lambda parts, rest: {"$or": parts, **rest},
        st.lists(
            st.dictionaries(st.sampled_from("pc"), OPERATORS, min_size=1), min_size=1, max_size=2
        ),
        st.dictionaries(st.sampled_from("pc"), OPERATORS, max_size=1),
    ),
)
LEAVES = st.one_of(
    st.builds(lambda path, value: {path: value}, st.sampled_from(PATHS), OPERATORS),
    st.builds(lambda element: {"x": {"$elemMatch": element}}, ELEMENT),
    st.builds(lambda low: {"t": {"$elemMatch": {"$gte": low, "$lt": 3}}}, SCALARS),
    st.builds(lambda parts: {"x": {"$all": [{"$elemMatch": part} for part in parts]}},
              st.lists(ELEMENT, min_size=1, max_size=2)),
)  # fmt: skip
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda name, parts: {name: parts},
        st.sampled_from(["$and", "$and", "$or", "$nor"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)
SORTS = st.lists(
    st.tuples(st.sampled_from(["s", "x.p", "_id"]), st.sampled_from([1, -1])),
    max_size=2,
    unique_by=lambda field: field[0],
)
NAMES = map("c{}".format, itertools.count())


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    engine = Engine.open(tmp_path_factory.mktemp("planner"))
    yield Commands(engine)
    engine.close()


def expected(documents, query, sort, limit):
    matches = compile_filter(query)
    found = [document for document in documents if matches(document)]
    order = KeyPattern.of((*sort, ("_id", 1)))
    return [document["_id"] for document in sorted(found, key=order.sort_key)][: limit or None]


def fill(command, name, documents, indexes):
    for fields in indexes:
        key = {field.removeprefix("-"): -1 if field.startswith("-") else 1 for field in fields}
        made = command("createIndexes", name, indexes=[{"key": key, "name": "_".join(fields)}])
        assert made["ok"]
    for document in documents:
        command("insert", name, documents=[document])
    return command("find", name, batchSize=1000)["cursor"]["firstBatch"]


def ask(command, name, query, sort, limit, **fields):
    order = {**dict(sort), "_id": dict(sort).get("_id", 1)}
    answer = command("find", name, filter=query, sort=order, limit=limit, **fields)
    if not answer["ok"]:
        assert "parallel arrays" in answer["errmsg"]
        return None
    return [document["_id"] for document in answer["cursor"]["firstBatch"]]


@settings(max_examples=120, deadline=None)
@given(
    st.lists(DOCUMENTS, max_size=10),
    st.lists(st.sampled_from(INDEXES), max_size=3, unique_by=str),
    st.lists(st.tuples(FILTERS, SORTS, st.integers(0, 4)), min_size=4, max_size=12),
)
def test_indexes_change_nothing_but_the_speed(shared, documents, indexes, questions):
    name = next(NAMES)
    rows = [{"_id": number, **document} for number, document in enumerate(documents)]
    stored = fill(shared, name, rows, indexes)
    for query, sort, limit in questions:
        found = ask(shared, name, query, sort, limit)
        assert found is None or found == expected(stored, query, sort, limit)
    shared("drop", name)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(DOCUMENTS, min_size=4, max_size=8),
    st.lists(DOCUMENTS, min_size=2, max_size=2),
    st.lists(st.sampled_from(INDEXES), max_size=2, unique_by=str),
    st.lists(st.tuples(FILTERS, SORTS, st.integers(0, 4)), min_size=1, max_size=5),
)
def test_a_transaction_sees_its_own_writes_over_its_snapshot(
    shared, before, after, indexes, questions
):
    name = next(NAMES)
    rows = [{"_id": number, **document} for number, document in enumerate(before)]
    stored = fill(shared, name, rows, indexes)
    session = {"lsid": {"id": Binary(uuid4().bytes, 4)}, "txnNumber": Int64(1), "autocommit": False}
    changes = [{"q": {"_id": number}, "u": row} for number, row in enumerate(after)]
    shared("update", name, updates=changes, startTransaction=True, **session)
    shared("delete", name, deletes=[{"q": {"_id": 2}, "limit": 1}], **session)
    changed = {number: {"_id": number, **row} for number, row in enumerate(after)}
    visible = [changed.get(row["_id"], row) for row in stored if row["_id"] != 2]
    for query, sort, limit in questions:
        found = ask(shared, name, query, sort, limit, **session)
        if found is None:
            return
        assert found == expected(visible, query, sort, limit)
        assert ask(shared, name, query, sort, limit) in (None, expected(stored, query, sort, limit))
    committed = shared("commitTransaction", **session)["ok"]
    for query, sort, limit in questions:
        now = expected(visible if committed else stored, query, sort, limit)
        assert ask(shared, name, query, sort, limit) in (None, now)
    shared("drop", name)


ELEMENTS = [{"p": 1, "c": [0, 9]}, {"p": 2, "c": 5}, {"p": 1, "c": 7}]
# What reads too little, or in a wrong order, unless the planner knows of the arrays.
TRAPS = [
    (["t"], {"t": {"$gte": 2, "$lte": 4}}, {}),
    (["t"], {"t": [1, 5]}, {}),
    (["t"], {"t": {"$in": [[1, 5], 3]}}, {}),
    (["t"], {"t": {"$gt": [1]}}, {}),
    (["t"], {}, {"t": 1}),
    (["t"], {"t": {"$gt": 1}}, {"t": 1}),
    (["t"], {"t": {"$gt": 1}}, {"t": -1}),
    (["x.p", "x.c"], {"x.p": 2, "x.c": 7}, {}),
    (["x.p", "x.c"], {"x": {"$elemMatch": {"p": 1, "c": {"$gte": 3, "$lte": 4}}}}, {}),
    (["x.p", "x.c"], {"x": {"$elemMatch": {"p": 1, "$or": [{"c": {"$gte": 3, "$lt": 5}}]}}}, {}),
    (["t"], {"$or": [{"t": {"$gte": 2, "$lte": 4}}, {"t": {"$gte": 77, "$lte": 78}}]}, {}),
    (["x.p", "x.c"], {"x.p": 1}, {"x.c": 1}),
    (["x.p", "x.c"], {"x": {"$elemMatch": {"p": 2}}, "x.c": 7}, {}),
    (["x.p", "x.c"], {"x": {"$all": [{"$elemMatch": {"p": 2}}, {"$elemMatch": {"c": 7}}]}}, {}),
    (["x.p", "x.c"], {"$or": [{"x": {"$elemMatch": {"p": 2}}}, {"x.p": 1}], "x.c": 7}, {}),
    (["s", "n"], {"s": {"$in": ["a", "b"]}}, {"n": 1}),
    (["s", "n"], {"s": {"$gte": "a"}}, {"n": 1}),
    (["s", "-n"], {"s": "a"}, {"n": -1}),
    (["s", "-n"], {"s": "a", "n": {"$gt": 1, "$lte": 3}}, {"n": 1}),
    (["s", "-n"], {"s": {"$in": ["b", "a"]}, "n": {"$lt": 3}}, {"s": -1, "n": 1}),
]
TRAPPED = [
    {"_id": 0, "t": [1, 5], "x": ELEMENTS, "s": "b", "n": 1},
    {"_id": 1, "t": 3, "x": ELEMENTS[:2], "s": "a", "n": 3},
    {"_id": 2, "t": [[1, 5], 2], "x": [{"p": 2, "c": 7}], "s": "a", "n": 2},
    {"_id": 3, "t": [], "x": [], "s": "b", "n": 0},
    {"_id": 4, "s": "a", "n": 3},
]


@pytest.mark.parametrize(("fields", "query", "sort"), TRAPS, ids=str)
def test_arrays_and_orders_do_not_lead_an_index_astray(shared, fields, query, sort):
    name = next(NAMES)
    stored = fill(shared, name, TRAPPED, [fields])
    hint = "_".join(fields)
    found = ask(shared, name, query, tuple(sort.items()), 0, hint=hint)
    assert found == expected(stored, query, tuple(sort.items()), 0)


def test_a_transaction_finds_its_own_writes_by_a_range_of_ids(shared):
    name = next(NAMES)
    session = {"lsid": {"id": Binary(uuid4().bytes, 4)}, "txnNumber": Int64(1), "autocommit": False}
    rows = [{"_id": 1}, {"_id": 2}]
    shared("insert", name, documents=rows, startTransaction=True, **session)
    assert ask(shared, name, {"_id": {"$gte": 1}}, (), 0, **session) == [1, 2]
    assert ask(shared, name, {"_id": {"$in": [2, 3]}}, (), 0, **session) == [2]


def index(number, *fields, arrays=()):
    key = tuple((field.removeprefix("-"), -1 if field[0] == "-" else 1) for field in fields)
    return Index(number, str(number), KeyPattern.of(key), unique=False, arrays=frozenset(arrays))


TOKEN = index(1, "rt", "tok.p", "tok.c", arrays=["tok"])
RECENT = index(2, "rt", "lu", "_id")
HOLDER = index(3, "rt", "holder", "-lu", arrays=["holder"])
COLLECTION = Collection(1, Namespace("d", "c"), (TOKEN, RECENT, HOLDER))
EMAIL = {"tok": {"$elemMatch": {"p": "email", "c": "x"}}}
RANGES = [{"c": {"$gte": low, "$lt": low + 1}} for low in (1, 5)]
PLANS = [
    ({"_id": "x", "rt": "P"}, {}, 0, 1),
    ({"_id": {"$in": ["x", "y"]}}, {}, 0, 2),
    ({"rt": "P", **EMAIL}, {}, 1, 1),
    ({"rt": {"$in": ["P", "O"]}, **EMAIL}, {}, 1, 2),
    ({"rt": "P", "tok": {"$elemMatch": {"p": "email", "c": {"$regex": "^x"}}}}, {}, 1, 1),
    ({"rt": "P", "tok": {"$elemMatch": {"p": "email", "$or": RANGES}}}, {}, 1, 2),
    ({"rt": "P", "lu": {"$gt": 1, "$lt": 5}}, {}, 2, 1),
    ({"rt": "P", "holder": "h"}, {"lu": -1}, 3, 1),
    ({"rt": "P"}, {"lu": -1, "_id": -1}, 2, 1),
    ({}, {"_id": -1}, 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("query", "sort", "number", "intervals"), PLANS, ids=str)
def test_the_index_that_reads_least_is_chosen(query, sort, number, intervals):
    plan = choose(COLLECTION, bounds(query), tuple(sort.items()), narrowest)
    assert isinstance(plan, IndexScan)
    assert (plan.index.id, len(plan.intervals)) == (number, intervals)
    assert plan.sorted == bool(sort)


def narrowest(scan, limit):
    """Guess as if every bound left a hundredth."""
    return min(limit, 100_000 // 100 ** len(scan.used))


def test_conditions_on_different_elements_are_not_joined():
    apart = {"rt": "P", "tok.p": "email", "tok.c": "x"}
    plan = choose(Collection(1, Namespace("d", "c"), (TOKEN,)), bounds(apart), (), narrowest)
    assert isinstance(plan, IndexScan)
    assert {bound.path for bound in plan.used} == {"rt", "tok.p"}


def test_alternatives_for_one_element_are_joined_with_its_other_conditions():
    either = {"$or": [{"c": "x", "s": 1}, {"c": "y", "s": 2}], "p": "email"}
    query = {"rt": "P", "tok": {"$elemMatch": either}}
    plan = choose(COLLECTION, bounds(query), (), narrowest)
    assert isinstance(plan, IndexScan)
    assert (plan.index, len(plan.intervals)) == (TOKEN, 2)
    assert {bound.path for bound in plan.used} == {"rt", "tok.p", "tok.c"}


def test_the_smaller_of_two_element_conditions_leads():
    rare = {"tok": {"$elemMatch": {"p": "id", "c": "7"}}}
    common = {"tok": {"$elemMatch": {"p": "gender", "c": "male"}}}
    sizes = {"7": 1, "male": 900}

    def estimate(scan, limit):
        return next(
            min(limit, size) for text, size in sizes.items() if text.encode() in str_of(scan)
        )

    plan = choose(COLLECTION, bounds({"rt": "P", "$and": [common, rare]}), (), estimate)
    assert isinstance(plan, IndexScan)
    assert b"7" in str_of(plan)


def str_of(scan):
    return scan.intervals[0][0] + (b"male7" if len(scan.used) == 1 else b"")


def test_a_keyset_page_is_read_from_where_it_begins():
    after = {"rt": "P", "$or": [{"lu": {"$gt": 5}}, {"lu": 5, "_id": {"$gt": "x"}}]}
    plan = choose(COLLECTION, bounds(after), (("lu", 1), ("_id", 1)), lambda scan, limit: limit)
    assert isinstance(plan, IndexScan)
    assert plan.sorted
    assert {bound.path for bound in plan.used} == {"rt", "lu"}


def test_without_an_index_every_document_is_read():
    assert choose(COLLECTION, bounds({"zz": 1}), (), narrowest) == CollectionScan()


def test_a_large_range_gives_way_to_the_order_of_the_sort():
    query = {"rt": "P", **EMAIL}
    plan = choose(COLLECTION, bounds(query), (("lu", 1),), lambda scan, limit: limit)
    assert isinstance(plan, IndexScan)
    assert plan.index is RECENT
