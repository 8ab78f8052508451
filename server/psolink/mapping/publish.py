"""Publish the dictionaries as FHIR: Questionnaires, code systems and concept maps.

`python -m psolink.mapping.publish` writes them into profiles/common-formats/.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.mapping.concept_maps import ConceptMap
from psolink.mapping.dictionary import Dictionary, Element, Option
from psolink.mapping.library import Library, load_library
from psolink.mapping.questionnaires import questionnaire
from psolink.mapping.systems import ANSWER, ELEMENT

COPYRIGHT = (
    "The Common Formats are published by the Agency for Healthcare Research and Quality. Labels are "
    "PSOLink's own. This content refers to LOINC (https://loinc.org), which is copyright © "
    "Regenstrief Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) "
    "Committee and is available at no cost under the license at https://loinc.org/license."
)
_COMMON: JsonObject = {
    "status": "active",
    "experimental": False,
    "publisher": "PSOLink",
    "copyright": COPYRIGHT,
}


def artefacts(library: Library) -> Iterator[JsonObject]:
    """Yield every resource that is published of the mapping data."""
    for form in library.dictionary.forms:
        yield questionnaire(form) | _COMMON
    yield _answers(library.dictionary) | _COMMON
    yield _elements(library.dictionary) | _COMMON
    for concept_map in library.concept_maps:
        yield _concept_map(concept_map) | _COMMON


def files(library: Library) -> Mapping[str, str]:
    """Return the content of each published file by its name."""
    return {
        f"{each['resourceType']}-{each['id']}.json": render(each) for each in artefacts(library)
    }


def render(resource: JsonObject) -> str:
    """Return the resource as it stands in a file."""
    return msgspec.json.format(msgspec.json.encode(resource), indent=2).decode() + "\n"


def write(folder: Path, library: Library) -> None:
    """Write the published files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files(library).items():
        (folder / name).write_text(content, encoding="utf-8")


def _code_system(url: str, title: str, description: str) -> JsonObject:
    name = url.rpartition("/")[2]
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": url,
        "version": "1.2",
        "name": "".join(word.capitalize() for word in name.split("-")),
        "title": title,
        "description": description,
        "caseSensitive": True,
        # The formats have more forms, and with them more codes, than are established here.
        "content": "fragment",
    }


def _answers(dictionary: Dictionary) -> JsonObject:
    options: dict[str, Option] = {}
    for element in dictionary.elements.values():
        for option in element.options:
            if option.system == ANSWER:
                known = options.get(option.code)
                options[option.code] = option if known is None or known.loinc is None else known
    description = "The answer codes of the Common Formats. Their official URL is not established."
    return _code_system(ANSWER, "Common Formats answers", description) | {
        "property": [_property("loinc", "The LOINC answer code")],
        "concept": [
            _concept(option.code, option.label, loinc=option.loinc)
            for option in sorted(options.values(), key=lambda option: int(option.code[1:]))
        ],
    }


def _elements(dictionary: Dictionary) -> JsonObject:
    description = (
        "The data elements of the Common Formats. Their official URL is not established, and codes "
        "that begin with local- are PSOLink's own."
    )
    return _code_system(ELEMENT, "Common Formats data elements", description) | {
        "property": [
            _property("loinc", "The LOINC code of the question"),
            _property("confidence", "How well the id is established"),
        ],
        "concept": [
            _concept(each.id, each.label, loinc=each.loinc, confidence=each.confidence)
            for each in sorted(dictionary.elements.values(), key=_by_number)
        ],
    }


def _by_number(element: Element) -> tuple[bool, int, str]:
    number = element.id.removeprefix("DE")
    is_local = not number.isdigit()
    return (is_local, 0 if is_local else int(number), element.id)


def _property(code: str, description: str) -> JsonObject:
    uri = f"{CANONICAL}/common-formats-property#{code}"
    return {"code": code, "uri": uri, "description": description, "type": "string"}


def _concept(code: str, display: str, **properties: str | None) -> JsonObject:
    concept: JsonObject = {"code": code, "display": display}
    found = [{"code": name, "valueString": value} for name, value in properties.items() if value]
    return concept | {"property": found} if found else concept


def _concept_map(concept_map: ConceptMap) -> JsonObject:
    name = f"common-formats-{concept_map.name}"
    return {
        "resourceType": "ConceptMap",
        "id": name,
        "url": f"{CANONICAL}/ConceptMap/{name}",
        "version": "1.2",
        "name": "".join(word.capitalize() for word in name.split("-")),
        "title": concept_map.title,
        "group": [
            {
                "source": ANSWER,
                "target": concept_map.target,
                "element": [
                    {
                        "code": each.source,
                        "target": [
                            {
                                "code": each.code,
                                "display": each.display,
                                "equivalence": each.equivalence,
                            }
                        ],
                    }
                    for each in concept_map.translations.values()
                ],
            }
        ],
    }


def main() -> int:
    """Write the files of the shipped mapping data and return the exit code."""
    folder = artifact_dir("mappings") / "common-formats" / "v1.2"
    library = load_library(folder, load_definitions())
    write(artifact_dir("profiles") / "common-formats", library)
    return 0


if __name__ == "__main__":
    sys.exit(main())
