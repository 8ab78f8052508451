import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.search.conditions import all_of, any_of

CONDITIONS = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), min_size=1),
    min_size=1,
    max_size=4,
)
ITEMS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


@settings(deadline=None)
@given(conditions=CONDITIONS, item=ITEMS)
def test_a_combination_holds_where_one_condition_does(matcher, conditions, item):
    expected = any(matcher(each, item) for each in conditions)
    assert matcher(any_of(conditions), item) is expected


@settings(deadline=None)
@given(conditions=CONDITIONS, item=ITEMS)
def test_a_conjunction_holds_where_all_conditions_do(matcher, conditions, item):
    expected = all(matcher(each, item) for each in conditions)
    assert matcher(all_of(conditions), item) is expected


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([{"a": "x"}], {"a": "x"}),
        ([{"a": "x"}, {"a": "x"}], {"a": "x"}),
        ([{"a": "y"}, {"a": "x"}], {"a": {"$in": ["x", "y"]}}),
        ([{"a": "x", "b": "y"}, {"a": "x", "b": "z"}], {"a": "x", "b": {"$in": ["y", "z"]}}),
        ([{"a": "x"}, {"b": "y"}], {"$or": [{"a": "x"}, {"b": "y"}]}),
        ([{"a": {"$gt": 1}}, {"a": {"$lt": 0}}], {"$or": [{"a": {"$gt": 1}}, {"a": {"$lt": 0}}]}),
    ],
)
def test_what_conditions_share_is_said_once(conditions, expected):
    assert any_of(conditions) == expected
