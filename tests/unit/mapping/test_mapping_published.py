"""What profiles/common-formats/ holds is what the mapping data says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from psolink.artifacts import artifact_dir
from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper
from psolink.mapping.dictionary import Clause
from psolink.mapping.publish import artefacts, files, write
from psolink.mapping.questionnaires import questionnaire

FOLDER = artifact_dir("profiles") / "common-formats"
COMMITTED = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}


def item_of(mapper: Mapper, form: int, link_id: str) -> JsonObject:
    items = questionnaire(mapper.library.dictionary.forms[form])["item"]
    everything = [*items, *(inner for each in items for inner in each.get("item", []))]
    found: list[JsonObject] = [each for each in everything if each["linkId"] == link_id]
    return found[0]


def test_the_committed_files_are_the_generated_ones(mapper: Mapper):
    generated = files(mapper.library)
    assert generated.keys() == COMMITTED.keys()
    stale = [name for name, content in generated.items() if content != COMMITTED[name]]
    assert not stale, "run `python -m psolink.mapping.publish`"


def test_writing_makes_the_folder(tmp_path: Path, mapper: Mapper):
    write(tmp_path / "new", mapper.library)
    assert {path.name for path in (tmp_path / "new").iterdir()} == COMMITTED.keys()


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_a_published_file_is_valid(name: str):
    resource = json.loads(COMMITTED[name])
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_every_question_and_answer_is_in_a_code_system(mapper: Mapper):
    systems = {
        each["url"]: {concept["code"] for concept in each["concept"]}
        for each in artefacts(mapper.library)
        if each["resourceType"] == "CodeSystem"
    }
    for element in mapper.library.dictionary.elements.values():
        assert any(element.id in codes for codes in systems.values())
        for option in element.options:
            assert option.code in systems.get(option.system, {option.code})


def test_one_code_has_one_label(mapper: Mapper):
    labels: dict[tuple[str, str], set[str]] = {}
    for element in mapper.library.dictionary.elements.values():
        for option in element.options:
            labels.setdefault((option.system, option.code), set()).add(option.label)
    assert [code for code, found in labels.items() if len(found) > 1] == []


def test_link_ids_are_unique_within_a_form(mapper: Mapper):
    for form in mapper.library.dictionary.forms:
        items = questionnaire(form)["item"]
        names = [each["linkId"] for each in items]
        names += [inner["linkId"] for each in items for inner in each.get("item", [])]
        assert len(names) == len(set(names))


def test_enable_when_asks_only_for_questions_of_the_form(mapper: Mapper):
    for form in mapper.library.dictionary.forms:
        own = {element.id for element in form.elements}
        for element in form.elements:
            item = item_of(mapper, mapper.library.dictionary.forms.index(form), element.id)
            assert {each["question"] for each in item.get("enableWhen", [])} <= own


@pytest.mark.parametrize(
    ("form", "link_id", "conditions", "behavior"),
    [
        pytest.param(
            0, "DE9", [("DE3", "=", "A3"), ("DE3", "=", "A6")], "any", id="one of several"
        ),
        pytest.param(0, "DE46", [("DE3", "=", "A3")], None, id="one alone"),
        pytest.param(
            0,
            "local-perinatal-neonate",
            [("DE3", "=", "A3"), ("DE21", "=", "A57")],
            "all",
            id="one of each of two questions",
        ),
        pytest.param(
            1,
            "DE336",
            [
                ("DE288", "!=", "A1263"),
                ("DE288", "!=", "UNK"),
                ("DE288", "!=", "A1260"),
                ("DE270", "!=", "A1206"),
                ("DE273", "!=", "A1221"),
            ],
            "all",
            id="none of several, and nothing of another form",
        ),
        pytest.param(1, "DE270", [], None, id="always"),
    ],
)
def test_skip_logic_is_published(
    form: int,
    link_id: str,
    conditions: list[tuple[str, str, str]],
    behavior: str | None,
    mapper: Mapper,
):
    item = item_of(mapper, form, link_id)
    found = [
        (each["question"], each["operator"], each["answerCoding"]["code"])
        for each in item.get("enableWhen", [])
    ]
    assert (found, item.get("enableBehavior")) == (conditions, behavior)


def test_a_condition_that_r4_cannot_say_is_left_out(mapper: Mapper):
    herf = mapper.library.dictionary.forms[0]
    mixed = (
        Clause("DE3", ("A3", "A6"), excludes=False),
        Clause("DE21", ("A48", "A57"), excludes=False),
    )
    changed = replace(herf, elements=(*herf.elements[:-1], replace(herf.elements[-1], when=mixed)))
    assert "enableWhen" not in questionnaire(changed)["item"][-1]


def test_medication_details_repeat_up_to_five_times(mapper: Mapper):
    group = item_of(mapper, 1, "medication-details")
    assert group["repeats"] is True
    assert group["extension"][0]["valueInteger"] == 5
    assert len(group["item"]) == 11
