import pytest
from bson import Int64

from psolink.embedded import cursors

MANY = 250


@pytest.fixture
def filled(command):
    command.insert(*({"_id": number, "a": number % 7} for number in range(MANY)))
    return command


def rest(command, cursor, **fields):
    """Return the sizes of the batches that follow."""
    sizes = []
    while cursor["id"]:
        cursor = command("getMore", cursor["id"], collection="c", **fields)["cursor"]
        sizes.append(len(cursor["nextBatch"]))
    return sizes


def test_the_first_batch_holds_101_documents_and_the_next_the_rest(filled):
    cursor = filled("find", "c")["cursor"]
    assert len(cursor["firstBatch"]) == 101
    assert rest(filled, cursor) == [149]


def test_batches_have_the_size_that_is_asked_for(filled):
    cursor = filled("find", "c", batchSize=100)["cursor"]
    assert len(cursor["firstBatch"]) == 100
    assert rest(filled, cursor, batchSize=75) == [75, 75]


def test_a_batch_of_none_opens_the_cursor_only(filled):
    cursor = filled("find", "c", batchSize=0)["cursor"]
    assert cursor["firstBatch"] == []
    assert rest(filled, cursor) == [MANY]


def test_a_single_batch_leaves_no_cursor(filled):
    cursor = filled("find", "c", batchSize=5, singleBatch=True)["cursor"]
    assert (len(cursor["firstBatch"]), cursor["id"]) == (5, 0)


def test_skip_and_limit_count_over_all_batches(filled):
    cursor = filled("find", "c", skip=10, limit=120, batchSize=50)["cursor"]
    assert cursor["firstBatch"][0]["_id"] == 10
    assert rest(filled, cursor) == [70]


def test_a_cursor_keeps_to_the_moment_at_which_it_was_opened(filled):
    cursor = filled("find", "c", batchSize=1)["cursor"]
    filled("delete", "c", deletes=[{"q": {}, "limit": 0}])
    assert rest(filled, cursor) == [MANY - 1]
    assert filled.found() == []


def test_a_sorted_cursor_is_read_batch_by_batch(filled):
    cursor = filled("find", "c", sort={"a": -1, "_id": 1}, batchSize=2)["cursor"]
    assert [row["_id"] for row in cursor["firstBatch"]] == [6, 13]
    assert rest(filled, cursor) == [MANY - 2]


def test_an_answer_holds_16_megabytes_at_most(command):
    command.insert(*({"_id": number, "a": "x" * 6_000_000} for number in range(5)))
    cursor = command("find", "c")["cursor"]
    assert len(cursor["firstBatch"]) == 2
    assert rest(command, cursor) == [2, 1]


def test_a_killed_cursor_is_gone(filled):
    number = filled("find", "c", batchSize=1)["cursor"]["id"]
    killed = filled("killCursors", "c", cursors=[number, Int64(3)])
    assert (killed["cursorsKilled"], killed["cursorsNotFound"]) == ([number], [3])
    assert filled("getMore", number, collection="c")["code"] == 43


def test_a_cursor_is_asked_for_by_its_collection(filled):
    number = filled("find", "c", batchSize=1)["cursor"]["id"]
    assert filled("getMore", number, collection="d")["code"] == 43


def test_a_cursor_that_nobody_asks_for_is_closed(filled):
    number = filled("find", "c", batchSize=1)["cursor"]["id"]
    filled.engine.cursors.get(number, ("test", "c"), None).used -= cursors.IDLE_SECONDS + 1
    filled.engine.tidy()
    assert filled("getMore", number, collection="c")["code"] == 43


def test_a_cursor_that_was_left_half_read_does_not_hold_later_reads_back(filled):
    for _ in range(3):
        number = filled("find", "c", batchSize=1)["cursor"]["id"]
        filled("killCursors", "c", cursors=[number])
        filled("find", "c", filter={"_id": {"$gt": 0}}, limit=1, singleBatch=True)
    filled.insert({"_id": "new"})
    assert filled.found({"_id": "new"}) == ["new"]


def test_the_time_limit_begins_anew_with_each_batch(filled):
    cursor = filled("find", "c", batchSize=1, maxTimeMS=60_000)["cursor"]
    found = filled.engine.cursors.get(cursor["id"], ("test", "c"), None)
    found._deadline._end = 0
    assert rest(filled, cursor) == [MANY - 1]


def test_only_so_many_cursors_are_open(filled):
    numbers = [filled("find", "c", batchSize=0)["cursor"]["id"] for _ in range(500)]
    assert filled("find", "c", batchSize=0)["code"] == 1
    filled("killCursors", "c", cursors=numbers)
    assert filled("find", "c", batchSize=0)["ok"] == 1
