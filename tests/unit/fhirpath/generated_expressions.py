"""Random expressions of FHIRPath, and random resources that are not valid."""

from decimal import Decimal

from hypothesis import strategies as st
from tests.unit.fhirpath.conftest import PATIENT

from psolink.fhir_json import JsonObject
from psolink.fhirpath.functions import FUNCTIONS
from psolink.fhirpath.functions.function import Takes

ATOMS = st.sampled_from(
    [
        *("1", "0", "2147483647", "-2147483648", "1.5", "0.0", "99999999999.5", "true", "{}"),
        *("'a'", "''", "'12'", "'true'", "'1 \\'mg\\''", "'2020-01-01T10:00:00Z'", "'(a+)+b'"),
        *("@2020", "@2020-02-29", "@9999-12-31", "@0001-01-01", "@T10:00", "@T23:59:59.999"),
        *("@2020-01-01T10:00:00Z", "@2020-01-01T10:00", "@2020-01-01T10:00:00.123+14:00"),
        *("4 'mg'", "37 'Cel'", "3 days", "1 year", "1 'foo'", "'\\uD834\\uDD1E'", "'[a-'"),
        *("$this", "$index", "$total", "%resource", "%context", "%rootResource", "%ucum", "%x"),
        *("name", "name.given", "gender", "birthDate", "active", "extension", "multipleBirth"),
        *("telecom.rank", "text.div", "contained", "descendants()", "children()", "%x.first()"),
        *("(1|2|3)", "('a'|'b')", "(1|'a'|@2020|4 'mg')", "Patient", "Resource", "id"),
    ]
)
OPERATORS = st.sampled_from(
    [
        "+",
        "-",
        "*",
        "/",
        "div",
        "mod",
        "&",
        "|",
        "=",
        "!=",
        "~",
        "!~",
        "<",
        ">",
        "<=",
        ">=",
        "and",
        "or",
        "xor",
        "implies",
        "in",
        "contains",
    ]
)
TYPES = st.sampled_from(
    [
        "string",
        "Patient",
        "System.String",
        "FHIR.code",
        "Quantity",
        "System.Quantity",
        "HumanName",
        "Element",
    ]
)
MEMBERS = st.sampled_from(
    ["given", "family", "value", "code", "system", "extension", "url", "use", "id", "name"]
)


@st.composite
def call(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    function = FUNCTIONS[name]
    count = draw(st.integers(function.least, min(function.most, 3)))
    kind = TYPES if function.takes is Takes.TYPE else inner
    arguments = ", ".join(draw(kind) for _ in range(count))
    return f"{draw(inner)}.{name}({arguments})"


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        call(inner),
        call(inner),
        st.builds("({} {} {})".format, inner, OPERATORS, inner),
        st.builds("{}.{}".format, inner, MEMBERS),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["is", "as"]), TYPES),
        st.builds("-({})".format, inner),
    )


expressions = st.recursive(ATOMS, larger, max_leaves=12)

_KEYS = st.sampled_from(
    [
        "name",
        "telecom",
        "birthDate",
        "_birthDate",
        "contained",
        "extension",
        "text",
        "meta",
        "gender",
        "multipleBirthInteger",
        "deceasedDateTime",
        "identifier",
        "managingOrganization",
        "contact",
        "resourceType",
    ]
)
_INNER_KEYS = st.sampled_from(
    [
        "given",
        "_given",
        "family",
        "value",
        "code",
        "system",
        "extension",
        "url",
        "use",
        "valueQuantity",
        "valueString",
        "start",
        "reference",
        "resourceType",
        "id",
        "comparator",
    ]
)
_SCALARS = st.sampled_from(
    [
        *(None, True, False, 0, -5, 10**30, Decimal("1.5"), Decimal("-0.0"), Decimal("1E+400")),
        *("", "a", "x" * 50, "2020-13-45", "2020-01-01T25:61:00Z", "T10", "http://a", "#b", "😀"),
    ]
)
junk = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_INNER_KEYS, inner, max_size=4),
    max_leaves=8,
)


def _spoiled(changes: dict[str, object]) -> JsonObject:
    return PATIENT | changes | {"resourceType": "Patient"}


resources = st.builds(_spoiled, st.dictionaries(_KEYS, junk, max_size=3))
variables = st.one_of(
    st.sampled_from([None, True, 0, Decimal("1e30"), "2020-02", [1, "a"], "1 mg"]),
    st.fixed_dictionaries({"type": TYPES, "value": junk}),
    resources,
)
PIECES = st.sampled_from(
    [*"()[]{}.,|&=~<>+-*/@%$'`\"\\ \n#;é\x00", "is", "as", "T", "//", "/*", "\\u", "'''", "9" * 30]
)
FRAGMENTS = st.one_of(PIECES, ATOMS, OPERATORS)
texts = st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=12).map("".join))
