import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.errors import InvalidRequest
from psolink.search.escapes import escape

GENDER = "http://hl7.org/fhir/administrative-gender"
PATIENT = {
    "resourceType": "Patient",
    "active": True,
    "gender": "male",
    "identifier": [{"system": "urn:a", "value": "1"}, {"value": "2"}, {"system": "urn:b"}],
    "telecom": [{"system": "email", "value": "a@example.org"}, {"system": "phone", "value": "555"}],
}
CONDITION = {
    "resourceType": "Condition",
    "code": {
        "coding": [
            {"system": "http://snomed.info/sct", "code": "386661006"},
            {"system": "http://loinc.org", "code": "45701-0"},
            {"code": "local"},
        ],
        "text": "Fever",
    },
}
FOUND = [
    (PATIENT, "gender", "male", True),
    (PATIENT, "gender", f"{GENDER}|male", True),
    (PATIENT, "gender", f"{GENDER}|", True),
    (PATIENT, "gender", "urn:other|male", False),
    (PATIENT, "gender", "Male", False),
    (PATIENT, "gender", "female,male", True),
    (PATIENT, "identifier", "1", True),
    (PATIENT, "identifier", "urn:a|1", True),
    (PATIENT, "identifier", "urn:a|2", False),
    (PATIENT, "identifier", "urn:b|1", False),
    (PATIENT, "identifier", "|2", True),
    (PATIENT, "identifier", "|1", False),
    (PATIENT, "identifier", "urn:a|", True),
    (PATIENT, "identifier", "urn:b|", True),
    (PATIENT, "identifier", "urn:c|", False),
    (PATIENT, "identifier", "urn:a|9,|2", True),
    (PATIENT, "identifier", "urn:a|2,urn:b|1", False),
    (PATIENT, "active", "true", True),
    (PATIENT, "active", "false", False),
    (PATIENT, "active", "http://hl7.org/fhir/special-values|true", True),
    (PATIENT, "email", "a@example.org", True),
    (PATIENT, "email", "555", False),
    (PATIENT, "phone", "555", True),
    (PATIENT, "telecom", "|555", True),
    (PATIENT, "deceased", "false", True),
    (PATIENT | {"deceasedDateTime": "2024"}, "deceased", "true", True),
    (PATIENT | {"deceasedBoolean": False}, "deceased", "true", False),
    (CONDITION, "code", "45701-0", True),
    (CONDITION, "code", "http://loinc.org|45701-0", True),
    (CONDITION, "code", "http://loinc.org|386661006", False),
    (CONDITION, "code", "|local", True),
    (CONDITION, "code", "Fever", False),
]


@pytest.mark.parametrize(("resource", "name", "value", "expected"), FOUND)
def test_a_token_finds_code_and_system_together(finds, resource, name, value, expected):
    assert finds(resource, name, value) is expected


@pytest.mark.parametrize(
    ("stored", "value"),
    [("a,b", r"a\,b"), ("a|b", r"a\|b"), ("a$b", r"a\$b"), ("a\\b", r"a\\b"), ("\\,", r"\\\,")],
)
def test_separators_inside_a_code_are_escaped(finds, stored, value):
    patient = {"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": stored}]}
    assert finds(patient, "identifier", value)
    assert finds(patient, "identifier", f"urn:a|{value}")
    assert finds(patient, "identifier", f"other,urn:a|{value}")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("|", id="a bar alone"),
        pytest.param("a|b|c", id="two bars"),
        pytest.param("a,", id="an empty alternative"),
        pytest.param("a\\b", id="a backslash that escapes nothing"),
        pytest.param("a\\", id="a backslash at the end"),
        pytest.param("a" * 1001, id="a code that is too long"),
        pytest.param("a" * 1001 + "|b", id="a system that is too long"),
    ],
)
def test_what_is_no_token_is_refused(parse, value):
    with pytest.raises(InvalidRequest):
        parse("Patient", ("identifier", value))


