"""A mapping file that does not hold together is refused at load, with the place and the fault."""

import shutil
from pathlib import Path

import pytest

from psolink.artifacts import artifact_dir
from psolink.definitions import Definitions, load_definitions
from psolink.mapping import Mapper, MappingBroken

SHIPPED = artifact_dir("mappings") / "common-formats" / "v1.2"
RULES = "rules/1-adverse-event.yaml"
COMPANION = "rules/2-medication.yaml"
HERF = "dictionary/herf.yaml"
ACTUALITY = "concept-maps/actuality.yaml"


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "v1.2"))


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("mistake", "place", "fault"),
    [
        pytest.param(
            (RULES, "using: event_identifier", "using: evnt"),
            f"{RULES}, rule 1",
            "evnt",
            id="an unknown function",
        ),
        pytest.param(
            (RULES, "to: recordedDate", "to: recordDate"),
            f"{RULES}, rule 2",
            "did you mean recorded",
            id="an element that R4 does not have",
        ),
        pytest.param(
            (RULES, "to: recordedDate", "to: event.code"),
            f"{RULES}, rule 2",
            "CodeableConcept has no",
            id="an element that the type does not have",
        ),
        pytest.param(
            (RULES, "from: DE30", "from: DE31"),
            f"{RULES}, rule 2",
            "DE31",
            id="an element that no dictionary has",
        ),
        pytest.param(
            (RULES, "to: recordedDate, using: date", "to: event, using: date"),
            f"{RULES}, rule 2",
            "date makes dateTime, and AdverseEvent.event is CodeableConcept",
            id="a function that makes another type",
        ),
        pytest.param(
            (RULES, "from: DE30", "from: DE3"),
            f"{RULES}, rule 2",
            "date reads date, and DE3 is choice",
            id="a function that reads another type",
        ),
        pytest.param(
            (RULES, "using: date}", "with: date}"),
            f"{RULES}: rule 2",
            "with: Unknown field",
            id="an unknown word in a rule",
        ),
        pytest.param(
            (RULES, "to: identifier, ", ""),
            f"{RULES}: rule 1, to",
            "Missing data",
            id="a rule without its target",
        ),
        pytest.param(
            (RULES, "target: AdverseEvent", "target: AdverseEvents"),
            f"{RULES}, rule 1",
            "no resource type of R4",
            id="an unknown resource type",
        ),
        pytest.param(
            (RULES, "target: AdverseEvent", "target: Flag"),
            RULES,
            "Flag has no element",
            id="the elements of another resource type",
        ),
        pytest.param(
            (RULES, "{from: DE6,", "{from: DE7,"),
            f"{RULES}, kept 2",
            "DE7",
            id="an unknown element under kept",
        ),
        pytest.param(
            (RULES, "{from: DE6,", "{from: DE15,"),
            "rules",
            "names DE6",
            id="an element that is neither mapped nor kept",
        ),
        pytest.param(
            (COMPANION, "for_each: medication-details", "for_each: devices"),
            COMPANION,
            "devices",
            id="an unknown group",
        ),
        pytest.param(
            (COMPANION, "for_each: medication-details\n", ""),
            COMPANION,
            "both for_each and",
            id="a companion without a group",
        ),
        pytest.param(
            (COMPANION, "suspectEntity.instance", "event"),
            COMPANION,
            "no Reference",
            id="a reference where there can be none",
        ),
        pytest.param(
            (HERF, "    label: Event identifier", "    lable: Event identifier"),
            f"{HERF}: element 1",
            "lable: Unknown field",
            id="an unknown word in a dictionary",
        ),
        pytest.param(
            (HERF, "id: DE2\n", "id: EV2\n"),
            f"{HERF}: element 1, id",
            "DE and a number",
            id="an id that is no id",
        ),
        pytest.param(
            (HERF, "type: string", "type: choice"),
            f"{HERF}: element 1, answer",
            "a choice has answers",
            id="a choice without answers",
        ),
        pytest.param(
            (HERF, "code: A6,", "code: A3,"),
            f"{HERF}: element 3, answer",
            "the same code",
            id="two answers with one code",
        ),
        pytest.param(
            (HERF, "other: A66", "other: A67"),
            f"{HERF}: element 9, other",
            "no answer",
            id="a free text without its answer",
        ),
        pytest.param(
            (HERF, "in: [A3, A6]}", "in: [A3], not_in: [A6]}"),
            f"{HERF}: element 4, when 1",
            "either `in` or `not_in`",
            id="a condition of two minds",
        ),
        pytest.param(
            (HERF, "{element: DE3, in: [A3, A6]}", "{element: DE3, in: [A5]}"),
            f"{HERF}, DE9, when",
            "DE3 has no answer A5",
            id="a condition on an answer that there is not",
        ),
        pytest.param(
            (HERF, "{element: DE3, in: [A3, A6]}", "{element: DE4, in: [A3]}"),
            f"{HERF}, DE9, when",
            "no dictionary has an element DE4",
            id="a condition on an unknown element",
        ),
        pytest.param(
            (HERF, "label: Event identifier", "label: Event id"),
            HERF,
            "differently",
            id="an element that two forms describe differently",
        ),
        pytest.param(
            (COMPANION, "AdverseEvent.suspectEntity.instance", "AdverseEvent"),
            COMPANION,
            "names a resource type and no element",
            id="a reference in no element",
        ),
        pytest.param(
            (
                HERF,
                "    label: Event identifier",
                "    group: devices\n    label: Event identifier",
            ),
            f"{HERF}, DE2",
            "differently",
            id="an element of a group in one form only",
        ),
        pytest.param(
            (HERF, "id: DE9\n", "id: DE9\n    group: devices\n"),
            f"{HERF}, DE9",
            "no group devices",
            id="a group that the form does not have",
        ),
        pytest.param(
            (HERF, "title:", "form: again\ntitle:"),
            HERF,
            "the same key twice: form",
            id="the same key twice",
        ),
        pytest.param((HERF, "elements:", "elements: ["), HERF, "expected", id="broken YAML"),
        pytest.param(
            (ACTUALITY, "to: actual,", "to: factual,"),
            f"{RULES}, rule 4",
            "leads to factual, and AdverseEvent.actuality takes actual, potential",
            id="a code outside of a required binding",
        ),
        pytest.param(
            (ACTUALITY, "from: A6", "from: A3"),
            ACTUALITY,
            "translated twice",
            id="one code translated twice",
        ),
        pytest.param(
            (ACTUALITY, "equivalence: wider", "equivalence: about"),
            f"{ACTUALITY}: code 2",
            "Must be",
            id="an unknown equivalence",
        ),
    ],
)
def test_load_refuses(
    mistake: tuple[str, str, str],
    place: str,
    fault: str,
    folder: Path,
    definitions: Definitions,
):
    change(folder, *mistake)
    with pytest.raises(MappingBroken) as caught:
        Mapper.load(folder, definitions)
    assert place in str(caught.value)
    assert fault in str(caught.value)


@pytest.mark.parametrize("kind", ["dictionary", "rules", "concept-maps"])
def test_load_refuses_a_folder_without_files(kind: str, folder: Path, definitions: Definitions):
    shutil.rmtree(folder / kind)
    with pytest.raises(MappingBroken, match=f"{kind}: there is no"):
        Mapper.load(folder, definitions)


def test_load_refuses_companions_before_the_event(folder: Path, definitions: Definitions):
    (folder / COMPANION).rename(folder / "rules" / "0-medication.yaml")
    with pytest.raises(MappingBroken, match="the first file is for AdverseEvent"):
        Mapper.load(folder, definitions)


def test_load_refuses_a_file_that_is_not_text(folder: Path, definitions: Definitions):
    (folder / RULES).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MappingBroken, match="1-adverse-event"):
        Mapper.load(folder, definitions)


def test_load_reads_a_folder_that_holds_together(folder: Path, definitions: Definitions):
    assert Mapper.load(folder, definitions).library.dictionary.elements
