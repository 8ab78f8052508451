"""A rival writes between what an interaction reads and what it writes.

Each interaction must see that it was overtaken: by its condition on the version, or by the name that
it reserves. https://hl7.org/fhir/R4/http.html#concurrency
"""

from uuid import uuid4

import pytest
from tests.builders import bundle, entry, identifier, patient

from psolink.errors import FhirError
from psolink.interactions.conditional_delete import conditional_delete
from psolink.interactions.conditional_patch import conditional_patch
from psolink.interactions.conditional_update import conditional_update
from psolink.interactions.context import Context
from psolink.interactions.create import create
from psolink.interactions.delete import delete
from psolink.interactions.json_patch import json_patch
from psolink.interactions.patch import patch
from psolink.interactions.preconditions import ETags, Precondition
from psolink.interactions.transaction import transaction
from psolink.interactions.update import update
from psolink.security.authorized_store import AuthorizedStore
from psolink.setup import access_tokens
from psolink.store.changes import changes
from psolink.store.documents import CODEC, stored
from psolink.store.values import Span

FIRST = Precondition(if_match=ETags(frozenset({1})))
NONE = Precondition(if_none_match=ETags(is_any=True))


class StoreWithRival:
    """Before the first commit of the interaction, somebody else writes."""

    def __init__(self, beneath, rival):
        self._beneath, self._rival = beneath, rival

    def __getattr__(self, name):
        return getattr(self._beneath, name)

    def commit(self, *args, **kwargs):
        rival, self._rival = self._rival, lambda: None
        rival()
        return self._beneath.commit(*args, **kwargs)


@pytest.fixture
def value():
    return str(uuid4())


@pytest.fixture
def overtaken(app, settings, hospital):
    """Make a context whose writes are overtaken by what `rival` does."""
    shared = app.extensions["psolink"]
    principal = access_tokens(settings).verify(hospital.token)

    def make(rival):
        store = AuthorizedStore(StoreWithRival(shared.store, rival), principal)
        return Context(shared.services, principal, store, "http://127.0.0.1:8080/fhir")

    return make


def named(value, **content):
    return patient(identifier=[identifier(value)], **content)


def by(value):
    return [("identifier", value)]


def total(actor, value):
    return actor.get(f"/Patient?identifier={value}").get_json()["total"]


def active():
    return json_patch([{"op": "add", "path": "/active", "value": True}])


def refused(act):
    with pytest.raises(FhirError) as caught:
        act()
    return caught.value.status


def test_a_conditional_create_finds_what_a_rival_created_under_the_same_condition(
    hospital, overtaken, value
):
    def rival():
        hospital.post("/Patient", named(value), If_None_Exist=f"identifier={value}")

    result = create(overtaken(rival), "Patient", named(value), if_none_exist=by(value))
    assert (result.status, total(hospital, value)) == (200, 1)


def test_a_conditional_update_updates_what_a_rival_created_under_the_same_condition(
    hospital, overtaken, value
):
    def rival():
        hospital.put(f"/Patient?identifier={value}", named(value))

    ctx = overtaken(rival)
    result = conditional_update(ctx, "Patient", by(value), named(value, active=True))
    assert (result.status, total(hospital, value)) == (200, 1)
    assert result.stored is not None
    assert result.stored.version == 2


def test_a_conditional_update_with_an_id_updates_what_a_rival_created(hospital, overtaken, value):
    def rival():
        hospital.put(f"/Patient/{value}", named(value, id=value))

    result = conditional_update(
        overtaken(rival), "Patient", by(value), named(value, id=value, active=True)
    )
    assert (result.status, total(hospital, value)) == (200, 1)


def test_a_conditional_update_does_not_overwrite_what_a_rival_wrote_to_its_match(
    hospital, overtaken, value
):
    known = hospital.create(named(value))

    def rival():
        hospital.put(f"/Patient/{known['id']}", known | {"gender": "female"})

    ctx = overtaken(rival)
    result = conditional_update(ctx, "Patient", by(value), named(value, active=True))
    assert result.stored is not None
    assert result.stored.version == 3
    ctx = overtaken(rival)
    status = refused(
        lambda: conditional_update(
            ctx,
            "Patient",
            by(value),
            named(value),
            condition=Precondition(if_match=ETags(frozenset({3}))),
        )
    )
    assert status == 412


def test_a_conditional_update_creates_anew_where_a_rival_deleted_its_match(
    hospital, overtaken, value
):
    known = hospital.create(named(value))
    ctx = overtaken(lambda: hospital.delete(f"/Patient/{known['id']}"))
    result = conditional_update(ctx, "Patient", by(value), named(value))
    assert (result.status, total(hospital, value)) == (201, 1)


def test_a_conditional_delete_spares_what_a_rival_took_out_of_its_criteria(
    hospital, overtaken, value
):
    known = hospital.create(named(value))
    ctx = overtaken(lambda: hospital.put(f"/Patient/{known['id']}", patient(id=known["id"])))
    assert conditional_delete(ctx, "Patient", by(value)).status == 204
    assert hospital.get(f"/Patient/{known['id']}").status_code == 200


def test_a_conditional_patch_changes_what_a_rival_left(hospital, overtaken, value):
    known = hospital.create(named(value))

    def rival():
        hospital.put(f"/Patient/{known['id']}", known | {"gender": "female"})

    result = conditional_patch(overtaken(rival), "Patient", by(value), active())
    assert result.resource is not None
    assert (result.resource["gender"], result.resource["active"]) == ("female", True)


