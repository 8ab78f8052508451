"""fhirpy over a socket: https://github.com/beda-software/fhir-py"""

import asyncio

import pytest
from fhirpy import AsyncFHIRClient, SyncFHIRClient
from fhirpy.base.exceptions import (
    AuthorizationError,
    MultipleResourcesFound,
    OperationOutcome,
    ResourceNotFound,
)
from tests.clients.conftest import SYSTEM

pytestmark = pytest.mark.http


@pytest.fixture
def connect(base, token):
    """Make a client that sends these headers with every request."""

    def connect(**headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return SyncFHIRClient(base, f"Bearer {token}", sent, {"timeout": 60})

    return connect


@pytest.fixture
def client(connect):
    return connect()


def named(client, value, **content):
    identifier = {"system": SYSTEM, "value": value}
    return client.resource("Patient", identifier=[identifier], **content)


def tagged(client, value, resource_type, **content):
    meta = {"tag": [{"system": SYSTEM, "code": value}]}
    resource = client.resource(resource_type, meta=meta, **content)
    resource.save()
    return resource


def observation(client, value, patient):
    code = {"text": "pulse"}
    subject = patient.to_reference()
    return tagged(client, value, "Observation", status="final", code=code, subject=subject)


def test_create_gives_the_resource_its_id_and_version(client):
    patient = client.resource("Patient", active=True)
    patient.save()
    assert patient.id
    assert patient.meta.versionId == "1"
    assert client.get("Patient", patient.id) == patient


def test_conditional_create_stores_once(client, value):
    matching = client.resources("Patient").search(identifier=f"{SYSTEM}|{value}")
    first, is_first_created = matching.get_or_create(named(client, value))
    second, is_second_created = matching.get_or_create(named(client, value))
    assert (is_first_created, is_second_created) == (True, False)
    assert second == first


def test_conditional_create_by_header_stores_once(connect, value):
    client = connect(If_None_Exist=f"identifier={SYSTEM}|{value}")
    first, second = (named(client, value).save() for _ in range(2))
    assert second.id == first.id


def test_conditional_update_creates_and_then_updates(client, value):
    matching = client.resources("Patient").search(identifier=f"{SYSTEM}|{value}")
    first, is_first_created = matching.update(named(client, value, active=True))
    second, is_second_created = matching.update(named(client, value, active=False))
    assert (is_first_created, is_second_created) == (True, False)
    assert (second.id, second.meta.versionId, second.active) == (first.id, "2", False)


def test_update_of_the_version_that_was_read_is_taken_and_a_stale_one_refused(client, connect):
    patient = client.resource("Patient", active=True)
    patient.save()
    careful = connect(If_Match=f'W/"{patient.meta.versionId}"')
    updated = careful.resource("Patient", id=patient.id, active=False).save()
    assert updated.meta.versionId == "2"
    # The name that fhirpy has for every 412.
    with pytest.raises(MultipleResourcesFound, match="OperationOutcome"):
        careful.resource("Patient", id=patient.id, active=True).save()
    assert client.get("Patient", patient.id)["active"] is False


def test_refresh_brings_what_another_client_wrote(client):
    patient = client.resource("Patient", active=True)
    patient.save()
    assert patient.refresh().meta.versionId == "1"
    client.resource("Patient", id=patient.id, active=False).save()
    assert patient.refresh().active is False


def test_search_walks_all_pages_in_order(client, value):
    births = ["1950-01-01", "1940-01-01", "1970-01-01", "1960-01-01", "1930-01-01"]
    for birth in births:
        tagged(client, value, "Patient", birthDate=birth)
    found = client.resources("Patient").search(_tag=value).sort("birthdate").limit(2).fetch_all()
    assert [each.birthDate for each in found] == sorted(births)


def test_search_by_criteria_of_several_types(client, value):
    old = tagged(client, value, "Patient", birthDate="1950-01-01", name=[{"family": "Älter"}])
    tagged(client, value, "Patient", birthDate="1990-01-01", name=[{"family": "Jung"}])
    patients = client.resources("Patient").search(_tag=value)
    assert patients.search(birthdate__lt="1960").get() == old
    assert patients.search(family__contains="lter").first() == old
    assert patients.search(birthdate__ge="2000").first() is None


def test_search_includes_what_is_referred_to_and_what_refers(client, value):
    patient = tagged(client, value, "Patient", active=True)
    seen = observation(client, value, patient)
    forward = client.resources("Observation").search(_tag=value).include("Observation", "subject")
    reverse = client.resources("Patient").search(_tag=value).revinclude("Observation", "subject")
    assert references(forward) == [(seen.reference, "match"), (patient.reference, "include")]
    assert references(reverse) == [(patient.reference, "match"), (seen.reference, "include")]
    assert forward.fetch() == [seen]


def references(searched):
    entries = searched.fetch_raw().entry
    return [(each.resource.reference, each.search.mode) for each in entries]


def test_search_by_what_refers_and_by_what_is_referred_to(client, value):
    patient = tagged(client, value, "Patient", name=[{"family": value}])
    tagged(client, value, "Patient")
    seen = observation(client, value, patient)
    having = (
        client.resources("Patient").search(_tag=value).has("Observation", "subject", _tag=value)
    )
    chained = client.resources("Observation").search(subject__Patient__family=value)
    assert having.get() == patient
    assert chained.get() == seen


def test_elements_are_a_part_of_the_resource(client, value):
    tagged(client, value, "Patient", active=True, birthDate="1950-01-01")
    part = client.resources("Patient").search(_tag=value).elements("birthDate").get()
    assert part.birthDate == "1950-01-01"
    assert part.get("active") is None


def test_count_needs_leniency_for_the_parameter_that_fhirpy_adds(client, connect, value):
    for _ in range(3):
        tagged(client, value, "Patient")
    lenient = connect(Prefer="handling=lenient")
    assert lenient.resources("Patient").search(_tag=value).count() == 3
    with pytest.raises(OperationOutcome, match="_totalMethod"):
        client.resources("Patient").search(_tag=value).count()


def test_a_transaction_stores_what_refers_to_each_other(connect, value):
    client = connect(Prefer="return=representation")
    full_url = f"urn:uuid:{value}"
    seen = {"resourceType": "Observation", "status": "final", "code": {"text": "pulse"}}
    bundle = client.resource(
        "Bundle",
        type="transaction",
        entry=[
            entry("POST", "Patient", {"resourceType": "Patient"}, fullUrl=full_url),
            entry("POST", "Observation", seen | {"subject": {"reference": full_url}}),
        ],
    )
    bundle.save()
    patient, stored = (each.resource for each in bundle.entry)
    assert [each.response.status[:3] for each in bundle.entry] == ["201", "201"]
    seen = client.reference("Observation", stored.id).to_resource()
    assert seen.subject.to_resource().id == patient.id


def test_a_transaction_with_a_fault_stores_nothing_and_says_where(client, value):
    entries = [named(client, value), named(client, value, gender="odd")]
    bundle = client.resource(
        "Bundle",
        type="transaction",
        entry=[entry("POST", "Patient", each.serialize()) for each in entries],
    )
    with pytest.raises(OperationOutcome) as refused:
        bundle.save()
    [issue] = refused.value.resource["issue"]
    assert issue["expression"] == ["Bundle.entry[1].resource.gender"]
    assert client.resources("Patient").search(identifier=value).fetch_all() == []


def entry(method, url, resource, **more):
    return {"resource": resource, "request": {"method": method, "url": url}} | more


def test_what_was_deleted_is_gone(client):
    patient = client.resource("Patient")
    patient.save()
    patient.delete()
    with pytest.raises(ResourceNotFound, match="deleted"):
        client.get("Patient", patient.id)


def test_an_error_carries_the_outcome_of_the_server(client):
    with pytest.raises(OperationOutcome) as refused:
        client.resource("Patient", gender="odd").save()
    [issue] = refused.value.resource["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "code-invalid")
    assert issue["expression"] == ["Patient.gender"]


def test_an_unknown_id_is_not_found(client):
    with pytest.raises(ResourceNotFound, match="OperationOutcome"):
        client.get("Patient", "unknown")


def test_a_token_that_is_none_is_an_authorization_error(base):
    with pytest.raises(AuthorizationError, match="OperationOutcome"):
        SyncFHIRClient(base, "Bearer nobody").get("Patient", "unknown")


def test_validation_tells_without_storing(client):
    assert client.resource("Patient", gender="male").is_valid()
    assert not client.resource("Patient", gender="odd").is_valid()
    with pytest.raises(OperationOutcome, match=r"Patient\.gender"):
        client.resource("Patient", gender="odd").is_valid(raise_exception=True)


def test_simultaneous_conditional_creates_of_the_asynchronous_client_store_once(base, token, value):
    async def create_at_once():
        client = AsyncFHIRClient(base, f"Bearer {token}")
        matching = client.resources("Patient").search(identifier=f"{SYSTEM}|{value}")
        creates = [matching.get_or_create(named(client, value)) for _ in range(8)]
        answers = await asyncio.gather(*creates)
        return answers, await matching.fetch_all()

    answers, stored = asyncio.run(create_at_once())
    assert sorted(is_created for _, is_created in answers) == [False] * 7 + [True]
    assert len(stored) == 1
