import pytest

from psolink.embedded import ordering
from psolink.embedded.errors import CommandError
from psolink.embedded.index_keys import KeyPattern
from psolink.embedded.ordering import EMPTY_ARRAY_KEY, NULL_KEY


def pattern(*paths):
    return KeyPattern.of(tuple((path, 1) for path in paths))


def joined(*values):
    return b"".join(value if isinstance(value, bytes) else ordering.key(value) for value in values)


KEYS = [
    (["a"], {"a": 1}, {joined(1)}, set()),
    (["a"], {}, {NULL_KEY}, set()),
    (["a"], {"a": [1, 2, 1]}, {joined(1), joined(2)}, {"a"}),
    (["a"], {"a": []}, {EMPTY_ARRAY_KEY}, {"a"}),
    (["a"], {"a": [[1]]}, {joined([1])}, {"a"}),
    (["a.b"], {"a": [{"b": 1}, {}, 5]}, {joined(1), NULL_KEY}, {"a"}),
    (["a.b"], {"a": []}, {NULL_KEY}, {"a"}),
    (["a.b"], {"a": 5}, {NULL_KEY}, set()),
    (["a.b"], {"a": [{"b": [1, 2]}]}, {joined(1), joined(2)}, {"a", "a.b"}),
    (["t", "a.b", "a.c"], {"t": "x", "a": [{"b": 1, "c": 2}, {"c": 3}]},
     {joined("x", 1, 2), joined("x", NULL_KEY, 3)}, {"a"}),
    (["a", "a.b"], {"a": [{"b": 1}]}, {joined({"b": 1}, 1)}, {"a"}),
    (["a.b.c", "a.d"], {"a": [{"b": [{"c": 1}, {"c": 2}], "d": 3}]},
     {joined(1, 3), joined(2, 3)}, {"a", "a.b"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "document", "keys", "arrays"), KEYS, ids=[str(each[:2]) for each in KEYS]
)
def test_each_element_of_an_array_gives_a_key(paths, document, keys, arrays):
    assert pattern(*paths).keys(document) == (keys, arrays)


def test_two_arrays_in_one_key_are_refused():
    with pytest.raises(CommandError, match="parallel arrays") as refusal:
        pattern("a", "b").keys({"a": [1], "b": [2]})
    assert refusal.value.code == 171


def test_a_sort_takes_the_least_element_upwards_and_the_greatest_downwards():
    up, down = pattern("a"), KeyPattern.of((("a", -1),))
    assert up.sort_key({"a": [5, 1]}) == up.sort_key({"a": 1})
    assert down.sort_key({"a": [5, 1]}) == down.sort_key({"a": 5})


def test_a_sort_by_two_arrays_is_refused():
    with pytest.raises(CommandError) as refusal:
        pattern("a", "b").sort_key({"a": [1], "b": [2]})
    assert refusal.value.code == 2
