"""XML that is no FHIR is refused with its place, and what XML cannot hold is not written."""

import time
from decimal import Decimal

import pytest

from psolink.errors import InvalidRequest, NotAcceptable
from psolink.formats.json_codec import JsonLimits
from psolink.formats.xml_codec import XmlCodec
from psolink.outcome import Issue

LIMITS = JsonLimits()
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


def refusal(codec: XmlCodec, body: str | bytes) -> Issue:
    with pytest.raises(InvalidRequest) as refused:
        codec.parse(body.encode() if isinstance(body, str) else body, limits=LIMITS)
    (issue,) = refused.value.issues
    return issue


def patient(content: str) -> str:
    return f'<Patient xmlns="http://hl7.org/fhir">\n{content}</Patient>'


@pytest.mark.parametrize(
    ("content", "diagnostics"),
    [
        ("<birthdate/>", "At line 2, column 1: Patient has no element <birthdate>; did you mean <birthDate>?"),
        ("<qqq/>", "At line 2, column 1: Patient has no element <qqq>."),
        ("é" * 0 + "<name><famly/></name>", "column 7: HumanName has no element <famly>; did you mean <family>?"),
        ('<a:name xmlns:a="urn:a"/>', "<name> is in the namespace urn:a; elements of FHIR are in"),
        ('<name xmlns=""/>', "<name> is in no namespace"),
        ("<resourceType/>", "Patient has no element <resourceType>."),
        ("<div/>", "Patient has no element <div>."),
        ('<active url="a" value="true"/>', "boolean has no attribute url in XML, only id and value"),
        ('<name value="a"/>', "HumanName has no attribute value in XML, only id"),
        ('<name xml:id="a"/>', "HumanName has no attribute id in XML, only id"),
        ('<name xml:lang="de"/>', "HumanName has no attribute lang"),
        ('<extension><url value="a"/></extension>', "Extension has no element <url>; write it as an attribute"),
        ('<name><id value="a"/></name>', "HumanName has no element <id>; write it as an attribute"),
        ('<active value="true"/>\n<active value="false"/>', "At line 3, column 1: Patient has <active> at most once"),
        ('<text/><text/>', "Patient has <text> at most once, and this is another"),
        ('<name/><active value="true"/>', "<active> comes after <name>; XML has the order"),
        ('<name/><telecom/><name/>', "<name> comes after <telecom>"),
        (
            '<deceasedDateTime value="2026"/><deceasedBoolean value="true"/>',
            "Patient has one deceased[x], and here are deceasedDateTime and deceasedBoolean",
        ),
        ("text", "There is text inside <Patient> (Patient)"),
        ("<name/>&#160;", "There is text inside <Patient>"),
        ("<active>true</active>", "There is text inside <active> (boolean)"),
        ('<name>a<family value="b"/></name>', "There is text inside <name> (HumanName)"),
        ("<name><![CDATA[a]]></name>", "There is text inside <name>"),
        ('<active value="1"/>', 'Expected true or false, found "1"'),
        ('<active value=" true"/>', 'Expected true or false, found " true"'),
        ('<multipleBirthInteger value="1.0"/>', 'Expected a number of the type integer, found "1.0"'),
        ('<multipleBirthInteger value="+1"/>', 'of the type integer, found "+1"'),
        ('<multipleBirthInteger value="01"/>', 'of the type integer, found "01"'),
        ('<multipleBirthInteger value=""/>', 'of the type integer, found ""'),
        ('<multipleBirthInteger value="1&#10;"/>', "of the type integer"),
        ('<multipleBirthInteger value="٣"/>', "of the type integer"),
        ('<multipleBirthInteger value="2147483648"/>', "from -2147483648 to 2147483647, found"),
        (f'<multipleBirthInteger value="{"9" * 9999}"/>', "The number"),
        ("<contained/>", "<contained> must hold exactly one resource"),
        ("<contained><Basic/><Basic/></contained>", "<contained> must hold exactly one resource"),
        ('<contained id="a"><Basic/></contained>', "<contained> must hold exactly one resource"),
        ("<contained>a<Basic/></contained>", "<contained> must hold exactly one resource"),
        ("<contained><Basic/>a</contained>", "<contained> must hold exactly one resource"),
        ("<contained><HumanName/></contained>", "<HumanName> is not a resource type of R4"),
        ("<contained><Patent/></contained>", "not a resource type of R4; did you mean <Patient>?"),
        ("<text><div>a</div></text>", "The narrative needs the namespace of XHTML"),
        (f"<text>{DIV}<a:b xmlns:a='urn:a'/></div></text>", "the element <b>, which is not in the namespace"),
        (f"<text>{DIV}<b xmlns=''/></div></text>", "the element <b>, which is not in the namespace"),
        (f"<text>{DIV}<b xmlns:a='urn:a' a:c=''/></div></text>", "an attribute of the namespace urn:a"),
        ("<a" + "b" * 9999 + "/>", "Patient has no element <abbb"),
    ],
)  # fmt: skip
def test_what_fhir_does_not_have_is_refused(content: str, diagnostics: str, codec: XmlCodec):
    found = refusal(codec, patient(content)).diagnostics
    assert diagnostics in found
    assert found.startswith("At line ")
    assert len(found) < 400


