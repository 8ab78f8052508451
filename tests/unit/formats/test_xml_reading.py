"""What XML may look like beyond the form that is written here."""

import pytest

from psolink.errors import InvalidRequest, PayloadTooLarge
from psolink.formats.json_codec import JsonLimits
from psolink.formats.xml_codec import XmlCodec

LIMITS = JsonLimits()
NAME = {"resourceType": "Patient", "name": [{"family": "Müller"}]}
FAMILY = '<Patient xmlns="http://hl7.org/fhir"><name><family value="Müller"/></name></Patient>'
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{FAMILY}'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(FAMILY.encode(), id="no declaration"),
        pytest.param(declared("UTF-8").encode(), id="UTF-8 declared"),
        pytest.param(declared("UTF-8").encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(declared("UTF-16").encode("utf-16"), id="UTF-16 with a mark"),
        pytest.param(b"\xfe\xff" + FAMILY.encode("utf-16-be"), id="UTF-16, large end first"),
        pytest.param(declared("ISO-8859-1").encode("latin-1"), id="Latin 1"),
        pytest.param(declared("windows-1252").encode("cp1252"), id="Windows"),
        pytest.param(FAMILY.replace("ü", "&#xFC;").encode(), id="a character by number"),
        pytest.param(FAMILY.replace('"', "'").encode(), id="single quotes"),
        pytest.param(
            b"<?a <!DOCTYPE ?><!-- <!DOCTYPE a> -->\n" + FAMILY.encode() + b"\n<!-- end -->",
            id="comments and instructions around the root",
        ),
        pytest.param(
            FAMILY.replace("<name>", "<!-- a --><?b c?>\n\t<name> <!-- d -->").encode(),
            id="comments, instructions and white space inside",
        ),
        pytest.param(
            FAMILY.replace("xmlns=", "xmlns:f=")
            .replace("</", "</f:")
            .replace("><", "><f:")
            .replace("<f:/f:", "</f:")
            .replace("<Patient", "<f:Patient")
            .encode(),
            id="a prefix for FHIR",
        ),
    ],
)
def test_the_form_of_the_xml_does_not_matter(body: bytes, codec: XmlCodec):
    assert codec.parse(body, limits=LIMITS) == NAME


@pytest.mark.parametrize(
    ("xhtml", "expected"),
    [
        pytest.param(
            '<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:b>a</h:b> c</h:div>',
            f"{DIV}<b>a</b> c</div>",
            id="a prefix for XHTML",
        ),
        pytest.param(
            f"{DIV}&#60;&#xA0;&quot;&apos;</div>", f"{DIV}&lt;\u00a0\"'</div>", id="entities"
        ),
        pytest.param(
            f"{DIV}<![CDATA[<a> & b]]></div>", f"{DIV}&lt;a&gt; &amp; b</div>", id="CDATA"
        ),
        pytest.param(f"{DIV}a<!-- c -->b<?d e?></div>", f"{DIV}ab</div>", id="a comment"),
        pytest.param(f"{DIV}<br></br><p/></div>", f"{DIV}<br/><p></p></div>", id="empty elements"),
        pytest.param(f"{DIV}<br> </br></div>", f"{DIV}<br> </br></div>", id="a break with content"),
        pytest.param(f"{DIV}a\r\nb&#13;c</div>", f"{DIV}a\nb&#13;c</div>", id="ends of lines"),
        pytest.param(
            f"{DIV}<p xmlns='http://www.w3.org/1999/xhtml' title='a\"b'>x</p></div>",
            f'{DIV}<p title="a&quot;b">x</p></div>',
            id="a namespace declared again",
        ),
    ],
)
def test_a_narrative_has_one_form(xhtml: str, expected: str, codec: XmlCodec):
    body = (
        '<Patient xmlns="http://hl7.org/fhir" xmlns:x="urn:unused">'
        f'<text><status value="empty"/>{xhtml}</text></Patient>'
    )
    resource = codec.parse(body.encode(), limits=LIMITS)
    assert resource["text"]["div"] == expected
    assert codec.parse(codec.render(resource), limits=LIMITS) == resource
    written_elsewhere = {**resource, "text": {"status": "empty", "div": xhtml}}
    assert codec.render(written_elsewhere) == codec.render(resource)


def test_an_attachment_of_many_megabytes_is_read(codec: XmlCodec):
    content = "QUJD" * 3_000_000
    resource = {"resourceType": "Binary", "contentType": "text/plain", "data": content}
    assert codec.parse(codec.render(resource), limits=LIMITS) == resource


def test_a_body_that_is_too_large_is_refused(codec: XmlCodec):
    size = len(FAMILY.encode())
    assert codec.parse(FAMILY.encode(), limits=JsonLimits(max_bytes=size)) == NAME
    with pytest.raises(PayloadTooLarge):
        codec.parse(FAMILY.encode(), limits=JsonLimits(max_bytes=size - 1))


DEEP = [
    pytest.param({"maritalStatus": {"text": "a"}}, 2, id="an object"),
    pytest.param({"name": [{"text": "a"}]}, 3, id="an object in an array"),
    pytest.param({"name": [{"given": ["a"]}]}, 4, id="an array of values"),
    pytest.param({"_birthDate": {"id": "a"}}, 2, id="the id of a value"),
    pytest.param({"name": [{"_given": [{"id": "a"}]}]}, 5, id="the id of a value in an array"),
    pytest.param({"contained": [{"resourceType": "Basic"}]}, 3, id="a contained resource"),
]


@pytest.mark.parametrize(("content", "depth"), DEEP)
def test_depth_is_that_of_the_json(content: dict[str, object], depth: int, codec: XmlCodec):
    resource = {"resourceType": "Patient", **content}
    body = codec.render(resource)
    assert codec.parse(body, limits=JsonLimits(max_depth=depth)) == resource
    with pytest.raises(InvalidRequest, match="nested deeper"):
        codec.parse(body, limits=JsonLimits(max_depth=depth - 1))
