"""Comparisons with a text are shortened, and give what the long way gives."""

import pytest

from psolink.definitions import load_definitions
from psolink.fhirpath import Compiler, FhirPathError, resource_node

COMPILER = Compiler(load_definitions())
PATIENT = {
    "resourceType": "Patient",
    "gender": "female",
    "_birthDate": {"extension": [{"url": "http://a.org", "valueCode": "x"}]},
    "active": True,
    "identifier": [
        {"system": "http://a.org", "value": "1"},
        {"_system": {"id": "a"}, "value": "2"},
        {"value": "3"},
    ],
    "name": [{"given": ["Ann", "Bea"]}, {"given": ["Ann"]}],
    "extension": [
        {"url": "http://a.org", "valueString": "x"},
        {"url": "http://b.org", "valueBoolean": True},
    ],
    "contained": [{"resourceType": "Basic", "id": "a", "code": {"text": "x"}}],
}


def values(expression: str):
    found = COMPILER.compile(expression)(resource_node(PATIENT))
    return [each.value for each in found]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("identifier.where(system = 'http://a.org').value", "identifier.where('http://a.org' = system).value"),
        ("identifier.where(system = 'none')", "identifier.where('none' = system)"),
        ("Patient.identifier.where(value = '3').value", "identifier.where('3' = value).value"),
        ("extension.where(url = 'http://b.org').value", "extension.where('http://b.org' = url).value"),
        ("name.where(text = 'x')", "name.where('x' = text)"),
        ("contained.where(id = 'a').code.text", "contained.where('a' = id).code.text"),
        ("gender = 'female'", "'female' = gender"),
        ("gender = 'male'", "'male' = gender"),
        ("birthDate = '2026'", "'2026' = birthDate"),
        ("active = 'true'", "'true' = active"),
        ("extension.value = 'x'", "'x' = extension.value"),
        ("identifier.where(system = 'http://a.org')[0].value", "identifier.where('http://a.org' = system)[0].value"),
    ],
)  # fmt: skip
def test_it_gives_what_the_long_way_gives(short: str, long: str):
    assert values(short) == values(long)


def test_the_items_know_where_they_were_found():
    (found,) = COMPILER.compile("Patient.identifier.where(value = '2')")(resource_node(PATIENT))
    assert found.path == "Patient.identifier[1]"


def test_several_values_are_no_condition_either_way():
    for expression in ("name.where(given = 'Ann').given", "name.where('Ann' = given).given"):
        assert values(expression) == ["Ann"]


def test_the_short_way_spends_steps_too():
    expression = COMPILER.compile("identifier.where(system = 'http://a.org')")
    with pytest.raises(FhirPathError, match="too many steps"):
        expression(resource_node(PATIENT), max_steps=2)
