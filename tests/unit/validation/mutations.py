"""Single-point changes of sound resources: those that R4 forbids, and those that it does not mind.

An operator looks at one place, of which the tables of R4 say what may stand there, and returns what
it would put in place of the object that holds it; None where it has nothing to do. That what it puts
there is forbidden, or allowed, follows from the operator alone.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from psolink.definitions import Definitions, Element
from psolink.fhir_json import JsonObject

EXTENSION: JsonObject = {"url": "http://example.org/remark", "valueString": "seen"}


@dataclass(frozen=True, slots=True)
class Place:
    """A property of an object in a resource, as the tables know it."""

    owner: JsonObject
    owner_type: str
    element: Element
    definitions: Definitions

    @property
    def value(self) -> Any:
        return self.owner[self.element.name]

    @property
    def has_companion(self) -> bool:
        return f"_{self.element.name}" in self.owner

    @property
    def is_primitive(self) -> bool:
        return self.definitions.types[self.element.type].kind == "primitive"

    def with_value(self, value: object) -> JsonObject:
        return self.owner | {self.element.name: value}


Operator = Callable[[Place, Random], JsonObject | None]


def places(resource: JsonObject, definitions: Definitions) -> Iterator[Place]:
    """Yield every place in a resource that holds an element."""
    yield from _places(resource, resource["resourceType"], definitions)


def _places(owner: JsonObject, type_name: str, definitions: Definitions) -> Iterator[Place]:
    elements = definitions.types[type_name].elements
    for name, value in owner.items():
        element = elements.get(name)
        if element is None:
            continue
        yield Place(owner, type_name, element, definitions)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                inner = each.get("resourceType") or element.profile or element.type
                yield from _places(each, inner, definitions)


def changed(
    resource: JsonObject, definitions: Definitions, operator: Operator, random: Random
) -> JsonObject | None:
    """Return the resource with one place changed, None where the operator fits none."""
    mutant = deepcopy(resource)
    found = list(places(mutant, definitions))
    random.shuffle(found)
    for place in found:
        replaced = operator(place, random)
        if replaced is not None:
            place.owner.clear()
            place.owner.update(replaced)
            return mutant
    return None


def without(owner: JsonObject, *names: str) -> JsonObject:
    return {name: value for name, value in owner.items() if name not in names}


# What R4 forbids.

_SYSTEM_NUMBERS = ("decimal", "integer", "positiveInt", "unsignedInt")
_BAD_FORMS = {
    "base64Binary": ("@@@", "AAA"),
    "canonical": ("http://a b",),
    "code": (" a", "a  b"),
    "date": ("2023-02-30", "2023-13", "yesterday", "2023-01-01T10:00:00Z"),
    "dateTime": ("2023-02-30", "2023-01-01T10:00:00", "10:00", "2023-01-01T25:00:00Z"),
    "id": ("a b", "a_b", "x" * 65),
    "instant": ("2023-01-01", "2023-01-01T10:00:00", "2023-02-29T10:00:00Z"),
    "oid": ("1.2.3", "urn:oid:1.02"),
    "time": ("10:00", "24:00:00"),
    "uri": ("http://a b", "urn:uuid:a"),
    "url": ("http://a b",),
    "uuid": ("urn:uuid:a",),
}
_OUT_OF_RANGE = {
    "integer": 2**31,
    "positiveInt": 0,
    "unsignedInt": -1,
}


def _single(place: Place) -> bool:
    return place.is_primitive and not place.element.is_list and place.element.type != "xhtml"


def wrong_json_type(place: Place, random: Random) -> JsonObject | None:
    if not _single(place):
        return None
    if place.element.type == "boolean" or place.element.type in _SYSTEM_NUMBERS:
        return place.with_value(random.choice(["true", "1", [], {}]))
    return place.with_value(random.choice([5, True, 1.5, {"value": "a"}]))


def unknown_element(place: Place, _random: Random) -> JsonObject:
    return place.owner | {"notOfR4": "a"}


def required_element_removed(place: Place, _random: Random) -> JsonObject | None:
    element = place.element
    if element.min == 0 or place.has_companion:
        return None
    return without(place.owner, element.name)


def code_out_of_its_set(place: Place, _random: Random) -> JsonObject | None:
    binding = place.element.binding
    if binding is None or binding.strength != "required":
        return None
    if place.definitions.codes(binding.value_set) is None:
        return None
    if place.element.type == "code" and not place.element.is_list:
        return place.with_value("not-of-this-set")
    if place.element.type == "CodeableConcept" and not place.element.is_list:
        return place.with_value({"coding": [{"system": "http://a.org", "code": "not-of-it"}]})
    return None


def wrong_form(place: Place, random: Random) -> JsonObject | None:
    forms = _BAD_FORMS.get(place.element.type)
    if forms is None or not _single(place):
        return None
    # The id of an element is a string that only may not have white space.
    if place.element.name == "id" and place.definitions.types[place.owner_type].kind != "resource":
        return place.with_value("a b")
    return place.with_value(random.choice(forms))


def number_out_of_range(place: Place, _random: Random) -> JsonObject | None:
    number = _OUT_OF_RANGE.get(place.element.type)
    return place.with_value(number) if number is not None and _single(place) else None


def emptied(place: Place, _random: Random) -> JsonObject:
    value = place.value
    empty: object = "" if not isinstance(value, list | dict) else type(value)()
    return place.with_value(empty)


def nulled(place: Place, _random: Random) -> JsonObject:
    return without(place.owner, f"_{place.element.name}") | {place.element.name: None}


def list_for_one_or_one_for_a_list(place: Place, _random: Random) -> JsonObject:
    value = place.value
    return place.with_value(value[0] if isinstance(value, list) else [value])


def wrong_target(place: Place, random: Random) -> JsonObject | None:
    element = place.element
    if element.type != "Reference" or not element.targets or element.is_list:
        return None
    others = sorted(place.definitions.resource_types - {*element.targets})
    return place.with_value({"reference": f"{random.choice(others)}/a"}) if others else None


def choice_twice(place: Place, _random: Random) -> JsonObject | None:
    if place.element.choice_of is None:
        return None
    choices = place.definitions.types[place.owner_type].choices[place.element.choice_of]
    others = [each for each in choices if each is not place.element and each.type in _SAMPLES]
    return place.owner | {others[0].name: _SAMPLES[others[0].type]} if others else None


_SAMPLES: dict[str, object] = {
    "boolean": True,
    "string": "a",
    "dateTime": "2026",
    "date": "2026",
    "uri": "http://a.org",
    "canonical": "http://a.org",
    "integer": 1,
    "CodeableConcept": {"text": "a"},
    "Quantity": {"value": 1},
    "Period": {"start": "2026"},
    "Reference": {"display": "a"},
    "Range": {"low": {"value": 1}},
}


def extension_without_url(place: Place, _random: Random) -> JsonObject | None:
    if "extension" not in place.definitions.types[place.owner_type].elements:
        return None
    if place.owner_type == "Extension":
        return None
    return place.owner | {"extension": [{"valueString": "a"}]}


def extension_with_both(place: Place, _random: Random) -> JsonObject | None:
    if "extension" not in place.definitions.types[place.owner_type].elements:
        return None
    if place.owner_type == "Extension":
        return None
    return place.owner | {"extension": [EXTENSION | {"extension": [EXTENSION]}]}


def companion_of_no_primitive(place: Place, _random: Random) -> JsonObject | None:
    if place.is_primitive:
        return None
    return place.owner | {f"_{place.element.name}": {"extension": [EXTENSION]}}


def companions_that_do_not_align(place: Place, _random: Random) -> JsonObject | None:
    if not place.is_primitive or not place.element.is_list:
        return None
    companions = [{"id": "a"}] * (len(place.value) + 1)
    return place.owner | {f"_{place.element.name}": companions}


def unknown_resource_type(place: Place, _random: Random) -> JsonObject | None:
    if place.definitions.types[place.owner_type].kind != "resource":
        return None
    return place.owner | {"resourceType": f"{place.owner_type}s"}


def script_in_the_narrative(place: Place, _random: Random) -> JsonObject | None:
    if place.element.type != "xhtml" or "</div>" not in place.value:
        return None
    return place.with_value(place.value.replace("</div>", "<script>a()</script></div>", 1))


FORBIDDEN: tuple[Operator, ...] = (
    wrong_json_type,
    unknown_element,
    required_element_removed,
    code_out_of_its_set,
    wrong_form,
    number_out_of_range,
    emptied,
    nulled,
    list_for_one_or_one_for_a_list,
    wrong_target,
    choice_twice,
    extension_without_url,
    extension_with_both,
    companion_of_no_primitive,
    companions_that_do_not_align,
    unknown_resource_type,
    script_in_the_narrative,
)


# What R4 does not mind.


def _is_extensible(place: Place) -> bool:
    return "extension" in place.definitions.types[place.owner_type].elements


def extended(place: Place, _random: Random) -> JsonObject | None:
    if not _is_extensible(place) or place.owner_type == "Extension":
        return None
    return place.owner | {"extension": [*place.owner.get("extension", ()), EXTENSION]}


def primitive_extended(place: Place, _random: Random) -> JsonObject | None:
    if not _single(place) or place.element.is_xml_attribute or place.has_companion:
        return None
    return place.owner | {f"_{place.element.name}": {"id": "a", "extension": [EXTENSION]}}


def given_an_id(place: Place, _random: Random) -> JsonObject | None:
    kind = place.definitions.types[place.owner_type].kind
    # Rules of R4 look at the ids of the elements of a StructureDefinition.
    if kind == "resource" or place.owner_type in ("ElementDefinition", "ImplementationGuide"):
        return None
    return place.owner | {"id": "of-this"} if "id" not in place.owner else None


def reordered(place: Place, random: Random) -> JsonObject:
    names = list(place.owner)
    random.shuffle(names)
    return {name: place.owner[name] for name in names}


def tagged(place: Place, _random: Random) -> JsonObject | None:
    if place.element.type != "Meta":
        return None
    tag = {"system": "http://example.org/tags", "code": "seen"}
    return place.with_value(place.value | {"tag": [*place.value.get("tag", ()), tag]})


def coded_twice(place: Place, _random: Random) -> JsonObject | None:
    if place.element.name != "coding" or place.owner_type != "CodeableConcept":
        return None
    return place.with_value([*place.value, {"system": "http://example.org/codes", "code": "x-y"}])


def reworded(place: Place, _random: Random) -> JsonObject | None:
    is_words = place.element.name in ("display", "text") and place.element.type == "string"
    return place.with_value(" 漢字, \t<b>é</b> & more ") if is_words else None


def referred_by_url(place: Place, _random: Random) -> JsonObject | None:
    if place.element.type != "Reference" or place.element.is_list:
        return None
    literal = place.value.get("reference", "")
    is_plain = literal.count("/") == 1 and ":" not in literal
    if not is_plain or "type" in place.value:
        return None
    return place.with_value(place.value | {"reference": f"https://example.org/fhir/{literal}"})


ALLOWED: tuple[Operator, ...] = (
    extended,
    primitive_extended,
    given_an_id,
    reordered,
    tagged,
    coded_twice,
    reworded,
    referred_by_url,
)
