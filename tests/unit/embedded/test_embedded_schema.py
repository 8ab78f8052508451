import pytest


def names(command):
    shown = command("listIndexes", "c")["cursor"]["firstBatch"]
    return [index["name"] for index in shown]


def collections(command, **fields):
    shown = command("listCollections", **fields)["cursor"]["firstBatch"]
    return [collection["name"] for collection in shown]


def test_a_collection_is_created_once(command):
    assert command("create", "c")["ok"] == 1
    assert command("create", "c")["code"] == 48


def test_collections_are_listed_by_name(command):
    for name in ("b", "a.b", "A c-d"):
        command("create", name)
    assert collections(command) == ["A c-d", "a.b", "b"]
    assert collections(command, filter={"name": "b"}, nameOnly=True) == ["b"]
    assert command("listDatabases")["databases"] == [{"name": "test", "empty": False}]


def test_a_dropped_collection_is_gone_with_its_indexes(command):
    command.insert({"_id": 1, "a": 1})
    command.index("a")
    assert command("drop", "c")["nIndexesWas"] == 2
    assert command("drop", "c") == {"ok": 1}
    assert collections(command) == []
    command.insert({"_id": 1})
    assert names(command) == ["_id_"]


def test_a_dropped_database_is_gone(command):
    command.insert({"_id": 1})
    assert command("dropDatabase")["dropped"] == "test"
    assert collections(command) == []


def test_an_index_is_built_once(command):
    first, again = command.index("a", "-b"), command.index("a", "-b")
    assert (first["numIndexesBefore"], first["numIndexesAfter"]) == (1, 2)
    assert first["createdCollectionAutomatically"] is True
    assert (again["numIndexesBefore"], again["numIndexesAfter"]) == (2, 2)
    assert command("listIndexes", "c")["cursor"]["firstBatch"][1] == {
        "v": 2, "key": {"a": 1, "b": -1}, "name": "a_-b",
    }  # fmt: skip


def test_an_index_that_contradicts_another_is_refused(command):
    command.index("a")
    assert command.index("a", unique=True)["code"] in (85, 86)
    other_keys = {"key": {"b": 1}, "name": "a"}
    assert command("createIndexes", "c", indexes=[other_keys])["code"] == 86
    other_name = {"key": {"a": 1}, "name": "z"}
    assert command("createIndexes", "c", indexes=[other_name])["code"] == 85


REFUSED = [
    ({"key": {"a": "text"}, "name": "x"}, 238),
    ({"key": {"a": "hashed"}, "name": "x"}, 238),
    ({"key": {"a": 1}, "name": "x", "sparse": True}, 238),
    ({"key": {"a": 1}, "name": "x", "expireAfterSeconds": 0}, 238),
    ({"key": {"a": 1}, "name": "x", "partialFilterExpression": {}}, 238),
    ({"key": {"a": 1}, "name": "x", "collation": {"locale": "en"}}, 238),
    ({"key": {"a": 1}, "name": "x", "zz": 1}, 40415),
    ({"key": {"a.0": 1}, "name": "x"}, 2),
    ({"key": {"$**": 1}, "name": "x"}, 2),
    ({"key": {}, "name": "x"}, 67),
    ({"key": {"a": 1}}, 40414),
    (1, 14),
]


@pytest.mark.parametrize(("specification", "code"), REFUSED, ids=str)
def test_an_index_that_is_not_supported_is_refused(command, specification, code):
    command("create", "c")
    assert command("createIndexes", "c", indexes=[specification])["code"] == code
    assert names(command) == ["_id_"]


def test_there_are_at_most_64_indexes(command):
    many = [{"key": {f"a{number}": 1}, "name": f"a{number}"} for number in range(64)]
    assert command("createIndexes", "c", indexes=many)["code"] == 67
    assert command("createIndexes", "c", indexes=many[:63])["numIndexesAfter"] == 64


def test_indexes_are_dropped_by_name_by_keys_or_all(command):
    for field in "abcd":
        command.index(field)
    assert command("dropIndexes", "c", index="a")["ok"] == 1
    assert command("dropIndexes", "c", index={"b": 1})["ok"] == 1
    assert names(command) == ["_id_", "c", "d"]
    assert command("dropIndexes", "c", index="zz")["code"] == 27
    assert command("dropIndexes", "c", index="_id_")["code"] == 72
    assert command("dropIndexes", "c", index="*")["ok"] == 1
    assert names(command) == ["_id_"]


def test_an_index_finds_what_was_there_before_it(command):
    command.insert({"_id": 1, "a": [1, 2]}, {"_id": 2, "a": 3})
    command.index("a")
    assert command.found({"a": 2}, hint="a") == [1]


def test_a_unique_index_is_not_built_over_duplicates(command):
    command.insert({"_id": 1, "a": 1}, {"_id": 2, "a": 1})
    assert command.index("a", unique=True)["code"] == 11000
    assert names(command) == ["_id_"]


UNIQUE = [
    ({"a": 1}, {"a": 1.0}, True),
    ({"a": 1}, {"a": "1"}, False),
    ({}, {}, True),
    ({"a": ["x", "y"]}, {"a": ["y", "z"]}, True),
    ({"a": ["x", "x"]}, {"a": "y"}, False),
]


@pytest.mark.parametrize(("one", "other", "is_refused"), UNIQUE, ids=str)
def test_a_unique_index_refuses_a_second_key(command, one, other, is_refused):
    command.index("a", unique=True)
    command.insert({"_id": 1, **one})
    errors = command("insert", "c", documents=[{"_id": 2, **other}]).get("writeErrors", [])
    assert [error["code"] for error in errors] == [11000] * is_refused
    assert [error["keyPattern"] for error in errors] == [{"a": 1}] * is_refused


def test_a_refused_update_leaves_document_and_index_as_they_were(command):
    command.index("a", unique=True)
    command.index("b")
    command.insert({"_id": 1, "a": 1, "b": 1}, {"_id": 2, "a": 2, "b": 2})
    answer = command("update", "c", updates=[{"q": {"_id": 2}, "u": {"a": 1, "b": 3}}])
    assert answer["writeErrors"][0]["code"] == 11000
    assert command.found({"b": 2}, hint="b") == [2]
    assert command.found({"a": 2}, hint="a") == [2]
    assert command.found({"b": 3}, hint="b") == []


def test_a_key_that_was_given_up_can_be_taken(command):
    command.index("a", unique=True)
    command.insert({"_id": 1, "a": 1})
    command("update", "c", updates=[{"q": {"_id": 1}, "u": {"a": 2}}])
    command.insert({"_id": 2, "a": 1})
    assert command.found({"a": 1}) == [2]


def test_two_arrays_in_one_index_are_refused(command):
    command.index("a", "b")
    answer = command("insert", "c", documents=[{"a": [1], "b": [2]}])
    assert answer["writeErrors"][0]["code"] == 171


def test_what_one_index_was_told_of_arrays_survives_a_restart(command, tmp_path):
    command.index("a", "b")
    command.insert({"_id": 1, "a": [1, 5], "b": 1})
    command.engine.close()
    reopened = type(command)(type(command.engine).open(tmp_path))
    # No element is in the range, but one is above its beginning and one below its end.
    assert reopened.found({"a": {"$gte": 2, "$lte": 4}}, hint="a_b") == [1]
    reopened.engine.close()
