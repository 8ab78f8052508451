"""FHIR XML over HTTP: https://hl7.org/fhir/R4/xml.html"""

import pytest
from lxml import etree
from tests.builders import adverse_event, bundle, entry, identifier, patient

PATIENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir"><identifier><system value="urn:xml"/><value value="%s"/></identifier>
<active value="true"/><birthDate value="1980-02-29"/></Patient>"""
XML = "application/fhir+xml"
FHIR = "{http://hl7.org/fhir}"


def send(actor, method, path, body=None, **headers):
    return actor.send(method, path, body, **({"Content_Type": XML, "Accept": XML} | headers))


def test_a_resource_in_xml_is_stored_and_read_in_both_formats(hospital):
    created = send(hospital, "POST", "/Patient", PATIENT % b"both")
    assert created.status_code == 201, created.text
    assert created.content_type.startswith(XML)
    path = created.headers["Location"].partition("/fhir")[2].partition("/_history")[0]
    assert hospital.get(path).get_json()["birthDate"] == "1980-02-29"
    root = etree.fromstring(send(hospital, "GET", path).data)
    assert root.xpath("string(*[local-name()='birthDate']/@value)") == "1980-02-29"


def test_a_transaction_in_xml_is_answered_in_xml(hospital, app):
    codec = app.extensions["psolink"].formats[XML]
    sent = bundle(
        "transaction",
        entry(
            "POST",
            "AdverseEvent",
            adverse_event(subject={"reference": "urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e0"}),
        ),
        entry(
            "POST", "Patient", patient(), fullUrl="urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e0"
        ),
    )
    answer = send(hospital, "POST", "", codec.render(sent, False))
    statuses = [each["response"]["status"] for each in codec.parse(answer.data)["entry"]]
    assert statuses == ["201 Created", "201 Created"]


def test_a_refusal_is_rendered_in_xml(hospital):
    answer = send(
        hospital, "POST", "/Patient", PATIENT.replace(b"1980-02-29", b"1980-02-30") % b"x"
    )
    root = etree.fromstring(answer.data)
    assert (answer.status_code, root.tag) == (400, f"{FHIR}OperationOutcome")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/fhir+xml", "xml"),
        ("text/xml", "xml"),
        ("application/fhir+json;q=0.5, application/fhir+xml", "xml"),
        ("application/fhir+xml;q=0.5, application/fhir+json", "json"),
        ("application/fhir+xml;q=0, */*", "json"),
        ("*/*", "json"),
    ],
)
def test_the_preferred_format_is_rendered(hospital, accept, kind):
    assert kind in hospital.get("/Patient", Accept=accept).content_type


@pytest.mark.parametrize("asked", ["xml", "application/fhir+xml", "text/xml"])
def test_the_format_parameter_asks_for_xml(hospital, asked):
    answer = hospital.get(f"/Patient?_format={asked}")
    assert answer.content_type.startswith(XML)


def test_a_search_in_a_form_may_ask_for_its_format(hospital):
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = hospital.post("/Patient/_search", b"_format=xml&_pretty=true&_count=1", **form)
    assert (answer.status_code, answer.content_type.partition(";")[0]) == (200, XML)
    assert b"\n  <type" in answer.data


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/fhir+xml;q=0.9, application/fhir+json;q=0.9", "xml"),
        ("application/fhir+json;q=0.2, application/xml;q=0.3, */*;q=0.1", "xml"),
        ("text/html, application/fhir+xml;q=0.1", "xml"),
        ("application/*;q=0.5, application/fhir+xml;q=0.6", "xml"),
        ("APPLICATION/FHIR+XML; fhirVersion=4.0; charset=utf-8", "xml"),
        ("application/fhir+xml;q=0, application/fhir+json;q=0.001", "json"),
    ],
)
def test_the_quality_of_a_format_decides(hospital, accept, kind):
    assert kind in hospital.get("/Patient?_count=1", Accept=accept).content_type


@pytest.mark.parametrize(
    "accept", ["text/html", "application/fhir+xml;q=0, application/fhir+json;q=0", "image/*"]
)
def test_without_a_format_that_suits_nothing_is_answered(hospital, accept):
    assert hospital.get("/Patient?_count=1", Accept=accept).status_code == 406


@pytest.mark.parametrize(
    "path",
    [
        "/metadata",
        "/Patient?_count=2",
        "/Patient?identifier=urn:xml|parity",
        "/Patient/{id}",
        "/Patient/{id}/_history",
        "/Patient/{id}/_history/1",
        "/Patient/nobody",
        "/Patient?nonsense=1",
        "/nonsense",
    ],
)
def test_both_formats_say_the_same(hospital, app, path):
    created = hospital.create(patient(identifier=[identifier("parity", "urn:xml")]))
    codec = app.extensions["psolink"].formats[XML]
    asked = path.format(id=created["id"])
    in_json = hospital.get(asked, Accept="application/fhir+json")
    in_xml = hospital.get(asked, Accept=XML)
    assert in_json.status_code == in_xml.status_code
    assert without_moments(codec.parse(in_xml.data)) == without_moments(in_json.get_json())


def without_moments(found):
    """Leave out what differs between two answers to the same question."""
    if isinstance(found, dict):
        return {
            name: without_moments(each)
            for name, each in found.items()
            if name not in ("id", "date", "link", "timestamp")
        }
    return [without_moments(each) for each in found] if isinstance(found, list) else found


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<Patient", id="half an element"),
        pytest.param(b"<Patient/>", id="no namespace"),
        pytest.param(
            b'<!DOCTYPE Patient [<!ENTITY x "y">]><Patient xmlns="http://hl7.org/fhir"/>',
            id="a DOCTYPE",
        ),
        pytest.param(
            b'<Patient xmlns="http://hl7.org/fhir"><unheard value="1"/></Patient>',
            id="an unknown element",
        ),
        pytest.param(b'{"resourceType":"Patient"}', id="JSON"),
        pytest.param(
            b'<Patient xmlns="http://hl7.org/fhir">'
            + b"<contact>" * 200
            + b"</contact>" * 200
            + b"</Patient>",
            id="too deep",
        ),
    ],
)
def test_xml_that_is_no_resource_is_refused(hospital, body):
    answer = send(hospital, "POST", "/Patient", body)
    assert answer.status_code == 400, answer.text
    assert etree.fromstring(answer.data).tag == f"{FHIR}OperationOutcome"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (XML, b'<?xml version="1.0" encoding="u\x00f"?><Patient xmlns="http://hl7.org/fhir"/>'),
        ("application/fhir+json", b'{"resourceType":"Patient","gender":"\\u0001\\uffff"}'),
        ("application/fhir+json", b'{"resourceType":"Patient","a\\u0001":1}'),
    ],
    ids=["the encoding", "a value", "a name"],
)
def test_a_refusal_in_xml_may_quote_what_xml_cannot_hold(hospital, content_type, body):
    answer = send(hospital, "POST", "/Patient", body, Content_Type=content_type)
    assert answer.status_code == 400, answer.text
    assert etree.fromstring(answer.data).tag == f"{FHIR}OperationOutcome"


def test_too_large_a_body_in_xml_is_refused(hospital):
    text = (
        b'<Patient xmlns="http://hl7.org/fhir"><language value="'
        + b"x" * (9 * 1024 * 1024)
        + b'"/></Patient>'
    )
    assert send(hospital, "POST", "/Patient", text).status_code == 413


def test_a_conditional_create_is_the_same_in_both_formats(hospital):
    condition = {"If_None_Exist": "identifier=urn:xml|once"}
    first = send(hospital, "POST", "/Patient", PATIENT % b"once", **condition)
    sent = patient(identifier=[identifier("once", "urn:xml")])
    second = hospital.post("/Patient", sent, **condition)
    assert (first.status_code, second.status_code) == (201, 200)
