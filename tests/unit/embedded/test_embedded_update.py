"""Update operators, by the examples of MongoDB's manual and the corners that it describes."""

import copy

import pytest
from bson import Decimal128, Int64, ObjectId, Regex

from psolink.embedded.documents import encode
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.update import compile_update, upserted

CHANGES = [
    # $set, $unset, $rename
    ({"a": 1}, {"$set": {"a": 2, "b": 3}}, {"a": 2, "b": 3}),
    ({}, {"$set": {"b": 1, "a": 2}}, {"a": 2, "b": 1}),
    ({}, {"$set": {"a.b.c": 1}}, {"a": {"b": {"c": 1}}}),
    ({"a": [1, 2]}, {"$set": {"a.1": 9}}, {"a": [1, 9]}),
    ({"a": [1]}, {"$set": {"a.3": 9}}, {"a": [1, None, None, 9]}),
    ({"a": [{"b": 1}]}, {"$set": {"a.0.b": 2}}, {"a": [{"b": 2}]}),
    ({}, {"$set": {"a.0": 1}}, {"a": {"0": 1}}),
    ({"a": 1}, {"$set": {}}, {"a": 1}),
    ({"a": 1, "b": 2}, {"$unset": {"a": ""}}, {"b": 2}),
    ({"a": {"b": 1}}, {"$unset": {"a.b": "", "x.y": ""}}, {"a": {}}),
    ({"a": [1, 2]}, {"$unset": {"a.0": ""}}, {"a": [None, 2]}),
    ({"a": 1}, {"$unset": {"a.b": ""}}, {"a": 1}),
    ({"a": 1}, {"$rename": {"a": "b.c"}}, {"b": {"c": 1}}),
    ({"b": 1}, {"$rename": {"a": "b"}}, {"b": 1}),
    ({"a": 1, "b": 2}, {"$rename": {"a": "b"}}, {"b": 1}),
    # numbers
    ({"a": 1}, {"$inc": {"a": 2, "b": -1}}, {"a": 3, "b": -1}),
    ({"a": 1}, {"$inc": {"a": 1.5}}, {"a": 2.5}),
    ({"a": Int64(1)}, {"$inc": {"a": 1}}, {"a": Int64(2)}),
    ({"a": 2**31 - 1}, {"$inc": {"a": 1}}, {"a": Int64(2**31)}),
    ({"a": Decimal128("1.10")}, {"$inc": {"a": 1}}, {"a": Decimal128("2.10")}),
    ({"a": 3}, {"$mul": {"a": 2, "b": 5}}, {"a": 6, "b": 0}),
    ({"a": 3}, {"$mul": {"a": 0.5}}, {"a": 1.5}),
    ({"a": 3}, {"$min": {"a": 2, "b": 1}, "$max": {"c": 1}}, {"a": 2, "b": 1, "c": 1}),
    ({"a": 3}, {"$min": {"a": 4}}, {"a": 3}),
    ({"a": 3}, {"$max": {"a": "text"}}, {"a": "text"}),
    # arrays
    ({"a": [1]}, {"$push": {"a": 2, "b": 1}}, {"a": [1, 2], "b": [1]}),
    ({"a": [1]}, {"$push": {"a": [2, 3]}}, {"a": [1, [2, 3]]}),
    ({"a": [1]}, {"$push": {"a": {"$each": [2, 3]}}}, {"a": [1, 2, 3]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [3], "$slice": -2}}}, {"a": [2, 3]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [3], "$slice": 2}}}, {"a": [1, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [3], "$slice": 0}}}, {"a": []}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": 0}}}, {"a": [9, 1, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": -1}}}, {"a": [1, 9, 2]}),
    ({"a": [1]}, {"$addToSet": {"a": 1.0, "b": 1}}, {"a": [1], "b": [1]}),
    ({"a": [1]}, {"$addToSet": {"a": {"$each": [2, 2, 1]}}}, {"a": [1, 2]}),
    ({"a": [1]}, {"$addToSet": {"a": True}}, {"a": [1, True]}),
    ({"a": [1, 2, 1]}, {"$pull": {"a": 1, "b": 1}}, {"a": [2]}),
    ({"a": [1, 5, 9]}, {"$pull": {"a": {"$gte": 5}}}, {"a": [1]}),
    ({"a": [{"b": 1, "c": 1}, {"b": 2}, 7]}, {"$pull": {"a": {"b": 1}}}, {"a": [{"b": 2}, 7]}),
    ({"a": ["x", "y"]}, {"$pull": {"a": Regex("^x")}}, {"a": ["y"]}),
    ({"a": ["x", "y"]}, {"$pull": {"a": {"$in": ["y"]}}}, {"a": ["x"]}),
    ({"a": [1, 2]}, {"$pop": {"a": 1}}, {"a": [1]}),
    ({"a": [1, 2]}, {"$pop": {"a": -1, "b": 1}}, {"a": [2]}),
    # only when inserting
    ({"a": 1}, {"$setOnInsert": {"a": 2}}, {"a": 1}),
    # a whole document
    ({"_id": 1, "a": 1}, {"b": 2}, {"_id": 1, "b": 2}),
    ({"_id": 1, "a": 1}, {}, {"_id": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "update", "expected"), CHANGES, ids=str)
def test_an_update_changes_a_document_as_documented(document, update, expected):
    changed = compile_update(update).apply(copy.deepcopy(document), inserting=False)
    assert encode(changed) == encode(expected)


