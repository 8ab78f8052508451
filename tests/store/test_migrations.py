"""From one layout of the database to the next."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.store.test_store_contract import commit, patient

from psolink.store.creation import Creation
from psolink.store.documents import CODEC
from psolink.store.ending import Ending
from psolink.store.layout import LAYOUT, WrongLayout, layout_of, require_layout
from psolink.store.migrations import REINDEX, UNRESERVED, Batch, Migrator
from psolink.store.mongo import MongoStore
from psolink.store.reindex import Reindex
from psolink.store.startup import StoreUnusable, prepare_database
from psolink.store.unreserved import Unreserved
from psolink.store.values import Delete, Page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def values_of(stored):
    return {"token": [{"p": "gender", "s": "", "c": stored.content["gender"]}]}


@pytest.fixture
def found(mongodb, database):
    return mongodb.get_database(database, codec_options=CODEC)


@pytest.fixture
def store(mongodb, database):
    return MongoStore(mongodb, database)


def with_layout(found, version):
    found["meta"].replace_one({"_id": "schema"}, {"_id": "schema", "version": version}, upsert=True)


def indexed(found):
    return {each["id"]: each.get("token") for each in found["resources"].find()}


class Listing:
    """A walk over numbers, in batches of two, that may fail at one of them."""

    def __init__(self, numbers, fails_at=None):
        self.numbers = numbers
        self.fails_at = fails_at
        self.met = []

    def count(self):
        return len(self.numbers)

    def batch(self, after):
        batch = [each for each in self.numbers if after is None or each > after][:2]
        if self.fails_at in batch:
            raise ConnectionError
        self.met += batch
        return Batch(batch[-1] if batch[-1] != self.numbers[-1] else None, len(batch))


def unseen(_step, _seen):
    """Progress that nobody looks at."""


def test_a_new_database_has_the_layout_of_this_release(found):
    require_layout(found)
    assert layout_of(found) == LAYOUT
    assert Migrator(found, {}).steps() == []


def test_an_older_layout_is_refused_with_the_remedy(mongodb, database, found):
    with_layout(found, LAYOUT - 1)
    with pytest.raises(StoreUnusable, match="psolink migrate"):
        prepare_database(mongodb, database, ())


def test_a_newer_layout_is_left_alone(mongodb, database, found):
    with_layout(found, LAYOUT + 1)
    with pytest.raises(WrongLayout, match="nothing was changed"):
        Migrator(found, {}).run(unseen)
    with pytest.raises(StoreUnusable, match="newer release"):
        prepare_database(mongodb, database, ())
    assert layout_of(found) == LAYOUT + 1
    assert found.list_collection_names() == ["meta"]


def test_a_migration_leads_to_the_layout_of_this_release(found):
    with_layout(found, 1)
    walk = Listing("abcde")
    Migrator(found, {"letters": walk}, {LAYOUT: ("letters",)}).run(unseen)
    assert walk.met == list("abcde")
    require_layout(found)


def test_a_migration_that_failed_goes_on_where_it_was(found):
    with_layout(found, 1)
    with pytest.raises(ConnectionError):
        Migrator(found, {"letters": Listing("abcdef", fails_at="e")}, {LAYOUT: ("letters",)}).run(
            unseen
        )
    assert layout_of(found) == 1
    rest, seen = Listing("abcdef"), []
    Migrator(found, {"letters": rest}, {LAYOUT: ("letters",)}).run(
        lambda _, done: seen.append(done)
    )
    assert rest.met == ["e", "f"]
    assert seen == [4, 6]


def test_a_step_that_is_done_is_not_taken_again(found):
    with_layout(found, 1)
    walks = {"one": Listing("ab"), "two": Listing("cd", fails_at="c")}
    with pytest.raises(ConnectionError):
        Migrator(found, walks, {LAYOUT: ("one", "two")}).run(unseen)
    again = {"one": Listing("ab"), "two": Listing("cd")}
    Migrator(found, again, {LAYOUT: ("one", "two")}).run(unseen)
    assert (again["one"].met, again["two"].met) == ([], ["c", "d"])


def test_a_walk_of_two_migrations_is_taken_once_at_its_last_place(found):
    with_layout(found, 0)
    walks = {"one": Listing("ab"), "two": Listing("cd")}
    steps = Migrator(found, walks, {1: ("one", "two"), 2: ("one",)}).steps()
    assert [step.name for step in steps] == ["two", "one"]


def test_reindexing_takes_the_values_of_every_resource_anew(store, found):
    old = {"token": [{"p": "old", "c": "x"}], "string": [{"p": "name", "v": "y"}]}
    for number in range(450):
        commit(store, patient(f"{number:03}", gender="male", index=old))
    [gone] = commit(store, patient("gone", gender="male"))
    commit(store, Delete(gone.key, gone.access, 1))
    with_layout(found, 1)
    migrator = Migrator(found, {REINDEX: Reindex(found, values_of)}, {LAYOUT: (REINDEX,)})
    assert [step.walk.count() for step in migrator.steps()] == [450]
    migrator.run(unseen)
    kept = indexed(found)
    assert kept.pop("gone") is None
    assert list(kept.values()) == [[{"p": "gender", "s": "", "c": "male"}]] * 450
    assert found["resources"].count_documents({"string": {"$exists": True}}) == 0
    assert all(each.version == 1 for each in store.find({"deleted": False}, Page(1000)))


def test_the_moment_of_creation_is_that_of_the_first_version(store, found):
    later = NOW + timedelta(days=1)
    commit(store, patient("1", gender="male"))
    [two] = commit(store, patient("2", gender="male"))
    commit(store, patient("1", if_version=1, gender="male"), now=later)
    commit(store, Delete(two.key, two.access, 1), now=later)
    commit(store, patient("3", gender="male"), now=later)
    found["resources"].update_many({}, {"$unset": {"created": ""}})
    walk = Creation(found)
    assert walk.count() == 3
    walk.batch(None)
    created = {each["id"]: each["created"] for each in found["resources"].find()}
    assert created == {"1": NOW, "2": NOW, "3": later}


def test_a_superseded_version_ends_when_the_next_one_comes(store, found):
    moments = [NOW + timedelta(days=number) for number in range(3)]
    for version, moment in enumerate(moments):
        commit(store, patient("1", if_version=version, gender="male"), now=moment)
    kept = {each["_id"]: each["until"] for each in found["history"].find()}
    assert list(kept.values()) == moments[1:]
    found["history"].update_many({}, {"$unset": {"until": ""}})
    walk = Ending(found)
    assert walk.count() == 2
    walk.batch(None)
    assert {each["_id"]: each["until"] for each in found["history"].find()} == kept


def test_reservations_of_ids_are_removed_and_others_stay(found):
    names = [f"id:a/Patient/{number:03}" for number in range(250)]
    rows = [{"_id": name, "holder": "x"} for name in (*names, "match:1", "id", "idx")]
    found["reservations"].insert_many(rows)
    with_layout(found, LAYOUT - 1)
    migrator = Migrator(found, {UNRESERVED: Unreserved(found)}, {LAYOUT: (UNRESERVED,)})
    assert [step.walk.count() for step in migrator.steps()] == [250]
    migrator.run(unseen)
    assert {each["_id"] for each in found["reservations"].find()} == {"match:1", "id", "idx"}


def test_reindexing_does_not_touch_what_is_written_meanwhile(store, found):
    commit(store, patient("1", gender="male"))

    def rival(stored):
        fresh = {"token": [{"p": "gender", "s": "", "c": "female"}]}
        commit(store, patient("1", if_version=1, gender="female", index=fresh))
        return values_of(stored)

    Reindex(found, rival).batch(None)
    assert indexed(found) == {"1": [{"p": "gender", "s": "", "c": "female"}]}
