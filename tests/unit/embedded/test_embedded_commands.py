"""What each command answers, and what it refuses with which of MongoDB's codes."""

import pytest
from bson import Decimal128, Int64, Regex
from bson.binary import Binary

TWO = [{"_id": 1, "n": 1}, {"_id": 2, "n": 2}]
LSID = {"id": Binary(b"s" * 16, 4)}
REFUSED = [
    ("bogus", 1, {}, 59),
    ("renameCollection", "test.c", {"to": "test.d"}, 59),
    ("find", "c", {"filter": {"a": {"$bogus": 1}}}, 2),
    ("find", "c", {"filter": 1}, 14),
    ("find", "c", {"zz": 1}, 40415),
    ("find", "c", {"collation": {"locale": "en"}}, 238),
    ("find", "c", {"tailable": True}, 238),
    ("find", "c", {"noCursorTimeout": True}, 238),
    ("find", "c", {"sort": {"a": "asc"}}, 2),
    ("find", "c", {"sort": {"$natural": 1}}, 2),
    ("find", "c", {"limit": -1}, 2),
    ("find", "c", {"batchSize": -1}, 2),
    ("find", "c", {"hint": 1}, 9),
    ("find", "", {}, 73),
    ("find", "$c", {}, 73),
    ("find", "c", {"readConcern": {"level": "bogus"}}, 72),
    ("find", "c", {"readConcern": {"atClusterTime": 1}}, 72),
    ("find", "c", {"lsid": {"id": 1}}, 72),
    ("find", "c", {"txnNumber": Int64(1)}, 72),
    ("find", "c", {"lsid": LSID, "autocommit": False}, 72),
    ("getMore", Int64(5), {"collection": "c"}, 43),
    ("getMore", "5", {"collection": "c"}, 14),
    ("getMore", Int64(5), {}, 40414),
    ("insert", "c", {"documents": []}, 16),
    ("insert", "c", {"documents": [1]}, 14),
    ("insert", "c", {}, 40414),
    ("insert", "c", {"documents": [{}], "writeConcern": {"w": 3}}, 100),
    ("update", "c", {"updates": [{"q": {}, "u": {}, "arrayFilters": []}]}, 238),
    ("update", "c", {"updates": [{"q": {}, "u": {}, "collation": {}}]}, 238),
    ("update", "c", {"updates": [{"q": {}, "u": {}, "zz": 1}]}, 40415),
    ("delete", "c", {"deletes": [{"q": {}, "limit": 1, "collation": {}}]}, 238),
    ("findAndModify", "c", {}, 9),
    ("findAndModify", "c", {"remove": True, "update": {}}, 9),
    ("findAndModify", "c", {"remove": True, "new": True}, 9),
    ("findAndModify", "c", {"update": [{"$set": {}}]}, 238),
    ("findAndModify", "c", {"update": {"$bogus": {}}}, 9),
    ("findAndModify", "c", {"update": {}, "arrayFilters": []}, 238),
    ("aggregate", 1, {"pipeline": [], "cursor": {}}, 238),
    ("aggregate", "c", {"pipeline": []}, 40414),
    ("aggregate", "c", {"pipeline": [{"$changeStream": {}}], "cursor": {}}, 40324),
    ("distinct", "c", {"key": "a.0"}, 2),
    ("distinct", "c", {}, 40414),
    ("count", "c", {"query": {"$text": {}}}, 2),
    ("create", "c", {"capped": True, "size": 5}, 238),
    ("create", "c", {"validator": {}}, 238),
    ("listIndexes", "none", {}, 26),
    ("dropIndexes", "none", {"index": "*"}, 26),
    ("commitTransaction", 1, {}, 72),
]  # fmt: skip


