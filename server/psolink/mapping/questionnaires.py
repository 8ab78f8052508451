"""A form of the Common Formats as a Questionnaire.

https://hl7.org/fhir/R4/questionnaire.html
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.mapping.dictionary import Clause, Element, Form, Group, Option
from psolink.mapping.systems import ELEMENT, LOINC

_MAX_OCCURS = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs"
_TYPES: Mapping[str, str] = MappingProxyType(
    {"string": "string", "text": "text", "date": "date", "time": "time", "choice": "choice"}
)


def questionnaire(form: Form) -> JsonObject:
    """Return the Questionnaire of a form; the linkIds are the ids of the data elements."""
    name = f"common-formats-{form.name.lower()}-{form.version.replace('.', '-')}"
    return {
        "resourceType": "Questionnaire",
        "id": name,
        "url": f"{CANONICAL}/Questionnaire/{name}",
        "version": form.version,
        "name": f"CommonFormats{form.name}{form.version.replace('.', '')}",
        "title": f"Common Formats V{form.version}: {form.title}",
        "subjectType": ["Patient"],
        "code": [{"system": LOINC, "code": form.loinc}],
        "item": _items(form),
    }


def _items(form: Form) -> list[JsonObject]:
    own = {element.id: element for element in form.elements}
    groups = {group.id: _group_item(group) for group in form.groups}
    items: list[JsonObject] = []
    for element in form.elements:
        if element.group is None:
            items.append(_item(element, own))
            continue
        group = groups[element.group]
        if group not in items:
            items.append(group)
        group["item"].append(_item(element, own))
    return items


def _group_item(group: Group) -> JsonObject:
    return {
        "extension": [{"url": _MAX_OCCURS, "valueInteger": group.max}],
        "linkId": group.id,
        "code": [{"system": LOINC, "code": group.loinc}],
        "text": group.label,
        "type": "group",
        "repeats": True,
        "item": [],
    }


def _item(element: Element, own: Mapping[str, Element]) -> JsonObject:
    item: JsonObject = {
        "linkId": element.id,
        "code": [{"system": ELEMENT, "code": element.id}],
        "text": element.label,
        "type": "open-choice" if element.other else _TYPES[element.type],
    }
    if element.loinc is not None:
        item["code"].append({"system": LOINC, "code": element.loinc})
    item |= _enable_when(element.when, own)
    if element.min > 0:
        item["required"] = True
    if element.max is None or element.max > 1:
        item["repeats"] = True
    if element.options:
        item["answerOption"] = [{"valueCoding": _coding(option)} for option in element.options]
    return item


def _coding(option: Option) -> JsonObject:
    return {"system": option.system, "code": option.code, "display": option.label}


def _enable_when(clauses: Sequence[Clause], own: Mapping[str, Element]) -> JsonObject:
    """Return what R4 can say of a condition: all of the clauses or any of them, within one form.

    Codes to exclude must all be absent, and of codes to include one is enough. Both together, as
    several includes of several codes, cannot be said; such a condition is left to the server.
    """
    here = [clause for clause in clauses if clause.element in own]
    conditions = [
        {
            "question": clause.element,
            "operator": "!=" if clause.excludes else "=",
            "answerCoding": _coding(_option(own[clause.element], code)),
        }
        for clause in here
        for code in clause.codes
    ]
    if len(conditions) < 2:  # noqa: PLR2004 - one condition needs no behaviour
        return {"enableWhen": conditions} if conditions else {}
    needs_any = any(not clause.excludes and len(clause.codes) > 1 for clause in here)
    if needs_any and len(here) > 1:
        return {}
    return {"enableWhen": conditions, "enableBehavior": "any" if needs_any else "all"}


def _option(element: Element, code: str) -> Option:
    option = element.option(code)
    if option is None:
        raise LookupError(f"{element.id} has no answer {code}")
    return option
