"""FHIR JSON: nothing is lost, and what cannot be kept is refused with its place."""

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.errors import InvalidRequest, PayloadTooLarge
from psolink.formats.json_codec import JsonLimits, parse, render

LIMITS = JsonLimits()


def body_with(value: str) -> bytes:
    return f'{{"resourceType": "Basic", "x": {value}}}'.encode()


def parsed(value: str) -> object:
    return parse(body_with(value), limits=LIMITS)["x"]


def refusal(body: bytes, limits: JsonLimits = LIMITS) -> str:
    with pytest.raises(InvalidRequest) as refused:
        parse(body, limits=limits)
    (issue,) = refused.value.issues
    return issue.diagnostics


@pytest.mark.parametrize(
    "number",
    [
        "107.50",
        "1.00",
        "0.0",
        "-0.0",
        "1.2345678901234567890",
        "1E+2",
        "1.0E-7",
        "-1E+245",
        "1." + "0" * 33,
        "0E-10",
    ],
)
def test_a_decimal_keeps_its_digits(number: str):
    resource = parse(body_with(number), limits=LIMITS)
    assert resource["x"] == Decimal(number)
    assert isinstance(resource["x"], Decimal)
    assert str(resource["x"]) == number
    assert render(resource) == b'{"resourceType":"Basic","x":' + number.encode() + b"}"


@pytest.mark.parametrize("number", ["1e2", "0.0000001", "1.50e-3", "-0", "1E2"])
def test_a_decimal_in_another_notation_keeps_value_and_precision(number: str):
    written = render(parse(body_with(number), limits=LIMITS))
    again = json.loads(written, parse_float=Decimal, parse_int=Decimal)["x"]
    assert again.as_tuple() == Decimal(number).as_tuple()


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "9223372036854775807"])
def test_an_integer_stays_an_integer(number: str):
    assert parsed(number) == int(number)
    assert isinstance(parsed(number), int)


@pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775809", "1" * 34])
def test_an_integer_beyond_64_bits_keeps_its_digits_as_a_decimal(number: str):
    resource = parse(body_with(number), limits=LIMITS)
    assert resource["x"] == Decimal(number)
    assert isinstance(resource["x"], Decimal)
    assert number.encode() in render(resource)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        pytest.param("1" * 35, "35 significant digits; 34 can be kept", id="long integer"),
        pytest.param("-" + "1" * 36, "36 significant digits", id="long negative integer"),
        pytest.param("1." + "0" * 34, "35 significant digits", id="long decimal"),
        pytest.param("1" * 5000, "more than the 34 digits", id="very long integer"),
        pytest.param("9" * 3_000_000, "more than the 34 digits", id="huge integer"),
        pytest.param("1." + "9" * 3_000_000, "3000001 significant digits", id="huge decimal"),
        pytest.param("1e6112", "exponent", id="large exponent"),
        pytest.param("1E6112", "exponent", id="large exponent in upper case"),
        pytest.param("1e-6177", "exponent", id="small exponent"),
        pytest.param("1e999999999999999999", "exponent", id="exponent beyond any number"),
        pytest.param("1e9999999999999999999", "exponent", id="exponent beyond any decimal"),
        pytest.param("1e-9999999999999999999", "exponent", id="exponent below any decimal"),
    ],
)
def test_a_number_that_cannot_be_kept_is_refused(number: str, message: str):
    assert message in refusal(body_with(number))
    assert len(refusal(body_with(number))) < 200


def test_a_number_that_cannot_be_kept_is_refused_with_its_place():
    body = b'{"resourceType": "Basic",\n "note": "1e9999", "x": 1e9999}'
    assert "line 2, column 25" in refusal(body)


