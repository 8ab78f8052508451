"""https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has"""

import pytest
from tests.unit.search.conftest import Documents

from psolink.errors import InvalidRequest, TooCostly
from psolink.search.lookup import MAX_FOUND

HOSPITAL = {"resourceType": "Organization", "id": "h", "name": "Mercy"}
CLINIC = {"resourceType": "Organization", "id": "k", "name": "Grace"}
ANN = {
    "resourceType": "Patient",
    "id": "ann",
    "name": [{"family": "Bell"}],
    "managingOrganization": {"reference": "Organization/h"},
    "generalPractitioner": [{"reference": "Organization/k"}, {"reference": "Practitioner/p"}],
}
BOB = {
    "resourceType": "Patient",
    "id": "bob",
    "name": [{"family": "Cole"}],
    "managingOrganization": {"reference": "Organization/k"},
}
DOCTOR = {"resourceType": "Practitioner", "id": "p", "name": [{"family": "Dent"}]}
FALL = {
    "resourceType": "AdverseEvent",
    "id": "fall",
    "actuality": "actual",
    "subject": {"reference": "Patient/ann"},
}
PULSE = {
    "resourceType": "Observation",
    "id": "pulse",
    "status": "final",
    "code": {"coding": [{"system": "urn:x", "code": "pulse"}]},
    "subject": {"reference": "Patient/ann"},
    "encounter": {"reference": "Encounter/e"},
}
VISIT = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "finished",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/ann"},
}
ALL = (HOSPITAL, CLINIC, ANN, BOB, DOCTOR, FALL, PULSE, VISIT)


@pytest.fixture(scope="module")
def held(document):
    return [document(each) | {"resource": each} for each in ALL]


@pytest.fixture
def found(parse, held, matcher):
    def ids(resource_type, name, value, **options):
        criteria = parse(resource_type, (name, value), lookup=Documents(*held), **options)
        return [each["id"] for each in held if matcher(criteria.filter, each)]

    return ids


@pytest.mark.parametrize(
    ("resource_type", "name", "value"),
    [
        pytest.param("AdverseEvent", "subject:Patient.family", "Bell", id="one link"),
        pytest.param("AdverseEvent", "subject.family", "Bell", id="a link without a type"),
        pytest.param("AdverseEvent", "subject.organization.name", "mercy", id="two links"),
        pytest.param(
            "AdverseEvent", "subject:Patient.organization:Organization.name", "m", id="both typed"
        ),
        pytest.param("AdverseEvent", "subject.family", "Zz,Bell", id="one of two values"),
        pytest.param("AdverseEvent", "subject.family:missing", "false", id="a modifier at the end"),
        pytest.param("AdverseEvent", "subject._id", "ann", id="a logical id at the end"),
        pytest.param(
            "AdverseEvent", "subject.general-practitioner.name", "grace", id="two targets"
        ),
        pytest.param(
            "AdverseEvent", "subject._has:Observation:patient:code", "pulse", id="a reverse"
        ),
        pytest.param("Patient", "_has:Observation:patient:code", "pulse", id="reverse"),
        pytest.param("Patient", "_has:Observation:subject:code", "urn:x|pulse", id="a system"),
        pytest.param(
            "Patient", "_has:Observation:subject:encounter.class", "IMP", id="with a chain"
        ),
        pytest.param(
            "Organization",
            "_has:Patient:organization:_has:Observation:patient:code",
            "pulse",
            id="a reverse in a reverse",
        ),
        pytest.param("Encounter", "_has:Observation:encounter:_id", "pulse", id="by an id"),
    ],
)
def test_a_chain_finds(found, resource_type, name, value):
    [only] = found(resource_type, name, value)
    expected = {"AdverseEvent": "fall", "Patient": "ann", "Organization": "h", "Encounter": "e"}
    assert only == expected[resource_type]


@pytest.mark.parametrize(
    ("resource_type", "name", "value"),
    [
        pytest.param("AdverseEvent", "subject:Patient.family", "Cole", id="another patient"),
        pytest.param("AdverseEvent", "subject:Group.identifier", "Bell", id="another type"),
        pytest.param(
            "AdverseEvent", "subject.organization.name", "grace", id="another organization"
        ),
        pytest.param("Patient", "_has:Observation:patient:code", "weight", id="another code"),
        pytest.param("Patient", "_has:Observation:performer:code", "pulse", id="another role"),
        pytest.param("Patient", "_has:Observation:patient:encounter.class", "AMB", id="inside"),
    ],
)
def test_a_chain_does_not_find(found, resource_type, name, value):
    assert found(resource_type, name, value) == []