REFUSED = [
    ({}, {"$bogus": {"a": 1}}, Code.FailedToParse),
    ({}, {"$bit": {"a": {"and": 1}}}, Code.FailedToParse),
    ({}, {"$set": 1}, Code.FailedToParse),
    ({}, [{"$set": {"a": 1}}], Code.NotImplemented),
    ({}, None, Code.FailedToParse),
    ({}, {"$set": {"a.$.b": 1}}, Code.NotImplemented),
    ({}, {"$set": {"a.$[].b": 1}}, Code.NotImplemented),
    ({}, {"$set": {"a..b": 1}}, Code.EmptyFieldName),
    ({}, {"$set": {"a": 1}, "$inc": {"a": 1}}, Code.ConflictingUpdateOperators),
    ({}, {"$set": {"a": 1, "a.b": 1}}, Code.ConflictingUpdateOperators),
    ({}, {"$rename": {"a": "a"}}, Code.ConflictingUpdateOperators),
    ({}, {"$rename": {"a": 1}}, Code.BadValue),
    ({"a": [1]}, {"$rename": {"a.0": "b"}}, Code.BadValue),
    ({"a": "x"}, {"$inc": {"a": 1}}, Code.TypeMismatch),
    ({"a": None}, {"$inc": {"a": 1}}, Code.TypeMismatch),
    ({"a": 1}, {"$inc": {"a": "x"}}, Code.TypeMismatch),
    ({"a": True}, {"$mul": {"a": 1}}, Code.TypeMismatch),
    ({"a": Int64(2**63 - 1)}, {"$inc": {"a": 1}}, Code.BadValue),
    ({"a": Decimal128("1")}, {"$inc": {"a": 0.5}}, Code.NotImplemented),
    ({"a": 1}, {"$set": {"a.b": 1}}, Code.PathNotViable),
    ({"a": None}, {"$set": {"a.b": 1}}, Code.PathNotViable),
    ({"a": [1]}, {"$set": {"a.b": 1}}, Code.PathNotViable),
    ({"a": [1]}, {"$set": {"a.900000": 1}}, Code.PathNotViable),
    ({"a": 1}, {"$push": {"a": 1}}, Code.BadValue),
    ({"a": [1]}, {"$push": {"a": {"$each": 1}}}, Code.BadValue),
    ({"a": [1]}, {"$push": {"a": {"$each": [1], "$sort": 1}}}, Code.NotImplemented),
    ({"a": [1]}, {"$push": {"a": {"$each": [1], "$slice": "1"}}}, Code.BadValue),
    ({"a": 1}, {"$addToSet": {"a": 1}}, Code.BadValue),
    ({"a": 1}, {"$pull": {"a": 1}}, Code.BadValue),
    ({"a": 1}, {"$pop": {"a": 1}}, Code.TypeMismatch),
    ({"a": [1]}, {"$pop": {"a": 2}}, Code.FailedToParse),
    ({}, {"$currentDate": {"a": {"$type": "timestamp"}}}, Code.NotImplemented),
]  # fmt: skip


@pytest.mark.parametrize(("document", "update", "code"), REFUSED, ids=str)
def test_an_update_that_cannot_be_done_is_refused(document, update, code):
    with pytest.raises(CommandError) as refusal:
        compile_update(update).apply(copy.deepcopy(document), inserting=False)
    assert refusal.value.code == code


def test_an_update_can_be_applied_to_many_documents():
    update = compile_update({"$set": {"a": []}})
    first = update.apply({}, inserting=False)
    first["a"].append(1)
    assert update.apply({}, inserting=False) == {"a": []}


UPSERTS = [
    ({"_id": 1, "a": 2}, {"$set": {"b": 3}}, {"_id": 1, "a": 2, "b": 3}),
    ({"_id": 1}, {"$setOnInsert": {"a": 1}}, {"_id": 1, "a": 1}),
    ({"$and": [{"_id": 1}, {"a": {"$eq": 2}}]}, {"$inc": {"a": 1}}, {"_id": 1, "a": 3}),
    ({"_id": {"$in": [1]}, "a": {"$gt": 5}}, {"$set": {"b": 1}}, {"_id": 1, "b": 1}),
    ({"$or": [{"_id": 1}]}, {"$set": {"b": 1}}, {"_id": 1, "b": 1}),
    ({"_id": 1, "a.b": 2}, {"$set": {"c": 1}}, {"_id": 1, "a": {"b": 2}, "c": 1}),
    ({"_id": 1, "a": Regex("x")}, {"$set": {"b": 1}}, {"_id": 1, "b": 1}),
    ({"_id": 1, "a": 5}, {"b": 1}, {"_id": 1, "b": 1}),
    ({"a": 5}, {"_id": 7, "b": 1}, {"_id": 7, "b": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "update", "expected"), UPSERTS, ids=str)
def test_an_upsert_inserts_what_the_filter_and_the_update_say(query, update, expected):
    assert encode(upserted(query, compile_update(update))) == encode(expected)


def test_an_upsert_without_an_id_gets_one():
    assert isinstance(upserted({"a": 1}, compile_update({"$set": {"b": 1}}))["_id"], ObjectId)


def test_an_upsert_may_not_change_the_id_of_its_filter():
    with pytest.raises(CommandError) as refusal:
        upserted({"_id": 1}, compile_update({"$set": {"_id": 2}}))
    assert refusal.value.code == Code.ImmutableField


def test_an_upsert_needs_one_value_for_a_field():
    with pytest.raises(CommandError) as refusal:
        upserted({"$and": [{"a": 1}, {"a": 2}]}, compile_update({"$set": {"b": 1}}))
    assert refusal.value.code == Code.NotSingleValueField
