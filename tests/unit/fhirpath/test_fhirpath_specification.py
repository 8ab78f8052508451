"""The specification of FHIRPath, section by section; the cases are in specification.cases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.fhirpath.conftest import PATIENT

from psolink.fhirpath import Environment, FhirPathError, resource_node

NOW = datetime(2024, 2, 29, 10, 30, tzinfo=UTC)
ERROR = "ERROR"


def cases() -> Iterator[tuple[str, str, str]]:
    """Yield the name of each case, its expression and what it finds."""
    section = ""
    for line in Path(__file__).with_name("specification.cases").read_text().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            number, _, case = line.partition(" ")
            expression, _, expected = case.rpartition(" ==>")
            yield f"{section}: {number}", expression, expected.strip()


CASES = list(cases())


def shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("name", "expression", "expected"), CASES, ids=[each[0] for each in CASES])
def test_the_specification_holds(compiler, name, expression, expected):
    environment = Environment(now=NOW)
    if expected == ERROR:
        with pytest.raises(FhirPathError):
            compiler.compile(expression)(resource_node(PATIENT), environment=environment)
        return
    found = compiler.compile(expression)(resource_node(PATIENT), environment=environment)
    assert " | ".join(shown(each.value) for each in found) == expected


def test_there_are_enough_cases_and_each_has_its_own_name():
    assert len({each[0] for each in CASES}) == len(CASES) > 300
    assert sum(each[2] == ERROR for each in CASES) > 40
