"""What every store promises, on the embedded engine or on `--mongodb-uri`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread

import pytest

from psolink.search.indexes import SEARCH_INDEXES
from psolink.store.indexes import STORE_INDEXES
from psolink.store.mongo import MongoStore
from psolink.store.order import place_of
from psolink.store.startup import prepare_database
from psolink.store.values import (
    NEWEST_FIRST,
    Access,
    Delete,
    Key,
    NameTaken,
    Page,
    Put,
    Records,
    Reservation,
    SortKey,
    VersionConflict,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INDEXES = (*STORE_INDEXES, *SEARCH_INDEXES)


@pytest.fixture
def store(mongodb, database):
    prepare_database(mongodb, database, INDEXES)
    return MongoStore(mongodb, database)


def patient(resource_id="1", *, if_version=0, reservations=(), tenant="a", index=None, **content):
    resource = {"resourceType": "Patient", "id": resource_id} | content
    access = Access(tenant, (tenant,), 3, pswp=False)
    key = Key(tenant, "Patient", resource_id)
    return Put(key, resource, access, index or {}, if_version, "PUT", reservations)


def commit(store, *writes, now=NOW, **records):
    return store.commit(writes, Records(**records), now=now)


def everything(store):
    return store.find({}, Page(100))


def test_a_first_version_is_found_with_its_meta(store):
    commit(store, patient(active=True))
    [found] = everything(store)
    assert found.content == {
        "resourceType": "Patient",
        "id": "1",
        "meta": {"versionId": "1", "lastUpdated": "2026-03-01T12:00:00.000Z"},
        "active": True,
    }


def test_the_digits_of_a_decimal_are_kept(store):
    digits = [Decimal("107.50"), Decimal("1.00"), Decimal("1E+2"), Decimal("0.0000001")]
    commit(store, patient(x=digits))
    [found] = everything(store)
    assert [str(each) for each in found.content["x"]] == [str(each) for each in digits]


def test_a_superseded_version_goes_to_history(store):
    commit(store, patient(active=True))
    commit(store, patient(active=False, if_version=1))
    [past] = store.versions({"id": "1"}, limit=10)
    assert (past.version, past.content["active"]) == (1, True)
    assert everything(store)[0].version == 2


def test_a_deleted_resource_leaves_a_version_without_content(store):
    [written] = commit(store, patient())
    [deleted] = commit(store, Delete(written.key, written.access, 1))
    assert (deleted.version, deleted.resource) == (2, None)
    assert store.versions({"id": "1"}, limit=10)[0].resource is not None


@pytest.mark.parametrize("if_version", [0, 1, 3])
def test_a_write_on_another_version_than_the_current_is_refused(store, if_version):
    commit(store, patient())
    commit(store, patient(if_version=1))
    with pytest.raises(VersionConflict):
        commit(store, patient(if_version=if_version))
    assert everything(store)[0].version == 2


def test_one_refused_write_takes_all_others_with_it(store):
    commit(store, patient("1"))
    with pytest.raises(VersionConflict):
        commit(store, patient("2"), patient("1", if_version=7), audit=({"_id": "row"},))
    assert [each.key.id for each in everything(store)] == ["1"]
    commit(store, patient("3"), audit=({"_id": "row"},))


def test_ids_of_two_organizations_do_not_meet(store):
    commit(store, patient("1", tenant="a"), patient("1", tenant="b"))
    assert {each.key.tenant for each in everything(store)} == {"a", "b"}


def held_by(write, *organizations):
    return replace(write, access=replace(write.access, holders=organizations))


def test_an_organization_holds_one_resource_under_an_id_whoever_wrote_it(store):
    commit(store, held_by(patient("1", tenant="a"), "a", "c"))
    with pytest.raises(VersionConflict):
        commit(store, patient("1", tenant="c"))
    assert [each.key.tenant for each in everything(store)] == ["a"]


def test_a_holder_is_not_added_who_holds_another_resource_under_the_id(store):
    commit(store, patient("1", tenant="a"), patient("1", tenant="c"))
    with pytest.raises(VersionConflict):
        commit(store, held_by(patient("1", if_version=1), "a", "c"), patient("2"))
    assert {(str(each.key), each.access.holders) for each in everything(store)} == {
        ("a/Patient/1", ("a",)),
        ("c/Patient/1", ("c",)),
    }


def test_the_id_of_a_deleted_resource_stays_taken_among_its_holders(store):
    [written] = commit(store, held_by(patient("1", tenant="a"), "a", "c"))
    commit(store, Delete(written.key, written.access, 1))
    with pytest.raises(VersionConflict):
        commit(store, patient("1", tenant="c"))


def test_a_reserved_name_is_taken_once(store):
    commit(store, patient("1", reservations=(Reservation("name"),)))
    with pytest.raises(NameTaken):
        commit(store, patient("2", reservations=(Reservation("name"),)))
    assert store.reservations(["name", "other"]) == {"name": "a/Patient/1"}


def test_a_reserved_name_is_taken_over_from_the_holder_that_was_seen(store):
    commit(store, patient("1", reservations=(Reservation("name"),)))
    commit(store, patient("2", reservations=(Reservation("name", "a/Patient/1"),)))
    with pytest.raises(NameTaken):
        commit(store, patient("3", reservations=(Reservation("name", "a/Patient/1"),)))
    assert store.reservations(["name"]) == {"name": "a/Patient/2"}


def test_pages_follow_each_other_without_gap_or_repetition(store):
    for number in range(7):
        commit(store, patient(str(number)), now=NOW + timedelta(seconds=number // 2))
    assert walked(store, NEWEST_FIRST) == ["6", "5", "4", "3", "2", "1", "0"]


def walked(store, order):
    """Return the ids of all pages of three, one after the other."""
    seen, after = [], None
    while page := store.find({"type": "Patient"}, Page(3, after, order)):
        seen += [each.key.id for each in page]
        after = place_of(page[-1], order)
    return seen


def test_a_later_version_stays_where_the_first_one_was(store):
    for number in range(3):
        commit(store, patient(str(number)), now=NOW + timedelta(seconds=number))
    commit(store, patient("0", if_version=1), now=NOW + timedelta(hours=1))
    assert walked(store, NEWEST_FIRST) == ["2", "1", "0"]
    assert walked(store, (SortKey("updated"),)) == ["0", "2", "1"]


SORTED = {
    "a": ("x", 1),
    "b": ("x", 3),
    "c": ("y", 2),
    "d": ("y", None),
    "e": (None, 5),
    "f": (None, None),
}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param([SortKey("sort.t")], "dcbafe", id="what has no value comes last"),
        pytest.param([SortKey("sort.t"), SortKey("sort.n")], "cdbaef", id="by two values"),
        pytest.param([SortKey("id", descending=False)], "abcdef", id="by what is always there"),
        pytest.param(
            [SortKey("sort.n"), SortKey("id", descending=False)], "ebcadf", id="both directions"
        ),
    ],
)
def test_pages_in_any_order_hold_everything_once(store, order, expected):
    for name, (text, number) in SORTED.items():
        values = {"t": text, "n": number}
        index = {"sort": {key: value for key, value in values.items() if value is not None}}
        commit(store, patient(name, index=index))
    assert "".join(walked(store, tuple(order))) == expected


def test_rows_hold_the_fields_that_are_asked_for(store):
    commit(store, patient("1", index={"token": [{"p": "x", "c": "1"}]}, active=True))
    [found] = store.rows({"type": "Patient"}, ("token",), limit=10)
    assert (found.key.reference, found.access.holders) == ("Patient/1", ("a",))
    assert found.fields["token"] == [{"p": "x", "c": "1"}]
    assert "resource" not in found.fields


def test_counting_ends_at_a_limit(store):
    commit(store, *(patient(str(number)) for number in range(5)))
    assert (store.count({}, limit=3), store.count({}, limit=9), store.count({})) == (3, 5, 5)


def test_values_to_search_by_are_found_element_by_element(store):
    token = {"p": "gender", "s": "x", "c": "male"}
    commit(store, patient("1", index={"token": [token, {"p": "active", "s": "", "c": "true"}]}))
    query = {"type": "Patient", "token": {"$elemMatch": {"p": "gender", "c": "male"}}}
    mixed = {"type": "Patient", "token": {"$elemMatch": {"p": "gender", "c": "true"}}}
    assert (store.count(query), store.count(mixed)) == (1, 0)


def test_the_time_of_a_version_never_goes_back(store):
    commit(store, patient())
    [second] = commit(store, patient(if_version=1), now=NOW - timedelta(hours=1))
    assert second.updated > NOW


def test_of_simultaneous_writes_on_one_version_exactly_one_wins(store):
    commit(store, patient())
    outcomes = []

    def write():
        try:
            commit(store, patient(if_version=1))
            outcomes.append("won")
        except VersionConflict:
            outcomes.append("lost")

    threads = [Thread(target=write) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 11 + ["won"]
    assert everything(store)[0].version == 2