def test_a_conditional_patch_does_not_change_what_a_rival_deleted(hospital, overtaken, value):
    known = hospital.create(named(value))
    ctx = overtaken(lambda: hospital.delete(f"/Patient/{known['id']}"))
    assert refused(lambda: conditional_patch(ctx, "Patient", by(value), active())) == 404


def _update(ctx, known, condition):
    return update(ctx, "Patient", known["id"], known, condition=condition)


def _patch(ctx, known, condition):
    return patch(ctx, "Patient", known["id"], active(), condition=condition)


def _delete(ctx, known, condition):
    return delete(ctx, "Patient", known["id"], condition=condition)


def _transaction(method, resource):
    def act(ctx, known, condition):
        request = entry(method, f"Patient/{known['id']}", resource(known), ifMatch='W/"1"')
        return transaction(ctx, bundle("transaction", request))

    return act


WRITES = [
    pytest.param(_update, id="update"),
    pytest.param(_patch, id="patch"),
    pytest.param(_delete, id="delete"),
    pytest.param(_transaction("PUT", lambda known: known), id="update in a transaction"),
    pytest.param(_transaction("DELETE", lambda known: None), id="delete in a transaction"),
    pytest.param(
        _transaction(
            "PATCH",
            lambda known: {
                "resourceType": "Binary",
                "contentType": "application/json-patch+json",
                "data": "W10=",
            },
        ),
        id="patch in a transaction",
    ),
]


@pytest.mark.parametrize("act", WRITES)
def test_a_write_with_a_version_is_refused_after_a_rival(hospital, overtaken, act):
    known = hospital.create(patient())

    def rival():
        hospital.put(f"/Patient/{known['id']}", known | {"gender": "female"})

    ctx = overtaken(rival)
    assert refused(lambda: act(ctx, known, FIRST)) == 412
    assert hospital.get(f"/Patient/{known['id']}").get_json()["gender"] == "female"


def test_a_write_on_condition_that_there_is_none_is_refused_after_a_rival(
    hospital, overtaken, value
):
    ctx = overtaken(lambda: hospital.put(f"/Patient/{value}", patient(id=value)))
    body = patient(id=value, active=True)
    assert refused(lambda: update(ctx, "Patient", value, body, condition=NONE)) == 412
    assert "active" not in hospital.get(f"/Patient/{value}").get_json()


def test_an_undelete_updates_what_a_rival_brought_back(hospital, overtaken):
    known = hospital.create(patient())
    hospital.delete(f"/Patient/{known['id']}")
    ctx = overtaken(lambda: hospital.put(f"/Patient/{known['id']}", known))
    result = update(ctx, "Patient", known["id"], known)
    assert result.status == 200
    assert result.stored is not None
    assert result.stored.version == 4


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_transaction_finds_what_a_rival_created_under_its_condition(
    hospital, overtaken, value, method
):
    condition = f"identifier={value}"

    def rival():
        hospital.post("/Patient", named(value), If_None_Exist=condition)

    request = (
        entry("POST", "Patient", named(value), ifNoneExist=condition)
        if method == "POST"
        else entry("PUT", f"Patient?{condition}", named(value))
    )
    others = [entry("POST", "Patient", patient())]
    result = transaction(overtaken(rival), bundle("transaction", request, *others))
    assert result.resource is not None
    told = [each["response"]["status"] for each in result.resource["entry"]]
    assert told == ["200 OK", "201 Created"]
    assert total(hospital, value) == 1


def test_a_transaction_deletes_by_criteria_what_they_match_at_the_moment_of_writing(
    hospital, overtaken, value
):
    known = hospital.create(named(value))
    ctx = overtaken(lambda: hospital.put(f"/Patient/{known['id']}", patient(id=known["id"])))
    transaction(ctx, bundle("transaction", entry("DELETE", f"Patient?identifier={value}")))
    assert hospital.get(f"/Patient/{known['id']}").status_code == 200


def test_a_conditional_reference_leads_to_what_a_rival_put_in_place_of_its_target(
    hospital, overtaken, value
):
    """The rival overtakes a write of the same transaction, so that all of it is decided anew."""
    target, other = hospital.create(named(value)), hospital.create(patient())

    def rival():
        hospital.delete(f"/Patient/{target['id']}")
        hospital.put(f"/Patient/{other['id']}", named(value, id=other["id"]))
        hospital.put(f"/Patient/{third['id']}", third)

    third = hospital.create(patient())
    event = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": f"Patient?identifier={value}"},
    }
    result = transaction(
        overtaken(rival),
        bundle(
            "transaction",
            entry("POST", "Observation", event),
            entry("PUT", f"Patient/{third['id']}", third),
        ),
    )
    assert result.resource is not None
    location = result.resource["entry"][0]["response"]["location"]
    path = "/" + location.partition("/fhir/")[2].removesuffix("/_history/1")
    stored = hospital.get(path).get_json()
    assert stored["subject"]["reference"] == f"Patient/{other['id']}"


def test_a_history_tells_a_version_once_that_a_rival_supersedes_while_it_is_read(
    hospital, app, settings, mongodb
):
    """The rival writes between the read of the current and that of the superseded versions."""

    known = hospital.create(patient())
    database = mongodb.get_database(settings.database, codec_options=CODEC)

    class HistoryWithRival:
        def find(self, *args, **kwargs):
            hospital.put(f"/Patient/{known['id']}", known)
            return database["history"].find(*args, **kwargs)

    query = {"id": known["id"], "type": "Patient"}
    found = changes(
        database["resources"],
        HistoryWithRival(),  # type: ignore[arg-type] # all of a collection that is used
        query,
        Span(),
        None,
        limit=5,
        milliseconds=1000,
        whole=lambda documents: [stored(each) for each in documents],
    )
    assert [each.version for each in found] == [1]
