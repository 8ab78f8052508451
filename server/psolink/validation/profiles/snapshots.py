"""The snapshot of a profile: every element of its type, with what the profiles say of it.

https://hl7.org/fhir/R4/profiling.html#snapshot

It has the rules and not the words of R4: `short` and `definition` are only where a profile
brings them.
"""

from collections.abc import Iterator

from psolink.definitions import Definitions, Element, TypeDefinition
from psolink.fhir_json import JsonObject
from psolink.validation.profiles.rules import CORE, Rules


def snapshot_elements(definitions: Definitions, tree: Rules) -> list[JsonObject]:
    """Return the elements of the snapshot in the order of R4, slices behind what they slice."""
    root = {"id": tree.name, "path": tree.name, "min": 0, "max": "*"} | tree.said
    return [root, *_children(definitions, tree.name, tree, tree.name, tree.name)]


def _children(
    definitions: Definitions, type_name: str, rules: Rules, element_id: str, path: str
) -> Iterator[JsonObject]:
    definition = definitions.types.get(type_name)
    if definition is None:
        return
    done: set[str] = set()
    for element in definition.elements.values():
        name = f"{element.choice_of}[x]" if element.choice_of else element.name
        if name not in done:
            done.add(name)
            base = _base(definition, element)
            said = rules.children.get(name, Rules(name))
            yield from _element(definitions, said, base, f"{element_id}.{name}", f"{path}.{name}")


def _element(
    definitions: Definitions, rules: Rules, base: JsonObject, element_id: str, path: str
) -> Iterator[JsonObject]:
    here = base | rules.said | {"id": element_id, "path": path}
    yield here
    types = here.get("type", ())
    is_backbone = path in definitions.types
    if rules.children or (is_backbone and rules.slice_name is None):
        inner = path if is_backbone else str(types[0]["code"]) if len(types) == 1 else ""
        yield from _children(definitions, inner, rules, element_id, path)
    plain = {name: value for name, value in base.items() if name != "min"} | {"min": 0}
    for name, each in rules.slices.items():
        slice_id = f"{element_id.partition(':')[0] if rules.slice_name else element_id}:{name}"
        sliced = plain | {"sliceName": name}
        yield from _element(definitions, each, sliced, slice_id, path)


def _base(definition: TypeDefinition, element: Element) -> JsonObject:
    group = definition.choices.get(element.choice_of or "", (element,))
    found: JsonObject = {
        "min": element.min,
        "max": "*" if element.max is None else str(element.max),
        "type": [_type(each) for each in group],
    }
    if element.binding is not None:
        binding = element.binding
        found["binding"] = {"strength": binding.strength, "valueSet": binding.value_set}
    if element.is_modifier:
        found["isModifier"] = True
    if element.is_summary:
        found["isSummary"] = True
    return found


def _type(element: Element) -> JsonObject:
    code = "BackboneElement" if "." in element.type else element.type
    found: JsonObject = {"code": code}
    if element.targets:
        found["targetProfile"] = [f"{CORE}{each}" for each in element.targets]
    if element.profile:
        found["profile"] = [f"{CORE}{element.profile}"]
    return found