@pytest.mark.parametrize(("name", "target", "fields", "code"), REFUSED, ids=str)
def test_what_is_not_supported_is_refused(command, name, target, fields, code):
    answer = command(name, target, **fields)
    assert (answer["ok"], answer["code"]) == (0, code)
    assert command("listDatabases")["databases"] == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"a": Regex("x")}, 2),
        ({"_id": [1]}, 2),
        ({"a": {"$b": 1}}, 52),
        ({"a": "x" * 16 * 1024 * 1024}, 10334),
    ],
    ids=["a regular expression", "an array as id", "a dollar name", "more than 16 MB"],
)
def test_a_document_that_is_not_stored_is_a_write_error(command, document, code):
    answer = command("insert", "c", documents=[{"_id": 1}, document, {"_id": 2}])
    assert [(error["index"], error["code"]) for error in answer["writeErrors"]] == [(1, code)]
    assert (answer["n"], command.found()) == (1, [1])


def test_a_document_may_be_nested_a_hundred_levels_deep_and_no_deeper(command):
    deep: dict[str, object] = {}
    for _ in range(98):
        deep = {"a": deep}
    command.insert({"_id": 1, "a": deep})
    answer = command("insert", "c", documents=[{"_id": 2, "a": {"a": deep}}])
    assert answer["writeErrors"][0]["code"] == 15


def test_the_id_of_a_stored_document_comes_first(command):
    command.insert({"b": 1, "_id": 1})
    assert list(command.stored(1)) == ["_id", "b"]


def test_values_come_back_as_they_were_stored(command):
    row = {"_id": 1, "d": Decimal128("1.10"), "l": Int64(5), "b": Binary(b"x", 4), "f": 1.0}
    command.insert(row)
    found = command.stored(1)
    assert found == row
    assert [type(value) for value in found.values()] == [type(value) for value in row.values()]


def test_an_ordered_insert_stops_at_the_first_failure(command):
    answer = command("insert", "c", documents=[{"_id": 1}, {"_id": 1}, {"_id": 2}])
    assert answer["n"] == 1
    assert answer["writeErrors"][0]["keyPattern"] == {"_id": 1}
    assert answer["writeErrors"][0]["keyValue"] == {"_id": 1}


def test_an_unordered_insert_goes_on(command):
    rows = [{"_id": 1}, {"_id": 1}, {"_id": 2}]
    answer = command("insert", "c", documents=rows, ordered=False)
    assert (answer["n"], [error["index"] for error in answer["writeErrors"]]) == (2, [1])


def test_an_update_counts_what_matched_and_what_changed(command):
    command.insert(*TWO)
    updates = [{"q": {}, "u": {"$set": {"n": 1}}, "multi": True}]
    assert command("update", "c", updates=updates) == {"n": 2, "nModified": 1, "ok": 1}


def test_an_upsert_tells_the_id(command):
    updates = [{"q": {"_id": 7}, "u": {"a": 1}, "upsert": True}]
    answer = command("update", "c", updates=updates)
    assert answer["upserted"] == [{"index": 0, "_id": 7}]


def test_many_documents_are_not_replaced_by_one(command):
    answer = command("update", "c", updates=[{"q": {}, "u": {"a": 1}, "multi": True}])
    assert answer["writeErrors"][0]["code"] == 9


def test_an_update_of_many_keeps_what_it_did_before_it_failed(command):
    command.insert({"_id": 1, "n": 1}, {"_id": 2, "n": "x"})
    answer = command("update", "c", updates=[{"q": {}, "u": {"$inc": {"n": 1}}, "multi": True}])
    assert answer["writeErrors"][0]["code"] == 14
    assert command.stored(1) == {"_id": 1, "n": 2}


def test_the_id_cannot_be_changed(command):
    command.insert(*TWO)
    answer = command("update", "c", updates=[{"q": {"_id": 1}, "u": {"$set": {"_id": 3}}}])
    assert answer["writeErrors"][0]["code"] == 66


