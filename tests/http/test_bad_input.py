"""Whatever comes in: a clear refusal, nothing stored, never a failure of the server."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import bundle, entry, identifier, patient
from tests.http.conftest import assert_refused

DEEP = (
    b'{"resourceType":"Patient","extension":' + b'[{"extension":' * 400 + b"[]" + b"}]" * 400 + b"}"
)
BOMB = b'{"resourceType":"Patient","x":' + b"[" * 1_000_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"{", 400, id="half an object"),
        pytest.param(b"[]", 400, id="a list"),
        pytest.param(b"null", 400, id="null"),
        pytest.param(b'"Patient"', 400, id="a string"),
        pytest.param(b"{}", 400, id="no resourceType"),
        pytest.param(b'{"resourceType":5}', 400, id="a number as resourceType"),
        pytest.param(b'{"resourceType":"Patient"}}', 400, id="something behind the end"),
        pytest.param(
            b'{"resourceType":"Patient","active":true,"active":false}', 400, id="a key twice"
        ),
        pytest.param(b'{"resourceType":"Patient","language":"\xff"}', 400, id="no UTF-8"),
        pytest.param(
            b'{"resourceType":"Patient","language":"\\ud800"}', 400, id="half a surrogate"
        ),
        pytest.param(
            b'{"resourceType":"Patient","language":"a\x00b"}', 400, id="a control character"
        ),
        pytest.param(
            b'{"resourceType":"Patient","language":"a\\u0000b"}', 400, id="an escaped NUL"
        ),
        pytest.param(b'{"resourceType":"Patient","x":NaN}', 400, id="NaN"),
        pytest.param(b'{"resourceType":"Patient","x":1e99999999}', 400, id="an absurd exponent"),
        pytest.param(
            b'{"resourceType":"Patient","x":' + b"9" * 5000 + b"}", 400, id="a huge number"
        ),
        pytest.param(DEEP, 400, id="too deep"),
        pytest.param(BOMB, 400, id="a depth bomb"),
        pytest.param(b'{"resourceType":"Patient","unheard":1}', 400, id="an unknown element"),
        pytest.param(b'{"resourceType":"Patient","$where":"1"}', 400, id="a name with a dollar"),
        pytest.param(b'{"resourceType":"Patient","a.b":"1"}', 400, id="a name with a dot"),
        pytest.param(b'{"resourceType":"Patient","meta":"x"}', 400, id="a string as meta"),
        pytest.param(
            b'{"resourceType":"Patient","meta":{"security":"x"}}', 400, id="a string as label"
        ),
        pytest.param(
            b'{"resourceType":"Patient","meta":{"security":[null]}}', 400, id="a null as label"
        ),
        pytest.param(
            b'{"resourceType":"Patient","contained":[{"resourceType":["Patient"]}]}',
            400,
            id="a list as the type of an inner resource",
        ),
        pytest.param(b"\xef\xbb\xbf{", 400, id="a byte order mark before nothing"),
    ],
)
@pytest.mark.parametrize("path", ["/Patient", "", "/$submit-common-formats"])
def test_a_body_that_is_no_resource_is_refused(hospital, path, body, status):
    answer = hospital.post(path, body)
    assert answer.status_code == status, answer.text
    assert_refused(answer, status, answer.get_json()["issue"][0]["code"])


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/fhir+json; charset=latin-1",
    ],
)
def test_another_content_type_is_refused(hospital, content_type):
    answer = hospital.send("POST", "/Patient", patient(), Content_Type=content_type)
    assert_refused(answer, 415, "not-supported")


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/fhir+json; charset=UTF-8; fhirVersion=4.0"]
)
def test_content_types_of_json_are_taken(hospital, content_type):
    answer = hospital.send("POST", "/Patient", patient(), Content_Type=content_type)
    assert answer.status_code == 201


@pytest.mark.parametrize("asked", ["application/fhir+turtle", "text/html", "application/json;q=0"])
def test_a_format_that_is_not_rendered_is_refused(hospital, asked):
    assert_refused(hospital.get("/Patient", Accept=asked), 406, "not-supported")
    assert_refused(hospital.get("/Patient?_format=ttl"), 406, "not-supported")


@pytest.mark.parametrize(
    "asked",
    ["application/fhir+json", "application/json", "*/*", "text/html;q=0.1, application/fhir+json"],
)
def test_json_is_rendered_where_it_is_taken(hospital, asked):
    assert hospital.get("/Patient", Accept=asked).status_code == 200


@pytest.mark.parametrize(
    "asked", ["json", "application/fhir+json", "application/fhir%2Bjson", "application/json"]
)
def test_the_format_parameter_overrides_accept(hospital, asked):
    answer = hospital.get(f"/Patient?_format={asked}", Accept="text/html")
    assert answer.status_code == 200


def test_pretty_output_is_indented(hospital):
    assert b'\n  "resourceType"' in hospital.get("/Patient?_pretty=true").data


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Patint", 404),
        ("GET", "/Patint/1", 404),
        ("POST", "/patient", 404),
        ("GET", "/Resource", 404),
        ("GET", "/Patient/1/unheard", 404),
        ("POST", "/Patient/1/$unheard", 404),
        ("POST", "/$unheard", 404),
        ("PATCH", "/Patient/1", 400),
        ("PUT", "/Patient", 400),
        ("DELETE", "/Patient", 400),
        ("POST", "/Patient/1", 405),
        ("DELETE", "", 405),
    ],
)
def test_a_url_or_method_that_is_not_there_is_refused(hospital, method, path, status):
    answer = hospital.send(method, path, patient() if method in ("POST", "PUT", "PATCH") else None)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_an_unknown_type_is_told_with_a_near_name(hospital):
    issue = assert_refused(hospital.get("/Patint"), 404, "not-supported")
    assert "Patient" in issue["diagnostics"]


def test_too_large_a_body_is_refused(hospital):
    body = b'{"resourceType":"Patient","language":"' + b"x" * (33 * 1024 * 1024) + b'"}'
    assert_refused(hospital.post("/Patient", body), 413, "too-long")


def test_too_many_entries_are_refused(hospital):
    sent = bundle("batch", *([entry("GET", "Patient/1")] * 5001))
    assert_refused(hospital.post("", sent), 413, "too-long")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer a.b.c", "bearer \t"]
)
def test_without_a_valid_token_there_is_nothing(app, header):
    answer = app.test_client().get("/fhir/Patient", headers={"Authorization": header})
    assert_refused(answer, 401, "login")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["meta", "id", "identifier", "security", "entry", "resource", "request", "x", "_id"]
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(
        ["Patient", "AdverseEvent", "Bundle", "QuestionnaireResponse", "Parameters"]
    ),
    path=st.sampled_from(
        ["", "/Patient", "/AdverseEvent", "/$submit-common-formats", "/AdverseEvent/1/$pswp-report"]
    ),
    content=st.dictionaries(
        st.sampled_from(["meta", "entry", "type", "item", "parameter", "identifier"]),
        JSON,
        max_size=4,
    ),
)
def test_no_json_makes_the_server_fail(actors, kind, path, content):
    body = json.dumps({"resourceType": kind} | content).encode()
    answer = actors["hospital-a"].post(path, body)
    assert answer.status_code < 500 or answer.status_code == 501, answer.text


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200))
def test_no_bytes_make_the_server_fail(actors, body):
    assert actors["hospital-a"].post("/Patient", body).status_code == 400


@settings(max_examples=150, deadline=None)
@given(name=st.text(min_size=1, max_size=20), value=st.text(max_size=30))
def test_no_search_makes_the_server_fail(actors, name, value):
    http = actors["hospital-a"].http
    answer = http.get(
        "/fhir/Patient",
        query_string={name: value},
        headers={"Authorization": f"Bearer {actors['hospital-a'].token}"},
    )
    assert answer.status_code in (200, 400, 406)


def test_a_refusal_never_quotes_what_others_stored(hospital, rival):
    rival.create(patient(identifier=[identifier("secret-of-b")]))
    answer = hospital.post(
        "/Patient", patient(gender="odd"), If_None_Exist="identifier=secret-of-b"
    )
    assert answer.status_code == 400
    assert "secret" not in answer.text
