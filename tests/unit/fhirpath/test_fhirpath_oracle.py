"""What another engine finds in the same resources; where it differs, the table says why."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from fhirpathpy import compile as compile_elsewhere
from fhirpathpy.models import models
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.fhirpath.conftest import OBSERVATION, PATIENT

from psolink.artifacts import artifact_dir
from psolink.fhirpath import FhirPathError, resource_node
from psolink.fhirpath.nodes import Amount

EXPRESSIONS = [
    "id",
    "meta.profile",
    "Patient.name.given",
    "name.given.count()",
    "name.family.exists()",
    "name.where(use = 'usual').text",
    "name.given.distinct().count()",
    "identifier.value | identifier.system",
    "identifier.select(value).first()",
    "identifier.where(system = 'urn:a').value",
    "entry.resource.id",
    "entry.resource.ofType(AdverseEvent).subject.reference",
    "entry.count()",
    "entry.fullUrl.all(startsWith('urn:uuid:'))",
    "component.code.text",
    "component.value.ofType(string)",
    "value.ofType(Quantity).value",
    "value.ofType(Quantity).unit",
    "code.coding.code",
    "code.coding.where(system = 'http://loinc.org').code",
    "contained.name",
    "contained.id",
    "birthDate",
    "birthDate = @1974-12-25",
    "birthDate < @1980",
    "birthDate + 1 month",
    "deceased",
    "gender = 'female'",
    "gender.length()",
    "extension.url.count()",
    "name.use.isDistinct()",
    "children().count()",
    "descendants().count() > 3",
    "descendants().where($this is Coding).code",
    "repeat(children()).where($this is Reference).count()",
    "name.first().family.upper()",
    "name.given.first().substring(1)",
    "name.skip(1).use",
    "name.tail().exists()",
    "name.take(1).use",
    "generalPractitioner.reference.where(matches('^Practitioner/'))",
    "meta.security.code",
    "subject.exists() implies subject.reference.exists()",
    "status in ('final' | 'amended')",
    "identifier.aggregate($total + 1, 0)",
    "iif(active, 'yes', 'no')",
    "active and gender.exists()",
    "active.not()",
    "multipleBirth + 1",
    "multipleBirth * 2.5",
    "multipleBirth / 4",
    "7 mod multipleBirth",
    "(1 | 2 | 3).intersect(2 | 3).count()",
    "(1 | 2).exclude(2)",
    "1 'g' = 1000 'mg'",
    "1.5.round(0)",
    "2.power(3)",
    "'a-b'.replace('-', '+')",
    "'a,b'.split(',')",
    "'12'.toInteger() + 1",
    "@2016-02-29 + 1 year",
    "@T10:30 < @T10:31",
    "@2018-03 > @2018-03-01",
    "(1 > 2) is Boolean",
    "(1 | 1) is Integer",
]
TWICE = "it counts a primitive with an extension twice"
DIFFERENT_EVERYWHERE = {
    "children().count()": "it takes the property resourceType for an element",
}
DIFFERENT = {
    ("patient", "Patient.name.given"): TWICE,
    ("patient", "name.given.count()"): TWICE,
    ("patient", "name.given.distinct().count()"): TWICE,
    ("patient", "birthDate"): TWICE,
}


def resources() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "patient", PATIENT
    yield "observation", OBSERVATION
    for path in sorted((artifact_dir("profiles") / "psolink" / "examples").glob("*.json")):
        yield path.stem, json.loads(path.read_bytes())


RESOURCES = dict(resources())


@cache
def elsewhere(expression: str) -> Any:
    return compile_elsewhere(expression, models["r4"])


def plain(value: Any) -> Any:
    if isinstance(value, Amount):
        return str(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return round(float(value), 6)
    return value if isinstance(value, bool | dict) else str(value)


def theirs(resource: dict[str, Any], expression: str) -> Any:
    return [plain(getattr(each, "asStr", each)) for each in elsewhere(expression)(resource)]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("name", RESOURCES)
def test_another_engine_agrees_unless_the_table_says_why_not(compiler, name, expression):
    resource = RESOURCES[name]
    try:
        found = compiler.compile(expression)(resource_node(resource))
    except FhirPathError as error:
        pytest.fail(str(error))
    ours = [plain(each.value) for each in found if each.value is not None]
    agrees = ours == theirs(resource, expression)
    is_known = expression in DIFFERENT_EVERYWHERE or (name, expression) in DIFFERENT
    assert agrees is not is_known, (ours, theirs(resource, expression))


WORDS = st.sampled_from(["a", "B", "ab", " ", "é", "official", "usual"])
NAMES = st.fixed_dictionaries(
    {}, optional={"use": WORDS, "family": WORDS, "given": st.lists(WORDS, min_size=1, max_size=4)}
)
PATIENTS = st.fixed_dictionaries(
    {"resourceType": st.just("Patient"), "id": st.just("a")},
    optional={
        "name": st.lists(NAMES.filter(bool), min_size=1, max_size=3),
        "active": st.booleans(),
        "birthDate": st.sampled_from(["1974", "1974-12", "1974-12-25", "1980-02-29"]),
        "multipleBirthInteger": st.integers(0, 9),
    },
)
OF_GENERATED = [
    "name.given",
    "name.given.distinct()",
    "name.where(use = 'usual').given",
    "name.select(given | family)",
    "name.given.where($this.length() > 1)",
    "name.all(given.count() > 1)",
    "name.use.isDistinct()",
    "name.family.exists() and active",
    "active or name.exists()",
    "active implies name.exists()",
    "birthDate < @1974-12-26",
    "birthDate = @1974-12",
    "birthDate + 1 year",
    "multipleBirth + 1 > name.count()",
    "multipleBirth mod 4",
    "name.tail().given.skip(1)",
    "name.family.intersect(name.given)",
    "name.given.aggregate($total & $this, '')",
]


@pytest.mark.parametrize("expression", OF_GENERATED)
@settings(max_examples=25, deadline=None)
@given(resource=PATIENTS)
def test_another_engine_agrees_on_generated_patients(compiler, expression, resource):
    found = compiler.compile(expression)(resource_node(resource))
    assert [plain(each.value) for each in found] == theirs(resource, expression)
