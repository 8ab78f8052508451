from decimal import Decimal

import pytest

from psolink.errors import InvalidRequest

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


def coded(code: str) -> dict[str, object]:
    return {"coding": [{"system": LOINC, "code": code}]}


def measured(code: str, number: str) -> dict[str, object]:
    value = {"value": Decimal(number), "system": UCUM, "code": "mm[Hg]"}
    return {"code": coded(code), "valueQuantity": value}


PRESSURE = {
    "resourceType": "Observation",
    "code": coded("85354-9"),
    "component": [measured("8480-6", "150"), measured("8462-4", "90")],
}
GLUCOSE = {"resourceType": "Observation", **measured("2339-0", "95")}
CULTURE = {
    "resourceType": "Observation",
    "code": {"coding": [{"system": LOINC, "code": "600-7"}, {"code": "local"}]},
    "valueCodeableConcept": {"coding": [{"system": "urn:v", "code": "pos"}]},
}
NOTE = {"resourceType": "Observation", "code": coded("1"), "valueString": "Growth seen"}
BORN = {"resourceType": "Observation", "code": coded("2"), "valueDateTime": "2024-03-10"}
GROUP = {
    "resourceType": "Group",
    "characteristic": [
        {"code": coded("a"), "valueCodeableConcept": coded("x")},
        {"code": coded("b"), "valueBoolean": True},
    ],
}
SEQUENCE = {
    "resourceType": "MolecularSequence",
    "referenceSeq": {
        "chromosome": {"coding": [{"code": "1"}]},
        "referenceSeqId": {"coding": [{"code": "NC_1"}]},
        "windowStart": 10,
        "windowEnd": 20,
    },
    "variant": [{"start": 5, "end": 6}, {"start": 50, "end": 60}],
}
DOCUMENT = {
    "resourceType": "DocumentReference",
    "relatesTo": [
        {"code": "replaces", "target": {"reference": "DocumentReference/1"}},
        {"code": "signs", "target": {"reference": "DocumentReference/2"}},
    ],
}
FORM = {
    "resourceType": "Questionnaire",
    "useContext": [
        {
            "code": {"system": "urn:u", "code": "age"},
            "valueRange": {"low": {"value": 18, "system": UCUM, "code": "a"}},
        },
        {"code": {"system": "urn:u", "code": "focus"}, "valueCodeableConcept": coded("fall")},
    ],
}
FOUND = [
    (PRESSURE, "component-code-value-quantity", "8480-6$gt140", True),
    (PRESSURE, "component-code-value-quantity", "8462-4$gt140", False),
    (PRESSURE, "component-code-value-quantity", f"{LOINC}|8462-4$lt100|{UCUM}|mm[Hg]", True),
    (PRESSURE, "component-code-value-quantity", f"8480-6$20|{UCUM}|kPa", True),
    (PRESSURE, "component-code-value-quantity", "8462-4$gt140,8480-6$gt140", True),
    (PRESSURE, "combo-code-value-quantity", "8480-6$150", True),
    (PRESSURE, "combo-code-value-quantity", "85354-9$150", False),
    (PRESSURE, "code-value-quantity", "8480-6$150", False),
    (PRESSURE, "code-value-quantity:missing", "true", True),
    (PRESSURE, "component-code-value-quantity:missing", "false", True),
    (GLUCOSE, "code-value-quantity", "2339-0$95||mm[Hg]", True),
    (GLUCOSE, "code-value-quantity", "2339-0$95||mg", False),
    (GLUCOSE, "combo-code-value-quantity", "2339-0$95", True),
    (CULTURE, "code-value-concept", "600-7$pos", True),
    (CULTURE, "code-value-concept", "local$urn:v|pos", True),
    (CULTURE, "code-value-concept", f"{LOINC}|local$pos", False),
    (CULTURE, "code-value-concept", "600-7$neg", False),
    (CULTURE, "combo-code-value-concept", "600-7$pos", True),
    (NOTE, "code-value-string", "1$growth", True),
    (NOTE, "code-value-string", "2$growth", False),
    (BORN, "code-value-date", "2$2024", True),
    (BORN, "code-value-date", "2$gt2024-03-10", False),
    (GROUP, "characteristic-value", "a$x", True),
    (GROUP, "characteristic-value", "b$x", False),
    (GROUP, "characteristic-value", "b$true", True),
    (SEQUENCE, "chromosome-variant-coordinate", "1$gt4$lt7", True),
    (SEQUENCE, "chromosome-variant-coordinate", "1$50$60", True),
    (SEQUENCE, "chromosome-variant-coordinate", "1$gt40$lt7", False),
    (SEQUENCE, "chromosome-variant-coordinate", "2$gt4$lt7", False),
    (SEQUENCE, "chromosome-window-coordinate", "1$10$20", True),
    (SEQUENCE, "referenceseqid-variant-coordinate", "NC_1$5$6", True),
    (SEQUENCE, "referenceseqid-window-coordinate", "NC_1$10$21", False),
    (DOCUMENT, "relationship", "replaces$DocumentReference/1", True),
    (DOCUMENT, "relationship", "replaces$DocumentReference/2", False),
    (DOCUMENT, "relationship", "signs$2", True),
    (FORM, "context-type-quantity", f"urn:u|age$gt17|{UCUM}|a", True),
    (FORM, "context-type-quantity", f"focus$gt17|{UCUM}|a", False),
    (FORM, "context-type-value", "focus$fall", True),
    (FORM, "context-type-value", "age$fall", False),
]


@pytest.mark.parametrize(("resource", "name", "value", "expected"), FOUND)
def test_the_components_hold_for_the_same_tuple(finds, resource, name, value, expected):
    assert finds(resource, name, value) is expected


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("8480-6", "code$value-quantity"),
        ("8480-6$1$2", "code$value-quantity"),
        ("8480-6$", "nothing"),
        ("$5", "nothing"),
        ("8480-6$high", "a number"),
        ("", "code$value-quantity"),
    ],
)
def test_what_lacks_a_component_is_refused_with_what_is_expected(parse, value, advice):
    with pytest.raises(InvalidRequest) as failure:
        parse("Observation", ("code-value-quantity", value))
    assert advice in failure.value.issues[0].diagnostics


def test_a_dollar_inside_a_component_is_escaped(finds):
    note = NOTE | {"valueString": "a$b"}
    assert finds(note, "code-value-string", r"1$a\$b")
    assert not finds(note, "code-value-string", r"1$a\$c")
