"""Diagnostics stay short, whatever the client sent."""

from decimal import Decimal

import pytest

from psolink.validation.wording import article, listed, nearest, show


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "the boolean true"),
        (Decimal("1.50"), "the number 1.50"),
        ("x" * 40, '"' + "x" * 40 + '"'),
        ("x" * 41, '"' + "x" * 40 + '..."'),
        ("a\n\tb\u00a0", '"a\\n\\tb\\u00a0"'),
        ("Größe 漢", '"Größe 漢"'),
        ([1, 2], "an array of 2"),
        ({"a": 1}, "an object"),
    ],
)
def test_a_value_is_shown_short(value: object, shown: str):
    assert show(value) == shown


def test_up_to_eight_names_are_listed_in_order():
    assert listed("hgfedcba") == "a, b, c, d, e, f, g, h"
    assert listed("ihgfedcba") == "a, b, c, d, e, f, g, h and 1 more"


@pytest.mark.parametrize(
    ("name", "meant"), [("Gender", "gender"), ("birthdate", "birthDate"), ("xyz", None)]
)
def test_the_nearest_name_is_found_whatever_its_case(name: str, meant: str | None):
    assert nearest(name, {"gender", "birthDate", "name"}) == meant


def test_a_very_long_name_is_compared_with_none():
    assert nearest("a" * 65, {"a" * 64}) is None


def test_the_article_fits_the_noun():
    assert (article("Observation"), article("Patient")) == ("an Observation", "a Patient")