@pytest.mark.parametrize("text", ["abc", "1.", ".5", "1,5", " 1", "NaN", "INF", "0x1", "00.5", ""])
def test_what_is_no_decimal_is_refused(text: str, codec: XmlCodec):
    body = f'<Basic xmlns="http://hl7.org/fhir"><extension url="u"><valueDecimal value="{text}"/>'
    found = refusal(codec, f"{body}</extension></Basic>")
    assert f'Expected a number of the type decimal, found "{text}"' in found.diagnostics
    assert found.expression == "Basic.extension[0].value"


def test_digits_that_cannot_be_kept_are_refused(codec: XmlCodec):
    body = '<Basic xmlns="http://hl7.org/fhir"><extension url="u"><valueDecimal value="%s"/>'
    for text in ("1." + "1" * 34, "1" * 35, "1e9999999999"):
        found = refusal(codec, body % text + "</extension></Basic>")
        assert "The number" in found.diagnostics


@pytest.mark.parametrize(
    ("body", "diagnostics"),
    [
        ("", "The body is empty"),
        (" \n", "The body is empty"),
        ("{}", "malformed at line 1, column 1"),
        (patient("<name>"), "malformed at line 2"),
        (patient("<name/></name>"), "malformed at line 2"),
        (patient("<a:name/>"), "Namespace prefix a"),
        (patient("&nbsp;"), "XML has only amp, lt, gt, quot and apos"),
        (patient("&#1;"), "malformed at line 2"),
        (patient('<active value="<"/>'), "malformed at line 2"),
        (patient('<active value="true" value="true"/>'), "malformed at line 2"),
        (patient("") + "<Patient/>", "malformed at line 2"),
        ("<Patient/>", '<Patient> is in no namespace; elements of FHIR are in xmlns="http'),
        ('<Patient xmlns="urn:hl7-org:v3"/>', "in the namespace urn:hl7-org:v3"),
        ('<Resource xmlns="http://hl7.org/fhir"/>', "<Resource> is not a resource type of R4"),
        ('<Patient xmlns="http://hl7.org/fhir" id="a"/>', 'an element, <id value="..."/>'),
        (
            '<Patient xmlns="http://hl7.org/fhir" xmlns:x="http://www.w3.org/2001/XMLSchema-instance"'
            ' x:schemaLocation="a b"/>',
            "FHIR does not allow the schema to be named",
        ),
        (b"<a>\xff</a>", "The byte 0xff at line 1, column 4 is not valid UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "declares the encoding UTF-7"),
        (b'<?xml version="1.0" encoding="unicode_escape"?><a/>', "the encoding unicode_escape"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "the encoding UTF-16"),
        (b"\xff\xfe<", "is not valid UTF-16-LE"),
        (b"<\x00a\x00/\x00>\x00", "malformed"),
    ],
)  # fmt: skip
def test_what_is_no_xml_of_fhir_is_refused(body: str | bytes, diagnostics: str, codec: XmlCodec):
    assert diagnostics in refusal(codec, body).diagnostics


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE Patient>",
        '<!DOCTYPE Patient [<!ENTITY a "b">]>',
        '<!DOCTYPE Patient SYSTEM "file:///etc/passwd">',
        '<?xml version="1.0"?>\n<!-- a --><?b?>\n<!DOCTYPE Patient>',
        '\n<!-- <a> --><!DOCTYPE Patient [<!ENTITY % a SYSTEM "http://127.0.0.1:1/"> %a;]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_type_is_refused_before_it_is_read(prolog: str, encoding: str, codec: XmlCodec):
    body = (prolog + patient('<active value="true"/>')).encode(encoding)
    assert "has a DOCTYPE at line" in refusal(codec, body).diagnostics


def test_entities_that_grow_cost_nothing(codec: XmlCodec):
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 50}">' for n in range(20))
    began = time.perf_counter()
    refusal(codec, f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]>' + patient("&e20;"))
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("content", "expression"),
    [
        ("<name/><name><family><a/></family></name>", "Patient.name[1].family"),
        ("<name><given/><given/><given a=''/></name>", "Patient.name[0].given[2]"),
        ('<deceasedBoolean value="1"/>', "Patient.deceased"),
        ("<contained><Basic/></contained><contained><Basic><a/></Basic></contained>", "Patient.contained[1]"),
        ("<contained><Basic><code><text a=''/></code></Basic></contained>", "Patient.contained[0].code.text"),
        (f"<text>{DIV}<b><a xmlns='' /></b></div></text>", "Patient.text.div"),
        ("<a/>", "Patient"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_in_the_resource(content: str, expression: str, codec: XmlCodec):
    assert refusal(codec, patient(content)).expression == expression


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("<name %s/>", id="an element of FHIR"),
        pytest.param(f"<text>{DIV}<p %s/></div></text>", id="an element of the narrative"),
    ],
)
def test_thousands_of_attributes_cost_nothing(content: str, codec: XmlCodec):
    attributes = " ".join(f'a{number}=""' for number in range(20_000))
    began = time.perf_counter()
    assert "attribute" in refusal(codec, patient(content % attributes)).diagnostics
    assert time.perf_counter() - began < 1