def test_an_update_that_grows_beyond_the_limit_is_refused(command):
    command.insert({"_id": 1, "a": "x" * 9_000_000})
    updates = [{"q": {"_id": 1}, "u": {"$set": {"b": "x" * 9_000_000}}}]
    assert command("update", "c", updates=updates)["writeErrors"][0]["code"] == 10334


def test_delete_takes_one_or_all(command):
    command.insert(*TWO, {"_id": 3})
    assert command("delete", "c", deletes=[{"q": {}, "limit": 1}])["n"] == 1
    assert command("delete", "c", deletes=[{"q": {}, "limit": 0}])["n"] == 2


def test_find_and_modify_returns_the_document_before_or_after(command):
    command.insert(*TWO)
    change = {"query": {}, "sort": {"_id": -1}, "update": {"$inc": {"n": 1}}}
    before = command("findAndModify", "c", **change)
    after = command("findAndModify", "c", **change, new=True, fields={"_id": 0})
    assert (before["value"], after["value"]) == ({"_id": 2, "n": 2}, {"n": 4})
    assert before["lastErrorObject"] == {"n": 1, "updatedExisting": True}


def test_find_and_modify_removes(command):
    command.insert(*TWO)
    answer = command("findAndModify", "c", query={"_id": 1}, remove=True)
    assert (answer["value"], answer["lastErrorObject"]) == (TWO[0], {"n": 1})
    assert command("findAndModify", "c", query={"_id": 1}, remove=True)["value"] is None


def test_find_and_modify_upserts(command):
    change = {"query": {"_id": 1}, "update": {"$inc": {"n": 1}}, "upsert": True}
    answer = command("findAndModify", "c", **change)
    assert answer["value"] is None
    assert answer["lastErrorObject"] == {"n": 1, "updatedExisting": False, "upserted": 1}


def test_distinct_values_are_those_of_elements(command):
    command.insert({"a": ["x", "y"]}, {"a": "x"}, {"a": []}, {"b": 1}, {"a": None})
    assert command("distinct", "c", key="a")["values"] == [None, "x", "y"]


def test_distinct_refuses_more_than_an_answer_holds(command):
    command.insert({"a": "x" * 9_000_000}, {"a": "y" * 9_000_000})
    assert command("distinct", "c", key="a")["code"] == 10334


def test_count_takes_filter_skip_and_limit(command):
    command.insert(*TWO)
    assert command("count", "c")["n"] == 2
    assert command("count", "none")["n"] == 0
    assert command("count", "c", query={"n": {"$gt": 0}}, skip=1, limit=5)["n"] == 1


def test_a_hint_names_an_index_or_its_keys(command):
    command.insert(*TWO)
    command.index("n")
    assert command.found({"n": 2}, hint="n") == [2]
    assert command.found({"_id": 2}, hint={"n": 1}) == [2]


def test_an_unknown_hint_is_refused(command):
    command.insert(*TWO)
    assert command("find", "c", hint="none")["code"] == 2


def test_a_command_that_takes_too_long_is_ended(command):
    command.insert(*({"_id": number} for number in range(2000)))
    answer = command("find", "c", filter={"$nor": [{"a": None}]}, maxTimeMS=1)
    assert answer["code"] == 50


def test_a_filter_that_is_nested_too_deeply_is_refused(command):
    query: dict[str, object] = {"a": 1}
    for _ in range(50):
        query = {"$nor": [query]}
    assert command("find", "c", filter=query)["ok"] == 1
    for _ in range(400):
        query = {"$nor": [query]}
    assert command("find", "c", filter=query)["code"] == 15


def test_hello_looks_like_the_primary_of_a_replica_set(command):
    answer = command("hello")
    assert answer["isWritablePrimary"] is True
    assert (answer["setName"], answer["logicalSessionTimeoutMinutes"]) == ("psolink-embedded", 30)
    assert command("isMaster")["ismaster"] is True


def test_ping_and_build_info_are_answered(command):
    assert command("ping") == {"ok": 1}
    assert command("buildInfo")["version"] == "7.0.0"
