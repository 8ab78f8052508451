import pytest
from hypothesis import given
from hypothesis import strategies as st

from psolink.security.scopes import INTERACTIONS, InvalidScope, Scopes

TYPES = ["*", "AdverseEvent", "Patient", "AuditEvent", "QuestionnaireResponse"]
scopes = st.frozensets(
    st.tuples(st.sampled_from(TYPES), st.sampled_from(INTERACTIONS)), max_size=12
).map(Scopes)


def allowed(granted: Scopes) -> set[tuple[str, str]]:
    """Say what is allowed by asking for everything, with a type that no scope names."""
    return {
        (each, letter)
        for each in [*TYPES, "Device"]
        for letter in INTERACTIONS
        if granted.allow(letter, each)
    }


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        pytest.param("system/Patient.cruds", "cruds", id="all letters"),
        pytest.param("system/Patient.rs", "rs", id="a subset in order"),
        pytest.param("system/Patient.s system/Patient.r", "rs", id="one letter at a time"),
        pytest.param("system/Patient.read", "rs", id="read of version 1"),
        pytest.param("system/Patient.write", "cud", id="write of version 1"),
        pytest.param("system/Patient.*", "cruds", id="everything of version 1"),
        pytest.param(" system/Patient.r  system/Patient.r ", "r", id="more spaces and twice"),
    ],
)
def test_a_scope_allows_its_interactions_with_its_type_and_no_others(text: str, letters: str):
    assert allowed(Scopes.parse(text)) == {("Patient", letter) for letter in letters}


def test_a_wildcard_covers_every_type():
    assert Scopes.parse("system/*.r").allow("r", "Device")


def test_a_wildcard_for_reading_does_not_cover_writing():
    assert not Scopes.parse("system/*.r").allow("u", "Device")


def test_no_scope_allows_nothing():
    assert allowed(Scopes.parse("")) == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("patient/Patient.rs", "needs a patient or a user"),
        ("user/*.cruds", "needs a patient or a user"),
        ("launch/patient", "needs a patient or a user"),
        ("launch", "needs a patient or a user"),
        ("system/Observation.rs?category=laboratory", "restricted by a query"),
        ("openid", "not of the form"),
        ("offline_access", "not of the form"),
        ("system/Patient", "not of the form"),
        ("system/Patient.", "not of the form"),
        ("system/.rs", "not of the form"),
        ("system/patient.rs", "not of the form"),
        ("system/Patient.rs/x", "not of the form"),
        ("system/*.*.*", "not of the form"),
        ("SYSTEM/Patient.rs", "not of the form"),
        ("system/Patient.sr", "letters of cruds in this order"),
        ("system/Patient.dus", "letters of cruds in this order"),
        ("system/Patient.rr", "letters of cruds in this order"),
        ("system/Patient.x", "letters of cruds in this order"),
        ('system/Patient."', "printable ASCII"),
        ("system/Patient.rs\n", "printable ASCII"),
        ("system/Patient.rs\tsystem/Device.rs", "printable ASCII"),
        ("system/Pätient.rs", "printable ASCII"),
        ("system/" + "A" * 100 + ".rs", "at most 100 characters"),
    ],
)
def test_a_scope_that_cannot_be_granted_is_refused_with_its_reason(text: str, reason: str):
    with pytest.raises(InvalidScope, match=reason):
        Scopes.parse(f"system/Device.r {text}")


@given(scopes)
def test_printing_and_parsing_returns_the_same_scopes(granted: Scopes):
    assert Scopes.parse(str(granted)) == granted


@given(scopes, scopes)
def test_a_union_allows_what_either_allows(one: Scopes, other: Scopes):
    assert allowed(one | other) == allowed(one) | allowed(other)


@given(scopes, scopes)
def test_what_is_granted_is_exactly_what_was_both_requested_and_registered(
    requested: Scopes, registered: Scopes
):
    assert allowed(requested & registered) == allowed(requested) & allowed(registered)


@given(scopes, scopes)
def test_scopes_are_equal_when_they_allow_the_same(one: Scopes, other: Scopes):
    assert (one == other) == (allowed(one) == allowed(other))


@given(scopes)
def test_scopes_are_false_when_they_allow_nothing(granted: Scopes):
    assert bool(granted) == bool(allowed(granted))


@given(st.text(max_size=30))
def test_any_other_text_is_refused_as_a_scope_or_parsed(text: str):
    try:
        granted = Scopes.parse(text)
    except InvalidScope:
        return
    assert all(part.startswith("system/") for part in str(granted).split())


def test_scopes_print_in_their_shortest_form_and_in_order():
    granted = Scopes.parse("system/Patient.s system/*.s system/Patient.cr system/Device.c")
    assert str(granted) == "system/*.s system/Device.c system/Patient.cr"
