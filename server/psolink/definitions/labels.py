"""What the conformance resources of R4 need besides the other tables: their names and labels."""

from collections.abc import Iterable, Iterator

from psolink.definitions.model import Labels
from psolink.definitions.patches import NOT_OF_R4, mend_expression
from psolink.fhir_json import JsonObject


def read_labels(definitions: Iterable[JsonObject], type_names: Iterable[str]) -> Labels:
    """Return the labels of the types named, of operations and of compartments."""
    known = [each for each in definitions if each.get("url") not in NOT_OF_R4]
    by_id = {each["id"]: each for each in known if each["resourceType"] == "StructureDefinition"}
    structures = [by_id[name] for name in sorted(type_names) if name in by_id]
    return Labels(
        statuses={each["id"]: each["status"] for each in structures},
        elements=dict(_elements(structures)),
        invariants=dict(sorted(_invariants(structures))),
        names={
            each["url"]: each["name"]
            for each in sorted(known, key=lambda each: str(each.get("url")))
            if each["resourceType"] in ("CompartmentDefinition", "OperationDefinition")
        },
    )


def _elements(structures: Iterable[JsonObject]) -> Iterator[tuple[str, str]]:
    """Yield the short label of each element that is not inherited as it is."""
    inherited: dict[str, str] = {}
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            if element["path"] == element["base"]["path"]:
                inherited[element["path"]] = element["short"]
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            if inherited.get(element["base"]["path"]) != element["short"] or (
                element["path"] == element["base"]["path"]
            ):
                yield element["path"], element["short"]


def _invariants(structures: Iterable[JsonObject]) -> Iterator[tuple[str, str]]:
    """Yield what each expression demands, in words."""
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            for rule in element.get("constraint", ()):
                yield mend_expression(rule["expression"]), rule["human"]
