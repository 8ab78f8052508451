"""Where in a body the elements stand that issues speak of, in JSON and in XML."""

import pytest

from psolink.formats.json_places import json_places
from psolink.formats.places import steps_of
from psolink.formats.xml_places import xml_places
from psolink.outcome import Place

JSON = b"""{
  "resourceType": "Patient",
  "text": {"div": "<div>{[,:\\"}</div>"},
  "name": [
    {"given": ["J\xc3\xb6rg", "Q"]},
    {"family": "A", "extension": [{"url": "a", "valueCode": "x"}]}
  ],
  "_birthDate": {"id": "a"},
  "contained": [{"resourceType": "Basic", "code": {"text": "x"}}]
}"""
XML = b"""<?xml version="1.0"?>
<Patient xmlns="http://hl7.org/fhir">
  <text><div xmlns="http://www.w3.org/1999/xhtml"><p/></div></text>
  <contained>
    <Basic><code><text value="x"/></code></Basic>
  </contained>
  <name><given value="J"/><given value="Q"/></name>
  <name>
    <extension url="a"><valueCode value="x"/></extension><family value="A"/>
  </name>
  <birthDate id="a"/>
</Patient>"""
CASES = [
    pytest.param("Patient", (1, 1), (2, 1), id="the resource"),
    pytest.param("Patient.text.div", (3, 12), (3, 9), id="narrative"),
    pytest.param("Patient.name", (4, 3), (7, 3), id="a list"),
    pytest.param("Patient.name[0].given[1]", (5, 24), (7, 27), id="an item of a list in a list"),
    pytest.param("Patient.name[1].family", (6, 6), (9, 58), id="an element of the second item"),
    pytest.param("Patient.name[1].extension[0].value", (6, 48), (9, 24), id="a choice"),
    pytest.param("Patient.birthDate", (8, 3), (11, 3), id="an element with no value"),
    pytest.param("Patient.contained[0].code.text", (9, 52), (5, 18), id="in a contained resource"),
    pytest.param("Patient.name[1].period.start", (6, 5), (8, 3), id="what is not there"),
    pytest.param("Patient.name[5]", (4, 3), (7, 3), id="an item that is not there"),
]


@pytest.mark.parametrize(("expression", "in_json", "in_xml"), CASES)
def test_an_element_is_found(expression, in_json, in_xml):
    steps = steps_of(expression)
    assert json_places(JSON, [steps]) == {steps: Place(*in_json)}
    assert xml_places(XML, [steps]) == {steps: Place(*in_xml)}


def test_several_are_found_at_once():
    wanted = [steps_of(each.values[0]) for each in CASES]  # type: ignore[arg-type]
    assert len(json_places(JSON, wanted)) == len(xml_places(XML, wanted)) == len(CASES)
