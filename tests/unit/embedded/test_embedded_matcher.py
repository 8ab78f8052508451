"""Filters, by the examples of MongoDB's manual and the corners that it describes."""

import pytest
from bson import Int64, Regex

from psolink.embedded.errors import Code, CommandError
from psolink.embedded.matcher import compile_filter

NAN = float("nan")
MATCHES = [
    # equality
    ({"a": 1}, {"a": 1.0}, True),
    ({"a": 1}, {"a": Int64(1)}, True),
    ({"a": 1}, {"a": True}, False),
    ({"a": True}, {"a": 1}, False),
    ({"a": "x"}, {"a": ["y", "x"]}, True),
    ({"a": "x"}, {"a": [["x"]]}, False),
    ({"a": ["x"]}, {"a": ["x"]}, True),
    ({"a": ["x"]}, {"a": [["x"], 1]}, True),
    ({"a": ["x", "y"]}, {"a": ["y", "x"]}, False),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 2}}, True),
    ({"a": {"c": 2, "b": 1}}, {"a": {"b": 1, "c": 2}}, False),
    ({"a": {}}, {"a": {}}, True),
    ({"a": {"$eq": "x"}}, {"a": "x"}, True),
    ({"a": NAN}, {"a": NAN}, True),
    # null and missing
    ({"a": None}, {}, True),
    ({"a": None}, {"a": None}, True),
    ({"a": None}, {"a": 1}, False),
    ({"a": None}, {"a": []}, False),
    ({"a": None}, {"a": [1, None]}, True),
    ({"a.b": None}, {"a": {"c": 1}}, True),
    ({"a.b": None}, {"a": 1}, True),
    ({"a.b": None}, {"a": []}, False),
    ({"a.b": None}, {"a": [1, 2]}, False),
    ({"a.b": None}, {"a": [{"b": 1}, {"c": 1}]}, True),
    ({"a": {"$ne": None}}, {}, False),
    ({"a": {"$in": [None, 5]}}, {}, True),
    ({"a": {"$nin": [None]}}, {"a": 1}, True),
    ({"a": {"$gte": None}}, {}, True),
    ({"a": {"$gt": None}}, {"a": None}, False),
    ({"a": {"$exists": True}}, {"a": None}, True),
    ({"a": {"$exists": False}}, {"a": None}, False),
    ({"a": {"$exists": 0}}, {}, True),
    ({"a.b": {"$exists": True}}, {"a": [{"c": 1}, {"b": 1}]}, True),
    ({"a.b": {"$exists": False}}, {"a": [{"c": 1}, {"b": 1}]}, False),
    # order, within a type only
    ({"a": {"$gt": 1}}, {"a": 2}, True),
    ({"a": {"$gt": 1}}, {"a": "2"}, False),
    ({"a": {"$lt": "b"}}, {"a": "a"}, True),
    ({"a": {"$lt": "b"}}, {"a": 1}, False),
    ({"a": {"$lt": True}}, {"a": False}, True),
    ({"a": {"$lt": 5}}, {"a": NAN}, False),
    ({"a": {"$gte": NAN}}, {"a": NAN}, True),
    ({"a": {"$gte": NAN}}, {"a": 5}, False),
    ({"a": {"$gt": NAN}}, {"a": 5}, False),
    ({"a": {"$gte": 6, "$lte": 8}}, {"a": [5, 10]}, True),
    ({"a": {"$gt": 5, "$lt": 5}}, {"a": 5}, False),
    ({"a": {"$gt": [1, 2]}}, {"a": [1, 3]}, True),
    ({"a": {"$gt": {"b": 1}}}, {"a": {"b": 2}}, True),
    # lists of values
    ({"a": {"$in": ["x", 2]}}, {"a": 2.0}, True),
    ({"a": {"$in": []}}, {"a": 1}, False),
    ({"a": {"$in": [Regex("^x")]}}, {"a": "xy"}, True),
    ({"a": {"$in": [["x"]]}}, {"a": ["x"]}, True),
    ({"a": {"$nin": ["x"]}}, {"a": ["x", "y"]}, False),
    ({"a": {"$nin": ["x"]}}, {}, True),
    ({"a": {"$ne": "x"}}, {"a": ["y", "x"]}, False),
    # arrays
    ({"a": {"$all": ["x", "y"]}}, {"a": ["y", "z", "x"]}, True),
    ({"a": {"$all": ["x"]}}, {"a": "x"}, True),
    ({"a": {"$all": []}}, {"a": []}, False),
    ({"a": {"$all": [["x"]]}}, {"a": ["x"]}, True),
    ({"a": {"$size": 2}}, {"a": [1, 2]}, True),
    ({"a": {"$size": 2.0}}, {"a": [1, 2]}, True),
    ({"a": {"$size": 0}}, {}, False),
    ({"a.b": 2}, {"a": [{"b": 1}, {"b": 2}]}, True),
    ({"a.b": 1}, {"a": [[{"b": 1}]]}, False),
    ({"a.b": 1, "a.c": 2}, {"a": [{"b": 1}, {"c": 2}]}, True),
    ({"a": {"$elemMatch": {"b": 1, "c": 2}}}, {"a": [{"b": 1}, {"c": 2}]}, False),
    ({"a": {"$elemMatch": {"b": 1, "c": 2}}}, {"a": [{"b": 1, "c": 2}]}, True),
    ({"a": {"$elemMatch": {"b": 1}}}, {"a": {"b": 1}}, False),
    ({"a": {"$elemMatch": {}}}, {"a": [{}]}, True),
    ({"a": {"$elemMatch": {}}}, {"a": [1]}, False),
    ({"a": {"$elemMatch": {"$gte": 6, "$lte": 8}}}, {"a": [5, 10]}, False),
    ({"a": {"$elemMatch": {"$gte": 6, "$lte": 8}}}, {"a": [5, 7]}, True),
    ({"a": {"$elemMatch": {"$gt": 0}}}, {"a": [[1]]}, False),
    ({"a": {"$elemMatch": {"$ne": 1}}}, {"a": [1, 2]}, True),
    ({"a": {"$elemMatch": {"$or": [{"b": 1}, {"b": 2}]}}}, {"a": [{"b": 2}]}, True),
    ({"a": {"$elemMatch": {"b": {"$elemMatch": {"c": 1}}}}}, {"a": [{"b": [{"c": 1}]}]}, True),
    ({"a.b": {"$elemMatch": {"$gt": 1}}}, {"a": [{"b": [1]}, {"b": [2]}]}, True),
    ({"a": {"$all": [{"$elemMatch": {"b": 1}}, {"$elemMatch": {"b": 2}}]}},
     {"a": [{"b": 1}, {"b": 2}]}, True),
    ({"a": {"$not": {"$elemMatch": {"b": 1}}}}, {"a": [{"b": 2}]}, True),
    ({"a": {"$not": {"$elemMatch": {"b": 1}}}}, {}, True),
    # negation
    ({"a": {"$not": {"$gt": 5}}}, {}, True),
    ({"a": {"$not": {"$gt": 5}}}, {"a": [1, 9]}, False),
    ({"a": {"$not": Regex("^x")}}, {"a": "y"}, True),
    ({"a": {"$not": {"$not": {"$eq": 1}}}}, {"a": 1}, True),
    # logic
    ({"$and": [{"a": 1}, {"b": 2}]}, {"a": 1, "b": 2}, True),
    ({"$or": [{"a": 1}, {"b": 2}]}, {"b": 2}, True),
    ({"$nor": [{"a": 1}, {"b": 2}]}, {"b": 2}, False),
    ({"$nor": [{"a": 1}, {"b": 2}]}, {"c": 2}, True),
    ({}, {"a": 1}, True),
    # regular expressions
    ({"a": {"$regex": "^sm"}}, {"a": "smith"}, True),
    ({"a": {"$regex": "^sm"}}, {"a": "Smith"}, False),
    ({"a": {"$regex": "^sm", "$options": "i"}}, {"a": "Smith"}, True),
    ({"a": {"$regex": "^É", "$options": "i"}}, {"a": "école"}, True),
    ({"a": {"$regex": "a.b"}}, {"a": "a\nb"}, False),
    ({"a": {"$regex": "a.b", "$options": "s"}}, {"a": "a\nb"}, True),
    ({"a": {"$regex": "^b", "$options": "m"}}, {"a": "a\nb"}, True),
    ({"a": Regex("^S", "i")}, {"a": ["x", "smith"]}, True),
    ({"a": {"$regex": r"a\.b"}}, {"a": "axb"}, False),
    ({"a": {"$regex": "1"}}, {"a": 1}, False),
]  # fmt: skip


