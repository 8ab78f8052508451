"""https://hl7.org/fhir/R4/search_filter.html"""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.search.conftest import NOW, Documents

from psolink.errors import InvalidRequest
from psolink.search.filter_syntax import MAX_COMPARISONS, MAX_LENGTH, Comparison, parse_filter
from psolink.search.search_type import MalformedValue

PATIENT = {
    "resourceType": "Patient",
    "id": "ann",
    "identifier": [{"system": "urn:x", "value": "7"}],
    "name": [{"given": ["Ann"], "family": "O'Bell, Junior"}],
    "meta": {"profile": ["http://example.org/profile"]},
    "gender": "female",
    "birthDate": "1980-02-29",
    "managingOrganization": {"reference": "Organization/h"},
}
HOSPITAL = {"resourceType": "Organization", "id": "h", "name": "Mercy"}
RISK = {
    "resourceType": "RiskAssessment",
    "id": "r",
    "status": "final",
    "subject": {"reference": "Patient/ann"},
    "prediction": [{"probabilityDecimal": 0.5}],
}
VISIT = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "finished",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/ann"},
    "period": {"start": "2024-01-01", "end": "2024-03-01"},
}

FOUND = [
    'name eq "Ann"',
    "name eq Ann",
    'given eq "Ann"',
    'name co "ell, jun"',
    "name sw an",
    "name ew ior",
    'name ew "l, junior"',
    "_profile sw http://example.org/pro",
    "_profile co .org/pr",
    "_profile ew file",
    "_profile sb http://example.org",
    "_profile ss http://example.org/profile/2",
    "_lastUpdated po 2024",
    "gender eq female",
    "gender eq http://hl7.org/fhir/administrative-gender|female",
    "gender ne male",
    "not (gender eq male)",
    "birthdate eq 1980-02-29",
    "birthdate ge 1980-02-29",
    "birthdate lt 1980-03",
    "birthdate ne 1981",
    "birthdate pr true",
    "death-date pr false",
    "identifier eq urn:x|7",
    "_id eq ann",
    "organization eq Organization/h",
    "organization re Organization/h",
    "organization.name eq Mercy",
    "organization:Organization.name co erc",
    "gender eq male or given eq Ann",
    "gender eq male and given eq Zoe or given eq Ann",
    "given eq Ann or given eq Zoe and gender eq male",
    "(gender eq male or gender eq female) and given eq Ann",
    "not (gender eq male and given eq Ann)",
    "  gender   eq female  ",
]
NOT_FOUND = [
    'name eq "ann"',
    'name co "xyz"',
    "name sw nn",
    "name ew juni",
    "name ew jun.or",
    "_profile sw http://example.com",
    "_profile co exampleXorg",
    "_profile ew profil",
    "_lastUpdated po 2023",
    "gender eq male",
    "gender ne female",
    "not (gender eq female)",
    "birthdate gt 1980-02-29",
    "birthdate ne 1980-02-29",
    "birthdate pr false",
    "identifier eq urn:y|7",
    "organization re Organization/k",
    "organization.name eq Grace",
    "given eq Ann and gender eq male",
    "(given eq Ann or given eq Zoe) and gender eq male",
    "not (gender eq male or given eq Ann)",
]


@pytest.fixture(scope="module")
def finds(parse, document, matcher):
    held = [document(each) for each in (PATIENT, HOSPITAL, RISK)]

    def found(resource, text):
        lookup = Documents(*held)
        criteria = parse(resource["resourceType"], ("_filter", text), lookup=lookup)
        return matcher(criteria.filter, document(resource, updated=NOW))

    return found


