"""The same resource as JSON and as XML, read and written both ways.

https://hl7.org/fhir/R4/xml.html
"""

import pytest

from psolink.fhir_json import JsonObject
from psolink.formats import json_codec
from psolink.formats.json_codec import JsonLimits

LIMITS = JsonLimits()
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


def patient(json: str, xml: str, sentence: str):
    return pytest.param(
        f'{{"resourceType":"Patient",{json}}}',
        f'<Patient xmlns="http://hl7.org/fhir">{xml}</Patient>',
        id=sentence,
    )


def observation(json: str, xml: str, sentence: str):
    return pytest.param(
        f'{{"resourceType":"Observation",{json}}}',
        f'<Observation xmlns="http://hl7.org/fhir">{xml}</Observation>',
        id=sentence,
    )


def decimal(digits: str):
    return observation(
        f'"valueQuantity":{{"value":{digits}}}',
        f'<valueQuantity><value value="{digits}"/></valueQuantity>',
        f"the decimal {digits}",
    )


def narrative(json: str, xml: str, sentence: str):
    return patient(
        f'"text":{{"status":"generated","div":"{json}"}}',
        f'<text><status value="generated"/>{xml}</text>',
        sentence,
    )


PRIMITIVES = [
    patient('"id":"a","active":true', '<id value="a"/><active value="true"/>', "id and boolean"),
    patient('"active":false', '<active value="false"/>', "the boolean false"),
    patient(
        '"multipleBirthInteger":-2147483648',
        '<multipleBirthInteger value="-2147483648"/>',
        "the least integer",
    ),
    patient('"gender":"male"', '<gender value="male"/>', "a code"),
    *map(decimal, ("107.50", "1.00", "-0.0", "1.2345678901234567890", "1E+2", "1.0E-7", "107")),
    decimal("9223372036854775808"),
    decimal("0E-10"),
    patient(
        r'"name":[{"text":" a\t\"b\"\r\n<c> & \u0085\u2028 "}]',
        '<name><text value=" a&#9;&quot;b&quot;&#13;&#10;&lt;c&gt; &amp; \u0085\u2028 "/></name>',
        "white space and marks in a string",
    ),
    patient('"name":[{"text":"é漢𝄞"}]', '<name><text value="é漢𝄞"/></name>', "text beyond ASCII"),
    patient('"name":[{"text":""}]', '<name><text value=""/></name>', "an empty string"),
]

COMPANIONS = [
    patient(
        '"birthDate":"1970-03-30","_birthDate":{"id":"b"}',
        '<birthDate id="b" value="1970-03-30"/>',
        "a primitive with value and id",
    ),
    patient('"_birthDate":{"id":"b"}', '<birthDate id="b"/>', "a primitive with only an id"),
    patient(
        '"_gender":{"id":"g","extension":[{"id":"e","url":"u:x","valueCode":"a"}]}',
        '<gender id="g"><extension id="e" url="u:x"><valueCode value="a"/></extension></gender>',
        "a primitive with only id and extension",
    ),
    patient(
        '"name":[{"given":[null,"B"],"_given":[{"extension":[{"url":"u:x"}]},null]}]',
        '<name><given><extension url="u:x"/></given><given value="B"/></name>',
        "an extension without value before a value without extension",
    ),
    patient(
        '"name":[{"given":["A","B",null,"D"],"_given":[null,{"id":"b"},{"id":"c"},null]}]',
        '<name><given value="A"/><given id="b" value="B"/><given id="c"/><given value="D"/></name>',
        "values and ids that take turns",
    ),
    patient(
        '"name":[{"_given":[{"id":"a"},{"id":"b"}]}]',
        '<name><given id="a"/><given id="b"/></name>',
        "a list that has only ids",
    ),
    patient(
        '"extension":[{"url":"u:o","extension":[{"url":"i","valueDecimal":1.50}]}]',
        '<extension url="u:o"><extension url="i"><valueDecimal value="1.50"/></extension>'
        "</extension>",
        "an extension in an extension",
    ),
    patient(
        '"_deceasedBoolean":{"extension":[{"url":"u:x","valueString":"s"}]}',
        '<deceasedBoolean><extension url="u:x"><valueString value="s"/></extension>'
        "</deceasedBoolean>",
        "a choice without value",
    ),
    patient('"_birthDate":{}', "<birthDate/>", "an empty primitive, which validation refuses"),
]

