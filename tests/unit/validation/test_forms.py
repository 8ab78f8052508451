"""The forms of values that no case reaches, because a body that has them is refused before."""

import pytest

from psolink.validation import forms, narrative
from psolink.validation.special_codes import is_mime_type, is_ucum_form


@pytest.mark.parametrize("text", ["a\x00b", "\x0b.", "a\x1f"])
def test_control_characters_are_no_text(text: str):
    assert not forms.is_string(text)


@pytest.mark.parametrize("text", ["a\tb\r\n", "\x7f", "\N{NO-BREAK SPACE}a", "\N{GRINNING FACE}"])
def test_other_characters_are_text(text: str):
    assert forms.is_string(text)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "1", None, True])
def test_what_is_no_finite_number_is_no_decimal(number: object):
    assert not forms.is_decimal(number)


@pytest.mark.parametrize("number", [0, 1.5, 10**400])
def test_any_finite_number_is_a_decimal(number: object):
    assert forms.is_decimal(number)


@pytest.mark.parametrize(
    "code",
    ["mg", "/min", "10*3/uL", "m[H2O]", "mm[Hg]", "%", "1", "{score}", "mL/(kg.h)", "g/(8.(kg.h))"],
)
def test_ucum_units_are_of_the_form(code: str):
    assert is_ucum_form(code)


@pytest.mark.parametrize(
    "code", ["", "mg dL", "mg//dL", "(mg", "mg)", "()", "mg.", "{a", "a}", "\u00b5g"]
)
def test_what_is_not_put_together_as_a_unit_is_none(code: str):
    assert not is_ucum_form(code)


@pytest.mark.parametrize("code", ["json", "application/fhir+json", "text/plain;charset=utf-8;a=b"])
def test_media_types_and_the_short_names_of_formats_are_media_types(code: str):
    assert is_mime_type(code)


@pytest.mark.parametrize(
    "code", ["", "pdf", "text/", "/plain", "text/plain;", "text /plain", "a/b/c"]
)
def test_what_is_not_type_and_subtype_is_no_media_type(code: str):
    assert not is_mime_type(code)


def test_a_narrative_that_is_no_unicode_text_is_told_as_such():
    (fault,) = narrative.faults("<div>\ud800</div>")
    assert "characters that XML does not allow" in fault
