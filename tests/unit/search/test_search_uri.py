import pytest

from psolink.errors import InvalidRequest

URL = "http://example.org/ValueSet/Example"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (URL, True),
        (URL.lower(), False),
        ("http://example.org/ValueSet", False),
        (f"urn:x,{URL}", True),
    ],
)
def test_a_uri_is_found_whole_and_as_it_is_written(finds, value, expected):
    assert finds({"resourceType": "ValueSet", "url": URL}, "url", value) is expected


@pytest.mark.parametrize("value", ["urn:profile", "urn:profile|2", r"urn:profile\|2"])
def test_a_profile_is_found_with_and_without_its_version(finds, value):
    patient = {"resourceType": "Patient", "meta": {"profile": ["urn:profile|2"]}}
    assert finds(patient, "_profile", value)
    assert not finds(patient, "_profile", "urn:profile|3")


@pytest.mark.parametrize("value", ["", "urn:a,", "urn:" + "x" * 1000])
def test_what_is_no_uri_is_refused(parse, value):
    with pytest.raises(InvalidRequest):
        parse("ValueSet", ("url", value))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("url:below", "http://example.org/", True),
        ("url:below", "http://example.org", True),
        ("url:below", "http://example.org/ValueSet", True),
        ("url:below", "http://example.org/ValueSet/", True),
        ("url:below", URL, True),
        ("url:below", "http://example.org/Val", False),
        ("url:below", "http://example.org/CodeSystem", False),
        ("url:below", "https://example.org/", False),
        ("url:below", f"{URL}/more", False),
        ("url:above", f"{URL}/more/and/more", True),
        ("url:above", URL, True),
        ("url:above", "http://example.org/ValueSet", False),
        ("url:above", f"{URL}More", False),
        ("url:missing", "false", True),
        ("url:missing", "true", False),
    ],
)
def test_a_uri_is_found_by_the_segments_of_its_path(finds, name, value, expected):
    assert finds({"resourceType": "ValueSet", "url": URL}, name, value) is expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url:below", "urn:oid:1.2"),
        ("url:above", "urn:oid:1.2"),
        ("url:below", "example.org"),
        ("url:below", "http://"),
        ("url:above", ""),
        ("url:above", "http://a/" + "b/" * 60),
    ],
)
def test_what_has_no_path_or_too_long_a_one_is_refused(parse, name, value):
    with pytest.raises(InvalidRequest):
        parse("ValueSet", (name, value))