def test_leading_zeros_of_a_small_decimal_are_no_digits():
    number = "0." + "0" * 40 + "12"
    assert parsed(number) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        r"a\/b",
        r"\u00e9\u4e2d",
        r"\ud83d\ude00",
        r"\\u0000",
        r"C:\\bin\\file",
        r"tab\tline\nreturn\r",
        "\N{GRINNING FACE}\x7f",
        r"\"{[\\",
        "123456789012345678901234567890",
        "",
    ],
)
def test_a_string_means_the_same_as_before(text: str):
    expected = json.loads(f'"{text}"')
    resource = parse(body_with(f'"{text}"'), limits=LIMITS)
    assert resource["x"] == expected
    assert parse(render(resource), limits=LIMITS) == resource


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (rb'{"a": 1, "a": 1}', "the key a twice, again at line 1, column 10"),
        (b'{"a": [{"b": {}}, {"b": 1,\n  "b": 2}]}', "the key b twice, again at line 2, column 3"),
        (rb'{"x": ":,{", "y": ["x"], "\u0078": 1}', "the key x twice, again at line 1, column 26"),
        (rb'{"x": {"x": {"y": 1}}, "z": 1, "z": {}}', "the key z twice"),
        (rb'{"x": "y", "y": 1, "y": 2}', "the key y twice, again at line 1, column 20"),
        (
            b'{"' + b"k" * 99 + b'": 1, "' + b"k" * 99 + b'": 1}',
            "the key " + "k" * 40 + "... twice",
        ),
    ],
)
def test_a_key_that_comes_twice_is_refused_with_its_place(body: bytes, message: str):
    assert message in refusal(body)


def test_the_same_key_in_two_objects_is_fine():
    body = b'{"resourceType": "Basic", "a": [{"b": 1}, {"b": 1}], "b": "\\/"}'
    assert parse(body, limits=LIMITS)["a"] == [{"b": 1}, {"b": 1}]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "The body is empty", id="empty"),
        pytest.param(b" \n", "The body is empty", id="white space"),
        pytest.param(b'{"a" 1}', "malformed at line 1, column 6: expected ':'", id="no colon"),
        pytest.param(b'{"a": 1,}', "trailing comma", id="trailing comma"),
        pytest.param(b'{"a":\n 01}', "line 2, column 3: invalid number", id="leading zero"),
        pytest.param(b'{"a": 1} {}', "trailing characters", id="two bodies"),
        pytest.param(b'{"a": "x', "ends before it is complete, at line 1, column 9", id="cut off"),
        pytest.param(b'{"a": NaN}', "malformed at line 1, column 7", id="not a number"),
        pytest.param(b'{"a": -Infinity}', "malformed", id="infinity"),
        pytest.param(b"{'a': 1}", "malformed", id="single quotes"),
        pytest.param(b'{"a": "\t"}', "malformed at line 1, column 8", id="raw tab"),
        pytest.param(b'{"a": "\x00"}', "malformed at line 1, column 8", id="raw NUL"),
        pytest.param(b"\\[", "malformed at line 1, column 1", id="escape outside a string"),
        pytest.param(b'{"\xc3\xa9": "\xff"}', "0xff at line 1, column 8 is not", id="not UTF-8"),
        pytest.param(b'{"a": "\xed\xa0\x80"}', "not valid UTF-8", id="raw surrogate"),
        pytest.param(b'{"a": "\xc0\x80"}', "not valid UTF-8", id="overlong NUL"),
        pytest.param('{"a": 1}'.encode("utf-16"), "always UTF-8", id="UTF-16"),
        pytest.param(rb'{"a": "\ud800"}', "surrogate pair stands alone at line 1, col", id="high"),
        pytest.param(rb'{"a": "\udc00x"}', "surrogate pair stands alone", id="low"),
        pytest.param(rb'{"a": "\\\ud83dx"}', "alone at line 1, column 10", id="after a backslash"),
        pytest.param(rb'{"a": "\u0000"}', "control character \\u0000 at line 1, col", id="NUL"),
        pytest.param(rb'{"a": "\\\b"}', "control character \\b at line 1, column 10", id="bell"),
        pytest.param(rb'{"\u001F": 1}', "control character \\u001F", id="in a key"),
        pytest.param(b"[]", "not a JSON object", id="array"),
        pytest.param(b'"x"', "not a JSON object", id="string"),
        pytest.param(b"{}", "no resourceType", id="no resource type"),
        pytest.param(b'{"resourceType": 1}', "no resourceType", id="a number as resource type"),
    ],
)
def test_what_is_not_a_resource_in_json_is_refused(body: bytes, message: str):
    assert message in refusal(body)


