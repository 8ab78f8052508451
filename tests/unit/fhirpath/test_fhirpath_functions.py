from decimal import Decimal

import pytest

from psolink.fhirpath import FhirPathError, resource_node

EXISTENCE = [
    ("name.exists()", True),
    ("photo.exists()", False),
    ("name.exists(use = 'usual')", True),
    ("name.exists(use = 'old')", False),
    ("photo.empty()", True),
    ("name.empty()", False),
    ("name.all(given.exists())", True),
    ("name.all(family.exists())", False),
    ("photo.all(false)", True),
    ("(true | false).allTrue()", False),
    ("(true | false).anyTrue()", True),
    ("(true | false).allFalse()", False),
    ("(true | false).anyFalse()", True),
    ("{}.allTrue()", True),
    ("('a' | 'b').subsetOf('a' | 'b' | 'c')", True),
    ("('a' | 'd').subsetOf('a' | 'b')", False),
    ("('a' | 'b').supersetOf('a')", True),
    ("name.given.count()", 4),
    ("name.given.distinct().count()", 3),
    ("name.given.isDistinct()", False),
    ("name.use.isDistinct()", True),
    ("active.not()", False),
    ("gender.not()", False),
    ("identifier.value.hasValue()", False),
    ("identifier[0].value.hasValue()", True),
    ("identifier[0].hasValue()", False),
    ("'x'.hasValue()", True),
    ("birthDate.getValue() = @1974-12-25", True),
]
SELECTION = [
    ("name.where(given contains 'Sue').use", "official"),
    ("name.select(given.first())", ["Ann", "Ann"]),
    ("name.select($index)", [0, 1]),
    ("name.first().use", "official"),
    ("name.last().use", "usual"),
    ("name.tail().use", "usual"),
    ("name.given.skip(2)", ["Sue", "Ann"]),
    ("name.given.take(1)", "Ann"),
    ("name.given.take(-1)", []),
    ("name.given.skip(0).count()", 4),
    ("name.where(use = 'usual').single().text", "Annie"),
    ("('a' | 'b').intersect('b' | 'c')", "b"),
    ("('a' | 'b' | 'c').exclude('b')", ["a", "c"]),
    ("'a' | 'b' | 'a'", ["a", "b"]),
    ("'a'.union('a')", "a"),
    ("'a'.combine('a')", ["a", "a"]),
    ("1 | 1.0 | 2", [1, 2]),
    ("contained.repeat(children()).count()", 2),
    ("(1 | 2 | 3).aggregate($this + $total, 0)", 6),
    ("identifier.aggregate(iif($total.empty(), value, $total & '-' & value))", "1-2"),
    ("name.trace('names').use", ["official", "usual"]),
    ("name.given.ofType(string).count()", 4),
]
CONVERSION = [
    ("iif(active, 'yes', 'no')", "yes"),
    ("iif(false, 'yes')", []),
    ("iif({}, 1, 2)", 2),
    ("'12'.toInteger()", 12),
    ("'x'.toInteger()", []),
    ("true.toInteger()", 1),
    ("'1.50'.toDecimal()", Decimal("1.50")),
    ("'yes'.toBoolean()", True),
    ("'0'.toBoolean()", False),
    ("'maybe'.toBoolean()", []),
    ("1.toString()", "1"),
    ("true.toString()", "true"),
    ("birthDate.toString()", "1974-12-25"),
    ("'12'.convertsToInteger()", True),
    ("'1x'.convertsToInteger()", False),
    ("'1.5'.convertsToDecimal()", True),
    ("{}.convertsToInteger()", []),
    ("'f'.convertsToBoolean()", True),
]
STRINGS = [
    ("'abc'.length()", 3),
    ("'abc'.indexOf('c')", 2),
    ("'abc'.indexOf('x')", -1),
    ("'abcd'.substring(1, 2)", "bc"),
    ("'abcd'.substring(2)", "cd"),
    ("'abcd'.substring(9)", []),
    ("'abc'.startsWith('ab')", True),
    ("'abc'.startsWith('')", True),
    ("'abc'.endsWith('ab')", False),
    ("'abc'.contains('b')", True),
    ("'aBc'.upper()", "ABC"),
    ("'aBc'.lower()", "abc"),
    ("'abcab'.replace('ab', 'x')", "xcx"),
    ("'ab'.toChars()", ["a", "b"]),
    ("'a1'.matches('^[a-z][0-9]$')", True),
    ("'Library/x'.matches('Library')", True),
    ("'library/x'.matches('^Library$')", False),
    (r"'2020-01'.replaceMatches('[0-9]+', 'n')", "n-n"),
    ("{}.startsWith('a')", []),
    ("'a'.startsWith({})", []),
]
TYPES = [
    ("$this is Patient", True),
    ("$this is DomainResource", True),
    ("$this is Observation", False),
    ("$this.is(FHIR.Patient)", True),
    ("gender is code", True),
    ("gender is string", True),
    ("gender is String", False),
    ("gender is System.String", False),
    ("'x' is String", True),
    ("1 is Integer", True),
    ("active.ofType(boolean)", True),
    ("(birthDate as date) = @1974-12-25", True),
    ("birthDate.as(dateTime)", []),
    ("{} is Patient", []),
    ("contact is BackboneElement", []),
]
ANSWERS = EXISTENCE + SELECTION + CONVERSION + STRINGS + TYPES