@pytest.mark.parametrize(
    ("resource_type", "name", "hint"),
    [
        ("Patient", "gender.name", "no reference"),
        (
            "Patient",
            "organization:Patient.name",
            "does not refer to 'Patient', but to Organization",
        ),
        ("Patient", "organization.nmae", "Did you mean name?"),
        ("Patient", "unheard.name", "no search parameter 'unheard'"),
        ("Patient", "organization.", "no search parameter ''"),
        ("Patient", ".name", "no search parameter ''"),
        ("Patient", "organization..name", "no search parameter ''"),
        ("Patient", "organization" + ".partof" * 20 + ".name", "At most 10 references"),
        ("Patient", "_has:Observation", "_has:Type:reference:parameter"),
        ("Patient", "_has:Observation:patient", "_has:Type:reference:parameter"),
        ("Patient", "_has:Nothing:patient:code", "no resource type"),
        ("Patient", "_has:Observation:code:code", "no reference"),
        ("Patient", "_has:Observation:unheard:code", "no search parameter 'unheard'"),
        ("Patient", "_has:Observation:patient:unheard", "no search parameter 'unheard'"),
        ("Flag", "_has:Observation:encounter:code", "does not refer to Flag, but to Encounter"),
        ("Patient", "_has", "no search parameter '_has'"),
    ],
)
def test_a_chain_that_leads_nowhere_is_refused_with_the_reason(parse, resource_type, name, hint):
    with pytest.raises(InvalidRequest) as failure:
        parse(resource_type, (name, "x"))
    assert hint in failure.value.issues[0].diagnostics


def test_a_chain_through_too_many_resources_is_refused_and_not_cut(parse):
    held = {"type": "Patient", "holders": ["hospital"]}
    many = Documents(*(held | {"id": str(number)} for number in range(MAX_FOUND + 1)))
    with pytest.raises(TooCostly, match="narrower"):
        parse("AdverseEvent", ("subject:Patient.active:missing", "true"), lookup=many)


def test_targets_with_the_same_condition_are_asked_in_one_query(parse):
    lookup = Documents()
    parse("Provenance", ("target.identifier", "x"), lookup=lookup)
    [query] = [each for each in lookup.asked if "Patient" in str(each["type"])]
    assert len(query["type"]["$in"]) > 80


def test_types_that_the_client_may_not_search_are_left_out_of_a_chain_over_all(parse):
    lookup = Documents(searchable=lambda name: name == "Patient")
    parse("AdverseEvent", ("subject._id", "x"), lookup=lookup)
    assert [each["type"] for each in lookup.asked] == ["Patient"]


def test_the_canonical_form_of_a_chain_can_be_asked_again(parse):
    pairs = (("_has:Observation:patient:code", "b,a"), ("organization:Organization.name", "b,a"))
    used = parse("Patient", *pairs).used
    assert used == tuple((name, "a,b") for name, _ in pairs)
    assert parse("Patient", *used).key == parse("Patient", *pairs).key


def test_a_chain_knows_what_it_may_miss_on_the_way(parse, matcher):
    criteria = parse("AdverseEvent", ("subject:Patient.organization.name", "x"))
    for resource_type, code in (
        ("AdverseEvent", "subject"),
        ("Patient", "organization"),
        ("Organization", "name"),
    ):
        missed = {"p": "_unindexed", "s": "", "c": code}
        assert matcher(criteria.unindexed, {"type": resource_type, "token": [missed]})
    assert criteria.looked_into == ("AdverseEvent", "Organization", "Patient")


@pytest.fixture
def leads(parse, document, matcher):
    """Tell whether a criterion leads from one resource to another, with more in each document."""

    def leads(asked, inner, outer):
        criteria = parse(*asked, lookup=Documents(document(inner[0]) | inner[1]))
        return matcher(criteria.filter, document(outer[0]) | outer[1])

    return leads


OURS, THEIRS = {"tenant": "hospital"}, {"tenant": "pso", "holders": ["pso"]}
FORWARD = ("AdverseEvent", ("subject:Patient.family", "bell"))
REVERSE = ("Patient", ("_has:AdverseEvent:subject:_id", "fall"))


def test_a_reference_means_what_the_organization_holds_that_wrote_it(leads):
    assert leads(FORWARD, (ANN, OURS), (FALL, OURS))
    assert leads(REVERSE, (FALL, OURS), (ANN, OURS))
    assert not leads(FORWARD, (ANN, THEIRS), (FALL, OURS))
    assert not leads(FORWARD, (ANN, OURS), (FALL, THEIRS))
    assert not leads(REVERSE, (FALL, THEIRS), (ANN, OURS))
    assert not leads(REVERSE, (FALL, OURS), (ANN, THEIRS))


def test_a_reference_may_mean_what_is_held_together_or_is_for_everyone(leads):
    shared = THEIRS | {"holders": ["pso", "hospital"]}
    public = {"tenant": "*", "holders": ["*"]}
    for held in (shared, public):
        assert leads(FORWARD, (ANN, held), (FALL, OURS))
        assert leads(REVERSE, (FALL, OURS), (ANN, held))
