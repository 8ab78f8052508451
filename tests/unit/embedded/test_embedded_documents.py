from bson import Binary, Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.embedded.documents import decode_fields, encode
from psolink.embedded.storable import body_of

NAMES = st.text("abé", max_size=2)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.floats(allow_nan=False), st.text(max_size=5), st.binary(max_size=5),
    st.integers(-(2**31), 2**31 - 1), st.just(Int64(5)), st.just(Decimal128("1.10")),
    st.just(Binary(b"x" * 16, 4)), st.just(ObjectId(b"x" * 12)), st.just(DatetimeMS(-5)),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=6), st.frozensets(NAMES, max_size=3))
def test_some_fields_are_read_as_all_would_be(document, names):
    found = decode_fields(body_of(document), frozenset(name.encode() for name in names))
    expected = {name: value for name, value in document.items() if name in names}
    assert encode(found) == encode(expected)