@pytest.mark.parametrize(("query", "document", "expected"), MATCHES, ids=str)
def test_a_filter_matches_as_documented(query, document, expected):
    assert compile_filter(query)(document) is expected


REFUSED = [
    ({"$where": "1"}, "unknown top level operator: $where"),
    ({"$expr": {}}, "unknown top level operator: $expr"),
    ({"$text": {"$search": "x"}}, "unknown top level operator: $text"),
    ({"a": {"$bogus": 1}}, "unknown operator: $bogus"),
    ({"a": {"$type": "string"}}, "unknown operator: $type"),
    ({"a": {"$mod": [2, 0]}}, "unknown operator: $mod"),
    ({"a": {"$gt": 1, "b": 2}}, "unknown operator: b"),
    ({"$and": []}, "nonempty array"),
    ({"$or": {"a": 1}}, "nonempty array"),
    ({"$or": [1]}, "entries must be objects"),
    ({"a": {"$in": 1}}, "$in needs an array"),
    ({"a": {"$in": [{"$gt": 1}]}}, "cannot nest $"),
    ({"a": {"$all": 1}}, "$all needs an array"),
    ({"a": {"$all": [{"$elemMatch": {}}, 1]}}, "not both"),
    ({"a": {"$all": [{"$gt": 1}]}}, "no $ expressions in $all"),
    ({"a": {"$size": -1}}, "not negative"),
    ({"a": {"$size": "1"}}, "needs a number"),
    ({"a": {"$exists": "yes"}}, "true or false"),
    ({"a": {"$elemMatch": 1}}, "needs an Object"),
    ({"a": {"$not": 1}}, "regex or a document"),
    ({"a": {"$ne": Regex("x")}}, "regex as arg to $ne"),
    ({"a": {"$eq": Regex("x")}}, "use $regex"),
    ({"a": {"$gt": Regex("x")}}, "Can't have RegEx"),
    ({"a": {"$options": "i"}}, "$options needs a $regex"),
    ({"a": {"$regex": "x", "$options": "q"}}, "invalid flag"),
    ({"a": {"$regex": 1}}, "$regex has to be"),
    ({"a": {"$regex": "("}}, "not a regular expression"),
    ({"a": {"$regex": r"\d"}}, "$regex supports"),
    ({"a": {"$regex": "(?i)x"}}, "$regex supports"),
    ({"a": {"$regex": "x++"}}, "$regex supports"),
    ({"a": {"$regex": "[[:alpha:]]"}}, "$regex supports"),
    ({"a.0": 1}, "array positions"),
    ({"a.$": 1}, "begins with '$'"),
    ({"a": {"b": Regex("x")}}, "type Regex"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "message"), REFUSED, ids=str)
def test_what_is_not_supported_is_refused_before_anything_is_read(query, message):
    with pytest.raises(CommandError) as refusal:
        compile_filter(query)
    assert refusal.value.code == Code.BadValue
    assert message in refusal.value.message


def test_a_path_with_an_empty_part_is_refused():
    with pytest.raises(CommandError) as refusal:
        compile_filter({"a..b": 1})
    assert refusal.value.code == Code.EmptyFieldName
