"""fhirclient, the client of the SMART team, over a socket: https://github.com/smart-on-fhir/client-py"""

import time
from uuid import uuid4

import pytest
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle, BundleEntry, BundleEntryRequest
from fhirclient.models.codeableconcept import CodeableConcept
from fhirclient.models.coding import Coding
from fhirclient.models.fhirdate import FHIRDate
from fhirclient.models.fhirreference import FHIRReference
from fhirclient.models.humanname import HumanName
from fhirclient.models.identifier import Identifier
from fhirclient.models.meta import Meta
from fhirclient.models.observation import Observation
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException, FHIRUnauthorizedException
from joserfc import jwt
from tests.clients.conftest import SYSTEM

from psolink.security.development import load_or_create_client_keys

pytestmark = pytest.mark.http


@pytest.fixture
def assertion(server):
    """What the seeded hospital proves itself with."""
    key = load_or_create_client_keys(server.data / "dev-client-keys.json")["hospital-a"]
    endpoint = f"{server.base}/oauth/token"
    claims = {"iss": "hospital-a", "sub": "hospital-a", "aud": endpoint, "jti": str(uuid4())}

    header = {"alg": "ES384", "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims | {"exp": int(time.time()) + 120}, key, algorithms=["ES384"])


@pytest.fixture
def authorized(base, assertion):
    """Authorized as a backend service, by what the CapabilityStatement says of the endpoint."""
    client = FHIRClient(
        {"app_id": "hospital-a", "api_base": base, "jwt_token": assertion},
    )
    client.scope = "system/*.cruds"
    client.wants_patient = False
    assert not client.prepare()
    client.authorize()
    return client


@pytest.fixture
def fhir(base, token):
    """The server as fhirclient sees it, with a token that was got elsewhere."""
    found = FHIRClient({"app_id": "hospital-a", "api_base": base}).server
    found.session.headers["Authorization"] = f"Bearer {token}"
    return found


def named(value, **content):
    patient = Patient()
    patient.identifier = [Identifier({"system": SYSTEM, "value": value})]
    return filled(patient, content)


def filled(resource, content):
    for name, each in content.items():
        setattr(resource, name, each)
    return resource


def stored(fhir, resource):
    created = type(resource)(resource.create(fhir))
    created.origin_server = fhir
    return created


def observation(patient):
    seen = Observation()
    seen.status, seen.code = "final", CodeableConcept({"text": "pulse"})
    seen.subject = FHIRReference({"reference": patient.relativePath()})
    return seen


def outcome(error):
    return OperationOutcome(error.value.response.json())


def test_the_capabilities_are_r4_in_its_models(fhir):
    statement = fhir.capabilityStatement
    assert statement.fhirVersion == "4.0.1"
    assert "Patient" in [each.type for each in statement.rest[0].resource]


def test_a_backend_service_is_authorized_by_its_key(authorized):
    created = Patient().create(authorized.server)
    assert Patient.read(created["id"], authorized.server).id == created["id"]


def test_create_gives_the_resource_its_id_and_version(fhir):
    created = stored(fhir, filled(Patient(), {"active": True}))
    assert created.meta.versionId == "1"
    assert Patient.read(created.id, fhir).as_json() == created.as_json()


def test_conditional_create_stores_once(fhir, value):
    fhir.session.headers["If-None-Exist"] = f"identifier={SYSTEM}|{value}"
    first, second = (stored(fhir, named(value)) for _ in range(2))
    assert second.id == first.id


def test_update_of_the_version_that_was_read_is_taken_and_a_stale_one_refused(fhir):
    patient = stored(fhir, filled(Patient(), {"active": True}))
    fhir.session.headers["If-Match"] = f'W/"{patient.meta.versionId}"'
    patient.active = False
    assert patient.update()["meta"]["versionId"] == "2"
    with pytest.raises(requests.HTTPError) as refused:
        patient.update()
    assert refused.value.response.status_code == 412
    assert outcome(refused).issue[0].code == "conflict"


def test_search_walks_all_pages_in_order(fhir, value):
    births = ["1950-01-01", "1940-01-01", "1970-01-01", "1960-01-01", "1930-01-01"]
    for birth in births:
        stored(fhir, named(value, birthDate=FHIRDate(birth)))
    search = Patient.where({"identifier": value, "_sort": "birthdate", "_count": "2"})
    pages = list(search.perform_iter(fhir))
    assert [len(page.entry) for page in pages] == [2, 2, 1]
    found = [each.resource.birthDate.isostring for page in pages for each in page.entry]
    assert found == sorted(births)


def test_search_constructs_become_criteria(fhir, value):
    known = stored(fhir, named(value, name=[HumanName({"family": "Älter"})]))
    searches = [
        {"identifier": value, "family": {"$exact": "Älter"}},
        {"identifier": value, "family": {"$or": ["Jung", "Alter"]}},
        {"identifier": value, "birthdate": {"$missing": "true"}},
    ]
    for search in searches:
        assert [each.id for each in Patient.where(search).perform_resources_iter(fhir)] == [
            known.id
        ]


def test_search_includes_what_is_referred_to_and_what_refers(fhir, value):
    patient = stored(fhir, named(value))
    seen = stored(fhir, observation(patient))
    forward = Observation.where({"_id": seen.id}).include("subject")
    reverse = Patient.where({"_id": patient.id}).include("subject", Observation, reverse=True)
    expected = {patient.relativePath(), seen.relativePath()}
    for search in (forward, reverse):
        assert {each.relativePath() for each in search.perform_resources_iter(fhir)} == expected


def test_a_tag_is_found(fhir, value):
    meta = Meta()
    meta.tag = [Coding({"system": SYSTEM, "code": value})]
    tagged = stored(fhir, filled(Patient(), {"meta": meta}))
    search = Patient.where({"_tag": f"{SYSTEM}|{value}"})
    assert [each.id for each in search.perform_resources_iter(fhir)] == [tagged.id]


def transaction(*resources):
    bundle = Bundle()
    bundle.type = "transaction"
    bundle.entry = [entry(*each) for each in resources]
    return bundle


def entry(resource, full_url):
    made = BundleEntry()
    made.resource, made.fullUrl, made.request = resource, full_url, BundleEntryRequest()
    made.request.method, made.request.url = "POST", resource.resource_type
    return made


def test_a_transaction_stores_what_refers_to_each_other(fhir, value):
    full_url, other = f"urn:uuid:{value}", f"urn:uuid:{uuid4()}"
    seen = observation(Patient())
    seen.subject = FHIRReference({"reference": full_url})
    answer = Bundle(transaction((named(value), full_url), (seen, other)).create(fhir))
    assert [each.response.status[:3] for each in answer.entry] == ["201", "201"]
    patient, stored_observation = (
        each.response.location.split("/_history")[0] for each in answer.entry
    )
    assert Observation.read_from(stored_observation, fhir).subject.reference in patient


def test_a_transaction_with_a_fault_stores_nothing_and_says_where(fhir, value):
    entries = [named(value), named(value, gender="odd")]
    bundle = transaction(*((each, f"urn:uuid:{uuid4()}") for each in entries))
    with pytest.raises(requests.HTTPError) as refused:
        bundle.create(fhir)
    assert outcome(refused).issue[0].expression == ["Bundle.entry[1].resource.gender"]
    assert list(Patient.where({"identifier": value}).perform_resources_iter(fhir)) == []


def test_what_was_deleted_is_gone(fhir):
    patient = stored(fhir, Patient())
    patient.delete()
    with pytest.raises(requests.HTTPError) as refused:
        Patient.read(patient.id, fhir)
    assert refused.value.response.status_code == 410
    assert outcome(refused).issue[0].code == "deleted"


def test_an_error_carries_the_outcome_of_the_server(fhir):
    with pytest.raises(requests.HTTPError) as refused:
        filled(Patient(), {"gender": "odd"}).create(fhir)
    [issue] = outcome(refused).issue
    assert (issue.code, issue.expression) == ("code-invalid", ["Patient.gender"])


def test_an_unknown_id_is_not_found(fhir):
    with pytest.raises(FHIRNotFoundException) as refused:
        Patient.read("unknown", fhir)
    assert outcome(refused).issue[0].code == "not-found"


def test_a_token_that_is_none_is_unauthorized(fhir):
    fhir.session.headers["Authorization"] = "Bearer nobody"
    with pytest.raises(FHIRUnauthorizedException) as refused:
        Patient.read("unknown", fhir)
    assert outcome(refused).issue[0].code == "login"