@pytest.mark.parametrize("text", FOUND)
def test_a_filter_finds(finds, text):
    assert finds(PATIENT, text)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_a_filter_does_not_find(finds, text):
    assert not finds(PATIENT, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("probability gt 0.4", True),
        ("probability lt 0.4", False),
        ("subject:Patient.name eq Ann", True),
        ("patient.organization.name eq Grace", False),
    ],
)
def test_a_filter_compares_numbers_and_follows_chains(finds, text, expected):
    assert finds(RISK, text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date po 2024-02", True),
        ("date po 2024-04", False),
        ("subject:Patient.birthdate po 1980", True),
        ("subject:Patient.birthdate po 1981", False),
        ("subject:Patient.name ew nior", True),
        ("subject:Patient.name ew njor", False),
    ],
)
def test_a_filter_finds_what_overlaps_and_what_ends_so(finds, text, expected):
    assert finds(VISIT, text) is expected


def test_a_quoted_value_may_hold_anything():
    text = r'name eq "a \"b\" ) or, \\"'
    assert parse_filter(text) == Comparison("name", "eq", 'a "b" ) or, \\')


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "a search parameter is expected at character 1"),
        ("name", "an operator such as eq is expected at character 5"),
        ("name eq", "a value is expected at character 8"),
        ("name eq x y", "and, or, or the end is expected at character 11"),
        ("name eq x and", "a search parameter is expected at character 14"),
        ("(name eq x", "a closing parenthesis is expected at character 11"),
        ("name eq x)", "and, or, or the end is expected at character 10"),
        ('name eq "x', "a closing quotation mark is expected"),
        ('name[given eq "x"].family eq y', "brackets"),
        ("not name eq x", "and, or, or the end"),
        ("(" * 30 + "name eq x" + ")" * 30, "nested at most 20"),
        (" or ".join(["name eq x"] * (MAX_COMPARISONS + 1)), "at most 50 comparisons"),
        ("x" * (MAX_LENGTH + 1), "at most 4000 characters"),
        ("birthdate eq yesterday", "a date such as"),
        ("birthdate pr maybe", "true or false"),
    ],
)
def test_a_filter_that_is_malformed_is_refused_with_the_place(parse, text, hint):
    with pytest.raises(InvalidRequest) as failure:
        parse("Patient", ("_filter", text))
    assert hint in failure.value.issues[0].diagnostics


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("unheard eq x", "no search parameter 'unheard'"),
        ("name xx x", "there is no such operator; it takes co, eq, ew, ne, pr, sw"),
        ("name gt x", "no order"),
        ("name ap x", "only dates, numbers and quantities"),
        ("name re Patient/1", "only references"),
        ("gender gt x", "of type token"),
        ("gender ew x", "compared as a whole; it takes eq, in, ne, ni, pr, sb, ss"),
        ("gender po 2024", "only dates"),
        ("organization in x", "value sets hold codes"),
        ("birthdate co x", "it takes ap, eb, eq, ge, gt, le, lt, ne, po, pr, sa"),
        ("name:ew eq x", "no modifier"),
        ("organization.unheard eq x", "no search parameter 'unheard'"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_can(parse, text, hint):
    with pytest.raises(InvalidRequest) as failure:
        parse("Patient", ("_filter", text))
    assert hint in failure.value.issues[0].diagnostics


def test_an_operator_of_filters_is_no_modifier(parse):
    with pytest.raises(InvalidRequest) as failure:
        parse("Patient", ("name:ew", "x"))
    assert "no modifier 'ew'" in failure.value.issues[0].diagnostics


@given(st.text(st.sampled_from('ab eqnotr()[]"\\ .:|,$'), max_size=60))
def test_no_text_breaks_the_parser(text):
    # Anything else that is raised would be a 500.
    with suppress(MalformedValue):
        assert parse_filter(text) is not None


def test_the_canonical_form_can_be_asked_again(parse):
    used = parse("Patient", ("_filter", ' gender eq "male" ')).used
    assert used == (("_filter", 'gender eq "male"'),)
    assert parse("Patient", *used).used == used


def test_a_filter_knows_what_it_may_miss(parse):
    criteria = parse("Patient", ("_filter", "gender eq male or organization.name eq x"))
    assert criteria.looked_into == ("Organization", "Patient")
