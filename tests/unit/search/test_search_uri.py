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