def test_columns_count_characters(codec: XmlCodec):
    body = patient('<!-- é漢𝄞 --><active value="true"/><a/>').replace("\n", "\r\n")
    assert "At line 2, column 35:" in refusal(codec, body).diagnostics


def test_a_place_is_found_far_down(codec: XmlCodec):
    body = patient("<name/>\n" * 70_000 + "<a/>")
    assert "At line 70002, column 1:" in refusal(codec, body).diagnostics


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_a_place_is_found_in_every_encoding(encoding: str, codec: XmlCodec):
    declaration = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    body = (declaration + patient("<!-- é --><a/>")).encode(encoding)
    assert "At line 2, column 11:" in refusal(codec, body).diagnostics


def test_the_line_is_told_where_parsers_do_not_agree_on_names(codec: XmlCodec):
    # The fifth edition of XML allows this letter in names, and earlier ones do not.
    assert "At line 2: Patient has no element" in refusal(codec, patient("<\u0221/>")).diagnostics


def test_what_is_refused_was_not_read_as_another_version_of_xml(codec: XmlCodec):
    body = '<?xml version="1.1"?>' + patient('<birthDate value="&#1;"/>')
    assert "malformed" in refusal(codec, body).diagnostics


UNWRITABLE = [
    ({"name": [{"family": "a\x01"}]}, "U+0001", "Patient.name[0].family"),
    ({"name": [{"given": ["a", "\uffff"]}]}, "U+FFFF", "Patient.name[0].given[1]"),
    ({"name": [{"family": "\ud800"}]}, "U+D800", "Patient.name[0].family"),
    ({"name": [{"id": "\x00"}]}, "U+0000", "Patient.name[0].id"),
    ({"extension": [{"url": "\x0b"}]}, "U+000B", "Patient.extension[0].url"),
    ({"text": {"div": "\x01"}}, "U+0001", "Patient.text.div"),
    ({"text": {"div": "<div>a</div>"}}, "must be one <div xmlns=", "Patient.text.div"),
    ({"text": {"div": f"{DIV}</div><active/>"}}, "malformed", "Patient.text.div"),
    ({"text": {"div": f"<!DOCTYPE a>{DIV}</div>"}}, "DOCTYPE", "Patient.text.div"),
    ({"text": {"div": f'{DIV}<a xmlns=""/></div>'}}, "not in the namespace", "Patient.text.div"),
    ({"text": {"div": 1}}, "XHTML of a narrative in a string", "Patient.text.div"),
    ({"text": {"_div": {"id": "a"}}}, "Narrative has no element _div", "Patient.text"),
    ({"nickname": "a"}, "Patient has no element nickname", "Patient"),
    ({"_name": []}, "Patient has no element _name", "Patient"),
    ({"_id": {"id": "a"}, "name": {}}, "Expected an array, found an object", "Patient.name"),
    ({"name": ["a"]}, "Expected an object (HumanName), found a string", "Patient.name[0]"),
    ({"name": [{"given": "abc"}]}, "Expected an array, found a string", "Patient.name[0].given"),
    ({"name": [{"given": [None]}]}, "Expected a string, found null", "Patient.name[0].given[0]"),
    ({"birthDate": None}, "Expected a string, found null", "Patient.birthDate"),
    ({"birthDate": 1970}, "Expected a string, found a number", "Patient.birthDate"),
    ({"active": "true"}, "Expected a boolean, found a string", "Patient.active"),
    ({"active": 1}, "Expected a boolean, found a number", "Patient.active"),
    ({"deceasedBoolean": []}, "Expected a boolean, found an array", "Patient.deceased"),
    ({"multipleBirthInteger": True}, "a number, found a boolean", "Patient.multipleBirth"),
    ({"multipleBirthInteger": Decimal("NaN")}, "Expected a number", "Patient.multipleBirth"),
    ({"contained": [{}]}, "an object with the resourceType", "Patient.contained[0]"),
    ({"contained": [{"resourceType": "Basic", "a": 1}]}, "Basic has no", "Patient.contained[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "diagnostics", "expression"), UNWRITABLE)
def test_what_xml_cannot_hold_is_not_written(
    content: dict[str, object], diagnostics: str, expression: str, codec: XmlCodec
):
    with pytest.raises(NotAcceptable) as refused:
        codec.render({"resourceType": "Patient", **content})
    (issue,) = refused.value.issues
    assert diagnostics in issue.diagnostics
    assert issue.expression == expression


def test_what_is_no_resource_is_not_written(codec: XmlCodec):
    with pytest.raises(NotAcceptable, match="resourceType"):
        codec.render({"resourceType": "HumanName"})