def test_a_byte_order_mark_is_passed_over():
    assert parse(b'\xef\xbb\xbf{"resourceType": "Basic"}', limits=LIMITS)["resourceType"] == "Basic"


def nested(depth: int) -> bytes:
    """The object itself is the first level."""
    return body_with("[" * (depth - 1) + "]" * (depth - 1))


def test_the_depth_limit_is_exact():
    assert parse(nested(50), limits=LIMITS)["resourceType"] == "Basic"
    assert "deeper than 50 levels" in refusal(nested(51))


def test_brackets_in_strings_do_not_count_as_depth():
    text = r"{[\"{[\\" * 100
    assert parse(body_with(f'"{text}"'), limits=LIMITS)["x"] == json.loads(f'"{text}"')


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 2_000_000, id="arrays"),
        pytest.param(b'{"a":' * 1_000_000, id="objects"),
        pytest.param(nested(1_000_000), id="closed again"),
        pytest.param(b'{"a":"\\\\",' + b'"b":[{' * 500_000, id="after a backslash"),
    ],
)
def test_a_depth_bomb_is_refused(body: bytes):
    assert "deeper than 50 levels" in refusal(body)


def test_a_body_over_the_size_limit_is_refused_before_it_is_read():
    with pytest.raises(PayloadTooLarge, match="has 1,001 bytes and this server takes 1,000"):
        parse(b"[" * 1001, limits=JsonLimits(max_bytes=1000))


def test_a_body_of_exactly_the_size_limit_is_read():
    body = body_with("1")
    assert parse(body, limits=JsonLimits(max_bytes=len(body)))["x"] == 1


def test_pretty_json_is_the_same_resource():
    resource = parse(body_with('[1.50, {"y": "a\\nb"}]'), limits=LIMITS)
    pretty = render(resource, pretty=True)
    assert b'\n  "resourceType": "Basic"' in pretty
    assert parse(pretty, limits=LIMITS) == resource
    assert b"1.50" in pretty


CONTROLS = [chr(code) for code in range(32)]
JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROLS))
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.sampled_from(
    [Decimal("1E+2"), Decimal("-0.00"), Decimal("9" * 34), Decimal("1E-6176")]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | DECIMALS.filter(lambda number: len(number.as_tuple().digits) <= 34)
    | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_TEXT, inner, max_size=4),
    max_leaves=20,
)
RESOURCES = st.dictionaries(JSON_TEXT, VALUES, max_size=5).map(
    lambda resource: resource | {"resourceType": "Basic"}
)


def exactly(value: object) -> object:
    """Return the value with what equality overlooks: types, digits and the order of keys."""
    match value:
        case dict():
            return [(key, exactly(inner)) for key, inner in value.items()]
        case list():
            return [exactly(inner) for inner in value]
        case Decimal():
            return ("Decimal", value.as_tuple())
    return (type(value), value)


@settings(deadline=None)
@given(RESOURCES, st.booleans())
def test_what_is_rendered_parses_to_the_same(resource: dict[str, object], pretty: bool):
    again = parse(render(resource, pretty=pretty), limits=LIMITS)
    assert exactly(again) == exactly(resource)


@settings(deadline=None)
@given(RESOURCES)
def test_what_another_writer_escapes_parses_to_the_same(resource: dict[str, object]):
    body = json.dumps(resource, default=str, indent=1).encode()
    assert parse(body, limits=LIMITS) == json.loads(body)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_parsed_or_refused(body: bytes):
    with suppress(InvalidRequest):
        assert isinstance(parse(body, limits=LIMITS), dict)


@settings(deadline=None)
@given(RESOURCES, st.data())
def test_a_damaged_body_is_parsed_or_refused(resource: dict[str, object], data: st.DataObject):
    body = bytearray(render(resource))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(
            st.sampled_from(b'"\\{}[]:,u0d\xff')
        )
    with suppress(InvalidRequest):
        assert isinstance(parse(bytes(body), limits=LIMITS), dict)
