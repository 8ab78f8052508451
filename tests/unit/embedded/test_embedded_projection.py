import pytest

from psolink.embedded.errors import Code, CommandError
from psolink.embedded.projection import compile_projection

DOCUMENT = {"_id": 1, "a": 1, "b": {"c": 1, "d": {"e": 2}}, "f": [{"x": 1, "y": 2}, 3, [{"x": 4}]]}
PROJECTIONS = [
    ({"a": 1}, {"_id": 1, "a": 1}),
    ({"a": True, "_id": 0}, {"a": 1}),
    ({"_id": 1}, {"_id": 1}),
    ({"_id": 0}, {"a": 1, "b": DOCUMENT["b"], "f": DOCUMENT["f"]}),
    ({"zz": 1}, {"_id": 1}),
    ({"a": 0, "f": 0}, {"_id": 1, "b": DOCUMENT["b"]}),
    ({"b.c": 1, "_id": 0}, {"b": {"c": 1}}),
    ({"b.d.e": 0, "f": 0, "a": 0}, {"_id": 1, "b": {"c": 1, "d": {}}}),
    ({"f.x": 1, "_id": 0}, {"f": [{"x": 1}, [{"x": 4}]]}),
    ({"f.x": 0, "a": 0, "b": 0}, {"_id": 1, "f": [{"y": 2}, 3, [{}]]}),
    ({"a.z": 1, "_id": 0}, {}),
    ({"a.z": 0, "b": 0, "f": 0}, {"_id": 1, "a": 1}),
    ({"f": 1, "a": 1, "_id": 0}, {"a": 1, "f": DOCUMENT["f"]}),
]


@pytest.mark.parametrize(("projection", "expected"), PROJECTIONS, ids=str)
def test_a_projection_leaves_what_it_names(projection, expected):
    project = compile_projection(projection)
    assert project is not None
    result = project(DOCUMENT)
    assert result == expected
    assert list(result) == list(expected)


def test_no_projection_leaves_everything():
    assert compile_projection({}) is None


REFUSED = [
    ({"a": 1, "b": 0}, Code.Location31254),
    ({"a": 0, "b": 1}, Code.Location31253),
    ({"a": {"$slice": 1}}, Code.NotImplemented),
    ({"a": "$b"}, Code.NotImplemented),
    ({"a.$": 1}, Code.BadValue),
    ({"a": 1, "a.b": 1}, Code.Location31249),
    ({"a.b": 1, "a": 1}, Code.Location31250),
]


@pytest.mark.parametrize(("projection", "code"), REFUSED, ids=str)
def test_a_projection_that_is_not_supported_is_refused(projection, code):
    with pytest.raises(CommandError) as refusal:
        compile_projection(projection)
    assert refusal.value.code == code
