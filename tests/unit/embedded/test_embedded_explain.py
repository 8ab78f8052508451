import pytest


@pytest.fixture
def explain(command):
    command.index("a", "b")
    command.index("tags")
    command.insert(
        *({"_id": n, "a": n % 10, "b": n, "tags": ["x", f"t{n}"], "c": -n} for n in range(200))
    )

    def run(verbosity="executionStats", **fields):
        return command("explain", {"find": "c", **fields}, verbosity=verbosity)

    return run


def stages(answer):
    stage, names = answer["queryPlanner"]["winningPlan"], []
    while stage:
        names.append(stage["stage"])
        found, stage = stage, stage.get("inputStage")
    return names, found


def examined(answer):
    run = answer["executionStats"]
    return run["totalKeysExamined"], run["totalDocsExamined"], run["nReturned"]


def test_an_index_scan_reads_the_keys_in_its_bounds(explain):
    answer = explain(filter={"a": 3})
    names, scan = stages(answer)
    assert names == ["FETCH", "IXSCAN"]
    assert (scan["indexName"], scan["keyPattern"], scan["isMultiKey"]) == (
        "a_b",
        {"a": 1, "b": 1},
        False,
    )
    assert examined(answer) == (20, 20, 20)


def test_what_the_index_does_not_decide_is_read_and_dropped(explain):
    assert examined(explain(filter={"a": 3, "c": -13})) == (20, 20, 1)


def test_a_document_that_an_array_leads_to_twice_is_read_once(explain):
    answer = explain(filter={"tags": {"$in": ["x", "t5"]}})
    assert stages(answer)[1]["isMultiKey"] is True
    assert examined(answer) == (201, 200, 200)


def test_without_an_index_every_document_is_read(explain):
    answer = explain(filter={"c": -7})
    assert stages(answer)[0] == ["COLLSCAN"]
    assert examined(answer) == (0, 200, 1)


def test_an_index_gives_the_order_forward_or_backward(explain):
    answer = explain(filter={"a": 3}, sort={"b": -1}, limit=5)
    names, scan = stages(answer)
    assert (names, scan["direction"]) == (["LIMIT", "FETCH", "IXSCAN"], "backward")
    assert examined(answer) == (5, 5, 5)


def test_a_sort_that_no_index_gives_is_a_stage(explain):
    answer = explain(filter={"a": 3}, sort={"c": 1}, skip=2, limit=5)
    assert stages(answer)[0] == ["LIMIT", "SKIP", "SORT", "FETCH", "IXSCAN"]
    assert examined(answer) == (20, 20, 5)


def test_an_id_is_looked_up(explain):
    assert stages(explain(filter={"_id": 7}))[1]["indexName"] == "_id_"


def test_the_plan_alone_runs_nothing(explain):
    assert "executionStats" not in explain("queryPlanner", filter={"a": 3})


def test_a_collection_that_is_not_there_has_nothing_to_read(command):
    answer = command("explain", {"find": "none"})
    assert (stages(answer)[0], examined(answer)) == (["EOF"], (0, 0, 0))


@pytest.mark.parametrize(
    ("inner", "verbosity", "code"),
    [
        pytest.param({"count": "c"}, "queryPlanner", 238, id="another command"),
        pytest.param({"find": "c"}, "everything", 2, id="an unknown verbosity"),
        pytest.param({"find": "c", "bogus": 1}, "queryPlanner", 40415, id="an unknown field"),
        pytest.param({"find": "c", "filter": {"$x": 1}}, "queryPlanner", 2, id="a bad filter"),
        pytest.param({}, "queryPlanner", 238, id="no command"),
    ],
)
def test_what_cannot_be_explained_is_refused(command, inner, verbosity, code):
    assert command("explain", inner, verbosity=verbosity)["code"] == code
