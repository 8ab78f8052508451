"""Resources that are larger than a document of the database."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.store.test_store_contract import INDEXES, commit, patient

from psolink.errors import PayloadTooLarge, TooCostly
from psolink.store import chunks
from psolink.store.documents import CODEC
from psolink.store.mongo import MongoStore
from psolink.store.reindex import Reindex
from psolink.store.startup import prepare_database
from psolink.store.values import Delete, Page, VersionConflict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LARGE = "Aa0+" * 5_000_000


@pytest.fixture
def store(mongodb, database):
    prepare_database(mongodb, database, INDEXES)
    return MongoStore(mongodb, database)


def large(resource_id="1", **more):
    return patient(resource_id, x=[Decimal("1.10"), LARGE], **more)


def everything(store):
    return store.find({}, Page(100))


def parts(mongodb, database):
    return mongodb[database]["chunks"].count_documents({})


def test_a_large_resource_is_returned_and_read_as_it_was_written(store):
    [written] = commit(store, large())
    [found] = everything(store)
    assert found.content == written.content
    assert found.content["x"] == [Decimal("1.10"), LARGE]
    assert str(found.content["x"][0]) == "1.10"


def test_a_large_version_stays_whole_in_history(store, mongodb, database):
    [first] = commit(store, large())
    commit(store, patient(if_version=1, active=True))
    commit(store, large(if_version=2))
    versions = store.versions({"id": "1"}, limit=10)
    assert [each.version for each in versions] == [2, 1]
    assert versions[1].content == first.content
    assert "x" not in versions[0].content
    assert parts(mongodb, database) == 10


def test_a_large_resource_is_deleted_and_its_history_stays(store):
    [written] = commit(store, large())
    commit(store, Delete(written.key, written.access, 1))
    assert everything(store)[0].resource is None
    assert store.versions({"id": "1"}, limit=1)[0].content["x"][1] == LARGE


def test_large_and_small_are_written_together_or_not_at_all(store, mongodb, database):
    commit(store, patient("2"))
    with pytest.raises(VersionConflict):
        commit(store, large("1"), patient("2", if_version=7))
    assert parts(mongodb, database) == 0
    commit(store, large("1"), patient("2", if_version=1))
    assert {each.key.id for each in everything(store)} == {"1", "2"}


def test_labels_and_search_values_of_a_large_resource_are_found(store):
    token = {"p": "active", "s": "", "c": "true"}
    tag = {"system": "urn:t", "code": "x"}
    commit(store, large(index={"token": [token]}, meta={"tag": [tag]}))
    assert store.count({"token": {"$elemMatch": {"p": "active", "c": "true"}}}) == 1
    assert store.labels({}, "tag") == [tag]


def test_a_result_holds_only_so_much_content(store):
    for number in range(1 + chunks.READ_BYTES // len(LARGE)):
        commit(store, large(str(number)))
    assert len(store.find({}, Page(2))) == 2
    with pytest.raises(TooCostly, match="ask for fewer with _count"):
        store.find({}, Page(100))


def test_what_is_large_beside_its_content_is_refused(store):
    tags = [{"system": "urn:t", "code": "x" * 1000} for _ in range(20_000)]
    with pytest.raises(PayloadTooLarge, match="more meta"):
        commit(store, patient(meta={"tag": tags}))
    assert everything(store) == []


def test_values_are_taken_anew_from_the_whole_content(store, mongodb, database):
    commit(store, large())

    def values(stored):
        return {"token": [{"p": "length", "s": "", "c": str(len(stored.content["x"][1]))}]}

    Reindex(mongodb.get_database(database, codec_options=CODEC), values).batch(None)
    assert store.count({"token": {"$elemMatch": {"c": str(len(LARGE))}}}) == 1
    assert everything(store)[0].content["x"][1] == LARGE