COMPLEX = [
    patient(
        '"name":[{"id":"n","family":"F","given":["A","B"]},{"family":"G"}]',
        '<name id="n"><family value="F"/><given value="A"/><given value="B"/></name>'
        '<name><family value="G"/></name>',
        "a list of objects with lists of values",
    ),
    patient('"name":[{}]', "<name/>", "an empty object, which validation refuses"),
    patient(
        '"contained":[{"resourceType":"Organization","id":"o","name":"O"},'
        '{"resourceType":"Basic","id":"b"}],"managingOrganization":{"reference":"#o"}',
        '<contained><Organization><id value="o"/><name value="O"/></Organization></contained>'
        '<contained><Basic><id value="b"/></Basic></contained>'
        '<managingOrganization><reference value="#o"/></managingOrganization>',
        "contained resources",
    ),
    pytest.param(
        '{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:x:1","resource":'
        '{"resourceType":"Patient","active":true}},{"resource":{"resourceType":"Binary"}}]}',
        '<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry><fullUrl value="urn:x:1"/>'
        '<resource><Patient><active value="true"/></Patient></resource></entry>'
        "<entry><resource><Binary/></resource></entry></Bundle>",
        id="resources in a Bundle",
    ),
    pytest.param(
        '{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b","resource":'
        '{"resourceType":"Basic","id":"x"}}]},{"name":"c","valueInteger":3}]}',
        '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="a"/><part>'
        '<name value="b"/><resource><Basic><id value="x"/></Basic></resource></part></parameter>'
        '<parameter><name value="c"/><valueInteger value="3"/></parameter></Parameters>',
        id="a resource and a number in Parameters",
    ),
    pytest.param(
        '{"resourceType":"Questionnaire","item":[{"linkId":"1","item":[{"linkId":"1.1"}]}]}',
        '<Questionnaire xmlns="http://hl7.org/fhir"><item><linkId value="1"/><item>'
        '<linkId value="1.1"/></item></item></Questionnaire>',
        id="an element that holds its own kind",
    ),
    pytest.param(
        '{"resourceType":"Parameters"}', '<Parameters xmlns="http://hl7.org/fhir"/>', id="nothing"
    ),
]

NARRATIVES = [
    narrative(
        r"<div xmlns=\"http://www.w3.org/1999/xhtml\">\n <p>a  <b>b</b> <i>c</i></p>\t</div>",
        f"{DIV}\n <p>a  <b>b</b> <i>c</i></p>\t</div>",
        "white space between the elements of a narrative",
    ),
    narrative(
        r"<div xmlns=\"http://www.w3.org/1999/xhtml\" id=\"d\" class=\"a &lt;&quot;\">&amp;</div>",
        f'{DIV[:-1]} id="d" class="a &lt;&quot;">&amp;</div>',
        "attributes and marks of a narrative",
    ),
    narrative(
        r"<div xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"de\">\u00a0<br/><p></p></div>",
        f'{DIV[:-1]} xml:lang="de">\u00a0<br/><p></p></div>',
        "what has no content closes itself, what may have some does not",
    ),
]

PAIRS = [*PRIMITIVES, *COMPANIONS, *COMPLEX, *NARRATIVES]


@pytest.mark.parametrize(("json", "xml"), PAIRS)
def test_xml_reads_as_the_json_does(json: str, xml: str, codec, exact):
    from_xml = codec.parse(xml.encode(), limits=LIMITS)
    from_json = json_codec.parse(json.encode(), limits=LIMITS)
    assert from_xml == from_json
    assert exact(from_xml) == exact(from_json)
    assert next(iter(from_xml)) == "resourceType"


@pytest.mark.parametrize(("json", "xml"), PAIRS)
def test_json_is_written_as_the_xml(json: str, xml: str, codec):
    resource = json_codec.parse(json.encode(), limits=LIMITS)
    assert codec.render(resource).decode() == DECLARATION + xml


@pytest.mark.parametrize(("json", "xml"), PAIRS)
def test_pretty_xml_reads_the_same(json: str, xml: str, codec, exact):
    resource = json_codec.parse(json.encode(), limits=LIMITS)
    pretty = codec.render(resource, pretty=True)
    assert exact(codec.parse(pretty, limits=LIMITS)) == exact(resource)


def test_pretty_xml_has_a_line_for_each_element(codec):
    resource = {"resourceType": "Patient", "name": [{"given": ["A"]}], "active": True}
    assert codec.render(resource, pretty=True).decode().split("\n") == [
        DECLARATION,
        '<Patient xmlns="http://hl7.org/fhir">',
        '  <active value="true"/>',
        "  <name>",
        '    <given value="A"/>',
        "  </name>",
        "</Patient>",
    ]


def test_elements_are_written_in_the_order_of_the_definition(codec):
    resource: JsonObject = {
        "name": [],
        "_active": {"id": "a"},
        "id": "p",
        "resourceType": "Patient",
    }
    resource |= {"active": True, "meta": {"profile": ["u"], "versionId": "1"}}
    assert codec.render(resource).decode() == DECLARATION + (
        '<Patient xmlns="http://hl7.org/fhir"><id value="p"/><meta><versionId value="1"/>'
        '<profile value="u"/></meta><active id="a" value="true"/></Patient>'
    )
