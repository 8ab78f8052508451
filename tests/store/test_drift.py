"""Indexes as defined, and as they are."""

import pytest

from psolink.store.drift import Finding, State, build, findings
from psolink.store.indexes import Index
from psolink.store.startup import StoreUnusable, prepare_database

DEFINED = (
    Index("resources", "by_id_1", (("id", 1), ("type", 1)), unique=True),
    Index("resources", "by_date_2", (("date", -1),)),
    Index("audit", "by_time_1", (("at", 1),)),
)


@pytest.fixture
def found(mongodb, database):
    build(mongodb[database], DEFINED, lambda _: None)
    return mongodb[database]


def states(found):
    return {each.index.name: each.state for each in findings(found, DEFINED)}


def test_what_was_built_is_present(found):
    assert set(states(found).values()) == {State.PRESENT}


def test_what_was_dropped_is_missing(found):
    found["audit"].drop_index("by_time_1")
    assert states(found)["by_time_1"] == State.MISSING


def test_what_has_other_keys_is_different(found):
    found["audit"].drop_index("by_time_1")
    found["audit"].create_index([("at", -1)], name="by_time_1")
    assert states(found)["by_time_1"] == State.DIFFERENT


def test_what_lets_two_documents_share_a_key_is_different_from_what_does_not(found):
    found["resources"].drop_index("by_id_1")
    found["resources"].create_index([("id", 1), ("type", 1)], name="by_id_1")
    assert states(found)["by_id_1"] == State.DIFFERENT


def test_an_earlier_version_of_ours_is_obsolete_and_another_s_is_foreign(found):
    found["resources"].create_index("x", name="by_date_1")
    found["resources"].create_index("y", name="report_of_the_quality_office")
    assert states(found)["by_date_1"] == State.OBSOLETE
    assert states(found)["report_of_the_quality_office"] == State.FOREIGN


def test_a_build_mends_everything_and_leaves_what_is_not_ours(found):
    found["audit"].drop_index("by_time_1")
    found["resources"].drop_index("by_date_2")
    found["resources"].create_index("date", name="by_date_2")
    found["resources"].create_index("x", name="by_date_1")
    found["resources"].create_index("y", name="foreign")
    told: list[Finding] = []
    build(found, DEFINED, told.append)
    assert sorted({each.index.name for each in told}) == ["by_date_1", "by_date_2", "by_time_1"]
    assert set(states(found).values()) == {State.PRESENT, State.FOREIGN}
    assert found["resources"].index_information()["by_date_2"]["key"] == [("date", -1)]


def test_a_database_with_two_resources_under_one_id_is_not_served(mongodb, database):
    index = Index("resources", "by_id_2", (("id", 1),), unique=True)
    mongodb[database]["resources"].insert_many([{"id": "1"}, {"id": "1"}])
    with pytest.raises(StoreUnusable, match="two resources under one type and id"):
        prepare_database(mongodb, database, [index])


def test_an_obsolete_index_with_the_keys_of_a_new_one_makes_room_for_it(found):
    found["audit"].drop_index("by_time_1")
    found["audit"].create_index("at", name="by_time_0")
    build(found, DEFINED, lambda _: None)
    assert set(states(found).values()) == {State.PRESENT}
