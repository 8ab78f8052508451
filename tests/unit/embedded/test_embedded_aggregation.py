import pytest

ROWS = [
    {"_id": 1, "t": "x", "n": 3},
    {"_id": 2, "t": "y", "n": 2.5},
    {"_id": 3, "t": "x", "n": None},
    {"_id": 4, "n": "text"},
]
PIPELINES = [
    ([], ROWS),
    ([{"$match": {"t": "x"}}, {"$count": "k"}], [{"k": 2}]),
    ([{"$match": {"t": "none"}}, {"$count": "k"}], []),
    ([{"$match": {}}, {"$group": {"_id": 1, "n": {"$sum": 1}}}], [{"_id": 1, "n": 4}]),
    ([{"$skip": 1}, {"$limit": 2}, {"$group": {"_id": 1, "n": {"$sum": 1}}}], [{"_id": 1, "n": 2}]),
    (
        [{"$group": {"_id": "$t", "n": {"$sum": "$n"}}}, {"$sort": {"_id": 1}}],
        [{"_id": None, "n": 0}, {"_id": "x", "n": 3}, {"_id": "y", "n": 2.5}],
    ),
    ([{"$sort": {"_id": -1}}, {"$limit": 1}, {"$project": {"t": 1}}], [{"_id": 4}]),
    ([{"$match": {"n": {"$gt": 2}}}, {"$match": {"t": "y"}}, {"$project": {"n": 0}}],
     [{"_id": 2, "t": "y"}]),
]  # fmt: skip


@pytest.mark.parametrize(("pipeline", "expected"), PIPELINES, ids=str)
def test_a_pipeline_gives_what_its_stages_say(command, pipeline, expected):
    command.insert(*ROWS)
    answer = command("aggregate", "c", pipeline=pipeline, cursor={})
    assert answer["cursor"]["firstBatch"] == expected


REFUSED = [
    ([{"$bogus": {}}], 40324),
    ([{"$unwind": "$a"}], 40324),
    ([{"$lookup": {}}], 40324),
    ([{"$out": "x"}], 40324),
    ([{"$match": {}, "$limit": 1}], 40323),
    ([1], 40323),
    ([{"$match": 1}], 2),
    ([{"$match": {"$expr": {}}}], 2),
    ([{"$limit": 0}], 2),
    ([{"$limit": "1"}], 2),
    ([{"$skip": 1.5}], 2),
    ([{"$sort": {}}], 2),
    ([{"$sort": {"a": 2}}], 2),
    ([{"$count": ""}], 2),
    ([{"$project": {}}], 2),
    ([{"$project": {"a": "$b"}}], 238),
    ([{"$group": {"n": {"$sum": 1}}}], 2),
    ([{"$group": {"_id": 1, "n": {"$max": "$n"}}}], 238),
    ([{"$group": {"_id": {"$toLower": "$a"}}}], 238),
]


@pytest.mark.parametrize(("pipeline", "code"), REFUSED, ids=str)
def test_a_pipeline_that_is_not_supported_is_refused(command, pipeline, code):
    answer = command("aggregate", "c", pipeline=pipeline, cursor={})
    assert (answer["ok"], answer["code"]) == (0, code)


def test_a_path_through_an_array_is_no_expression(command):
    command.insert({"_id": 1, "a": [{"b": 1}]})
    answer = command("aggregate", "c", pipeline=[{"$group": {"_id": "$a.b"}}], cursor={})
    assert answer["code"] == 238
