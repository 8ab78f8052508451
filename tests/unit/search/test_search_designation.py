import pytest

from psolink.errors import InvalidRequest
from psolink.search.types.designation import SYSTEM


def event(code: str | None) -> dict[str, object]:
    labels = [{"system": "urn:other", "code": "not-pswp"}]
    labels += [{"system": SYSTEM, "code": code}] if code else []
    return {"resourceType": "AdverseEvent", "meta": {"security": labels}}


@pytest.mark.parametrize(
    ("code", "name", "value", "expected"),
    [
        ("pswp-pending", "designation", "pswp-pending", True),
        ("pswp-pending", "designation", f"{SYSTEM}|pswp-pending", True),
        ("pswp-pending", "designation", "pswp-reported,pswp-pending", True),
        ("pswp-pending", "designation", "not-pswp", False),
        (None, "designation", "not-pswp", False),
        ("pswp-pending", "designation:not", "not-pswp", True),
        ("not-pswp", "designation:not", "not-pswp", False),
        (None, "designation:not", "not-pswp", True),
        (None, "designation:missing", "true", True),
        ("not-pswp", "designation:missing", "false", True),
    ],
)
def test_a_designation_is_found_by_its_label_alone(finds, code, name, value, expected):
    assert finds(event(code), name, value) is expected


@pytest.mark.parametrize("value", ["", "urn:other|not-pswp", f"{SYSTEM}|", "a|b|c"])
def test_what_is_no_designation_is_refused(parse, value):
    with pytest.raises(InvalidRequest):
        parse("AdverseEvent", ("designation", value))


def test_a_designation_costs_no_entry_of_its_own(document):
    kept = document(event("pswp-pending"))["token"]
    assert {each["p"] for each in kept} == {"_security"}