@pytest.mark.parametrize(("expression", "expected"), ANSWERS, ids=[each[0] for each in ANSWERS])
def test_a_function_answers(values, expression, expected):
    assert values(expression) == (expected if isinstance(expected, list) else [expected])


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("name.single()", id="single() of two"),
        pytest.param("name is HumanName", id="is of two"),
        pytest.param("name.as(HumanName)", id="as() of two"),
        pytest.param("name.given.upper()", id="a string function of several"),
        pytest.param("active.upper()", id="a string function of a boolean"),
        pytest.param("'a'.substring('1')", id="a string as a position"),
        pytest.param("name.where(given)", id="a condition of several items"),
        pytest.param("('a' | true).allTrue()", id="allTrue() of a string"),
        pytest.param("(name | name).not()", id="not() of several"),
    ],
)
def test_input_that_a_function_cannot_take_is_an_error(values, expression):
    with pytest.raises(FhirPathError):
        values(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("generalPractitioner.where(resolve() is Practitioner).reference", ["Practitioner/dr"]),
        ("generalPractitioner.where(resolve() is Organization).count()", [1]),
        ("generalPractitioner.where(resolve() is PractitionerRole).count()", [1]),
        ("generalPractitioner.where(resolve() is Resource).count()", [3]),
        ("managingOrganization.resolve().name", ["Ward 5"]),
        ("managingOrganization.where(resolve() is Organization).exists()", [True]),
    ],
)
def test_resolve_knows_the_type_of_a_reference_without_fetching(values, expression, expected):
    assert values(expression) == expected


@pytest.mark.parametrize("expression", ["name", "children()", "descendants()", "extension.url"])
def test_the_content_of_what_is_not_fetched_is_an_error_and_not_empty(values, expression):
    with pytest.raises(FhirPathError, match="not fetched"):
        values(f"generalPractitioner.first().resolve().{expression}")


def test_an_extension_is_found_by_its_url(values):
    assert values("birthDate.extension('urn:time').exists()") == [True]
    assert values("birthDate.extension('urn:other').exists()") == [False]
    assert values("birthDate.hasExtension('urn:time')") == [True]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("name.given.single()", "single takes one item, found 3 (at offset 11)"),
        ("name.exists() and name.given", "and takes one item, found 3 (at offset 14)"),
        ("1 + 'a'", "(at offset 2)"),
        ("2 > (1 = 1)", "cannot compare number with bool (at offset 2)"),
        ("name.first().given.first() + (1 + 'a')", "(at offset 32)"),
        ("gender.substring('a')", "substring takes an integer, found System.String (at offset 7)"),
        ("name.given[gender]", "[] takes an integer, found code"),
        ("name.where(given = 1 + @2020).use", "(at offset 21)"),
        ("-gender", "the sign - is only for numbers and quantities (at offset 0)"),
        ("name as HumanName", "as takes one item, found 2 (at offset 5)"),
    ],
)
def test_what_goes_wrong_says_where_and_what_was_expected(compiler, expression, said):
    patient = {
        "resourceType": "Patient",
        "gender": "female",
        "name": [{"given": ["Ann", "Sue"]}, {"given": ["Annie"]}],
    }
    with pytest.raises(FhirPathError) as refused:
        compiler.compile(expression)(resource_node(patient))
    assert said in str(refused.value)
    assert str(refused.value).count("at offset") == 1
