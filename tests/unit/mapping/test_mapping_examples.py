"""The shipped examples, whole: what they become is reviewed data."""

import json
from collections.abc import Callable

import pytest
from fhir.resources.R4B import get_fhir_model_class
from tests.unit.mapping.reports import extract

from psolink.artifacts import artifact_dir
from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper

EXAMPLES = artifact_dir("mappings") / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))


def example(name: str) -> JsonObject:
    content: JsonObject = json.loads((EXAMPLES / f"{name}.json").read_text())
    return content


@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_the_reviewed_bundle(
    name: str, mapper: Mapper, golden: Callable[[str, str], None]
):
    bundle = extract(mapper, example(name)).bundle()
    golden(f"mapping/{name}.json", json.dumps(bundle, indent=2) + "\n")


@pytest.mark.parametrize("name", NAMES)
def test_what_an_example_becomes_is_valid(name: str, mapper: Mapper):
    # R4B differs from R4 in none of the types that are derived.
    for _, resource in extract(mapper, example(name)).resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_a_valid_response(name: str):
    get_fhir_model_class("QuestionnaireResponse").model_validate(example(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_gives_what_a_reader_looks_for(name: str, mapper: Mapper):
    resources = extract(mapper, example(name)).resources
    wanted = {"identifier", "actuality", "category", "event", "subject", "suspectEntity"}
    assert wanted <= resources[0][1].keys()
    types = [resource["resourceType"] for _, resource in resources]
    assert (types[0], types[-1]) == ("AdverseEvent", "Provenance")


def test_the_same_report_in_the_same_context_gives_the_same(mapper: Mapper):
    first, second = (extract(mapper, example(NAMES[0])).bundle() for _ in range(2))
    assert first == second


def test_the_report_is_not_changed(mapper: Mapper):
    response = example(NAMES[0])
    extract(mapper, response)
    assert response == example(NAMES[0])
