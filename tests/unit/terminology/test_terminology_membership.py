"""Sets of codes of which it is not always known what is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psolink.terminology import Membership
from psolink.terminology.membership import ANYTHING, NOTHING, Extent, Members

YES, NO, UNKNOWN = Membership.YES, Membership.NO, Membership.UNKNOWN
# In the order of logic, so that "and" is the least and "or" the greatest.
ORDER = [NO, UNKNOWN, YES]
CODES = ["a", "b", "c", "d"]
SOME = st.frozensets(st.sampled_from(CODES[:3]))


def extents() -> st.SearchStrategy[Extent]:
    return st.builds(
        lambda yes, rest, is_open: Extent(yes, rest - yes, is_open=is_open),
        SOME,
        SOME,
        st.booleans(),
    )


def members() -> st.SearchStrategy[Members]:
    systems = st.dictionaries(st.sampled_from(["s", "t"]), extents())
    return st.builds(Members, systems, st.sampled_from([NOTHING, ANYTHING]))


def negated(one: Membership) -> Membership:
    return ORDER[2 - ORDER.index(one)]


@pytest.mark.parametrize(
    ("extent", "expected"),
    [
        (NOTHING, [NO, NO]),
        (ANYTHING, [UNKNOWN, UNKNOWN]),
        (Extent(frozenset("a")), [YES, NO]),
        (Extent(frozenset("a"), is_open=True), [YES, UNKNOWN]),
        (Extent(rest=frozenset("a")), [UNKNOWN, NO]),
        (Extent(rest=frozenset("a"), is_open=True), [NO, UNKNOWN]),
    ],
)
def test_an_extent_judges_what_it_says(extent, expected):
    assert [extent.judge("a"), extent.judge("b")] == expected


@given(extents(), extents(), st.sampled_from(CODES))
def test_extents_combine_as_their_judgements_do(one, other, code):
    first, second = one.judge(code), other.judge(code)
    assert (one | other).judge(code) is max(first, second, key=ORDER.index)
    assert (one & other).judge(code) is min(first, second, key=ORDER.index)
    assert (one - other).judge(code) is min(first, negated(second), key=ORDER.index)


@given(members(), members(), st.sampled_from(["s", "t", "u"]), st.sampled_from(CODES))
def test_members_combine_as_their_judgements_do(one, other, system, code):
    first, second = one.judge(system, code), other.judge(system, code)
    assert (one | other).judge(system, code) is max(first, second, key=ORDER.index)
    assert (one & other).judge(system, code) is min(first, second, key=ORDER.index)
    assert (one - other).judge(system, code) is min(first, negated(second), key=ORDER.index)


@given(members())
def test_what_is_known_judges_every_code(one):
    judged = {one.judge(system, code) for system in ("s", "t", "u") for code in CODES}
    assert one.is_known == (UNKNOWN not in judged)


@pytest.mark.parametrize(
    ("elsewhere", "code", "expected"),
    [
        (NOTHING, "a", YES),
        (NOTHING, "b", NO),
        (ANYTHING, "a", YES),
        (ANYTHING, "b", UNKNOWN),
    ],
)
def test_a_code_without_a_system_is_sought_in_all(elsewhere, code, expected):
    assert Members({"s": Extent(frozenset("a"))}, elsewhere).judge_any(code) is expected