def test_the_longest_code_that_can_be_asked_for_is_found(finds):
    patient = {"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "x" * 1000}]}
    assert finds(patient, "identifier", "x" * 1000)
    assert not finds(patient, "identifier", "x" * 999)


def test_a_code_too_long_to_ask_for_is_still_found_by_its_system(finds):
    patient = {"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "x" * 5000}]}
    assert finds(patient, "identifier", "urn:a|")
    assert not finds(patient, "identifier", "x" * 1000)


TEXT = st.text(st.sampled_from("ab|,$\\ é"), min_size=1, max_size=5)
TOKEN = st.tuples(st.one_of(st.just(""), TEXT), TEXT)


@settings(deadline=None)
@given(stored=st.lists(TOKEN, max_size=3), asked=st.lists(TOKEN, min_size=1, max_size=3))
def test_pairs_are_found_exactly(finds, stored, asked):
    identifiers = [
        {"value": code} | ({"system": system} if system else {}) for system, code in stored
    ]
    patient = {"resourceType": "Patient", "identifier": identifiers}
    value = ",".join(f"{escape(system)}|{escape(code)}" for system, code in asked)
    assert finds(patient, "identifier", value) is bool(set(stored) & set(asked))
    codes = ",".join(escape(code) for _, code in asked)
    expected = {code for _, code in stored} & {code for _, code in asked}
    assert finds(patient, "identifier", codes) is bool(expected)


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        ("urn:a|1", {"s": "urn:a", "c": "1"}),
        ("1", {"c": "1"}),
        ("1,2", {"c": {"$in": ["1", "2"]}}),
        ("urn:a|1,urn:a|2", {"s": "urn:a", "c": {"$in": ["1", "2"]}}),
        (
            "urn:a|1,urn:b|2",
            {
                "s": {"$in": ["urn:a", "urn:b"]},
                "c": {"$in": ["1", "2"]},
                "$or": [{"s": "urn:a", "c": "1"}, {"s": "urn:b", "c": "2"}],
            },
        ),
    ],
)
def test_filters_give_an_index_the_parameter_and_the_codes(parse, value, condition):
    assert parse("Patient", ("identifier", value)).filter == {
        "type": "Patient",
        "token": {"$elemMatch": {"p": "identifier", **condition}},
    }


FEVER = {
    "resourceType": "Condition",
    "code": {
        "coding": [{"system": "urn:c", "code": "1", "display": "Fever of unknown origin"}],
        "text": "Very hot, 40 °C",
    },
}
BARE = {"resourceType": "Condition", "code": {"text": "Hot"}}
NUMBERED = {
    "resourceType": "Patient",
    "identifier": [
        {
            "system": "urn:a",
            "value": "12345",
            "type": {
                "coding": [{"system": "urn:types", "code": "MR"}, {"system": "urn:t", "code": "x"}],
                "text": "Medical record",
            },
        },
        {"value": "999", "type": {"coding": [{"system": "urn:types", "code": "SS"}]}},
        {"value": "1"},
    ],
}
MODIFIED = [
    (PATIENT, "gender:not", "female", True),
    (PATIENT, "gender:not", "male", False),
    (PATIENT, "gender:not", "female,male", False),
    (PATIENT, "gender:not", f"{GENDER}|female,unknown", True),
    ({"resourceType": "Patient"}, "gender:not", "male", True),
    (CONDITION, "code:not", "local", False),
    (CONDITION, "code:not", "http://loinc.org|386661006", True),
    (PATIENT, "gender:missing", "false", True),
    (PATIENT, "gender:missing", "true", False),
    (PATIENT, "language:missing", "true", True),
    (BARE, "code:missing", "false", True),
    (FEVER, "code:text", "fever", True),
    (FEVER, "code:text", "UNKNOWN ori", True),
    (FEVER, "code:text", "known", False),
    (FEVER, "code:text", "very", True),
    (FEVER, "code:text", "hot 40", True),
    (FEVER, "code:text", "cold,origin", True),
    (FEVER, "code:text", "cold", False),
    (FEVER, "code:text", "1", False),
    (BARE, "code:text", "hot", True),
    (BARE, "code", "Hot", False),
    (NUMBERED, "identifier:of-type", "urn:types|MR|12345", True),
    (NUMBERED, "identifier:of-type", "urn:t|x|12345", True),
    (NUMBERED, "identifier:of-type", "urn:types|SS|999", True),
    (NUMBERED, "identifier:of-type", "urn:types|SS|12345", False),
    (NUMBERED, "identifier:of-type", "urn:t|MR|12345", False),
    (NUMBERED, "identifier:of-type", "urn:types|MR|1", False),
    (NUMBERED, "identifier:text", "record", True),
    (NUMBERED, "identifier:text", "ecord", False),
    (NUMBERED, "identifier", "urn:a|12345", True),
]


@pytest.mark.parametrize(("resource", "name", "value", "expected"), MODIFIED)
def test_a_modifier_of_a_token_says_what_is_compared(finds, resource, name, value, expected):
    assert finds(resource, name, value) is expected


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("identifier:of-type", "MR|12345", "system|code|value"),
        ("identifier:of-type", "urn:types||12345", "nothing"),
        ("identifier:text", "...", "letters or digits"),
        ("identifier:text", "", "nothing"),
        ("identifier:not", "a|b|c", "system|code"),
        ("identifier:exact", "1", "has no modifier"),
        ("identifier:", "1", "has no modifier"),
    ],
)
def test_a_modified_token_that_does_not_fit_is_refused_with_advice(parse, name, value, advice):
    with pytest.raises(InvalidRequest) as failure:
        parse("Patient", (name, value))
    assert advice in failure.value.issues[0].diagnostics
