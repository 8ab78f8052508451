"""https://hl7.org/fhir/R4/search.html#list"""

import pytest
from tests.unit.search.conftest import BASE, HOSPITAL, Documents

from psolink.errors import InvalidRequest

ENTRIES = ["Patient/1", f"{BASE}/Patient/2", "Patient/3/_history/4", "Group/5", "#6", "urn:uuid:7"]
CONTENT = {
    "resourceType": "List",
    "entry": [
        *({"item": {"reference": each}} for each in ENTRIES),
        {"item": {"reference": "Patient/8"}, "deleted": True},
        {"item": {"display": "nothing"}},
    ],
}
LISTED = Documents({"type": "List", "id": "42", "tenant": HOSPITAL, "resource": CONTENT})


@pytest.mark.parametrize("value", ["42", "List/42"])
def test_the_entries_of_a_list_are_found(parse, matcher, value):
    criteria = parse("Patient", ("_list", value), lookup=LISTED)
    patients = [{"type": "Patient", "id": str(number)} for number in range(10)]
    for holder, ids in ((HOSPITAL, ["1", "2", "3"]), ("another", [])):
        held = [each | {"holders": [holder]} for each in patients]
        assert [each["id"] for each in held if matcher(criteria.filter, each)] == ids


@pytest.mark.parametrize("resource_type", ["Patient", "Group"])
def test_a_list_that_is_not_there_has_no_entries(parse, matcher, resource_type):
    criteria = parse(resource_type, ("_list", "nowhere"), lookup=LISTED)
    assert not matcher(criteria.filter, {"type": resource_type, "id": "5"})


@pytest.mark.parametrize(
    ("value", "hint"),
    [("$current-problems", "functional lists"), ("", "id of a List"), ("a/b", "id of a List")],
)
def test_other_lists_are_refused(parse, value, hint):
    with pytest.raises(InvalidRequest) as failure:
        parse("Patient", ("_list", value), lookup=LISTED)
    assert hint in failure.value.issues[0].diagnostics
