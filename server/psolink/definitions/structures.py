"""Types and elements from the snapshots of StructureDefinitions.

https://hl7.org/fhir/R4/structuredefinition.html
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from psolink.definitions.model import Binding, Element, Invariant, Kind
from psolink.definitions.patches import ELEMENT_TYPES, SYSTEM_TYPES, mend_expression
from psolink.definitions.tables import TypeRow
from psolink.fhir_json import JsonObject

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SYSTEM = "http://hl7.org/fhirpath/System."
_FHIR_TYPE = f"{_CORE}structuredefinition-fhir-type"
_REGEX = f"{_CORE}regex"
_MAX_VALUE_SET = f"{_CORE}elementdefinition-maxValueSet"
_KINDS: dict[str, Kind] = {
    "resource": "resource",
    "complex-type": "complex",
    "primitive-type": "primitive",
}


def read_types(definitions: Iterable[JsonObject]) -> list[TypeRow]:
    """Return the types of R4 and, by path, their backbone elements."""
    structures = [each for each in definitions if each["resourceType"] == "StructureDefinition"]
    rows = {row.name: row for each in structures if _is_type(each) for row in _rows(each)}
    return [_own_invariants(row, rows) for row in rows.values()]


def element_binding(element: JsonObject) -> Binding | None:
    """Return the binding of an element or operation parameter, without the version of R4."""
    binding = element.get("binding")
    if binding is None or "valueSet" not in binding:
        return None
    widest = _extension(binding, _MAX_VALUE_SET)
    return Binding(_unversioned(binding["valueSet"]), binding["strength"], widest)


def targets(profiles: Iterable[str]) -> tuple[str, ...]:
    """Return the resource types that a reference may point at; none for any."""
    names = tuple(profile.removeprefix(_CORE) for profile in profiles)
    return () if "Resource" in names else names


def _is_type(structure: JsonObject) -> bool:
    if structure["kind"] not in _KINDS:
        return False
    # Of the constraints only those on Quantity are named as types by the elements of R4.
    return structure.get("derivation") != "constraint" or structure["type"] == "Quantity"


def _rows(structure: JsonObject) -> Iterator[TypeRow]:
    elements = structure["snapshot"]["element"]
    children = _children(elements)
    for element in elements:
        path = element["path"]
        if path in children:
            rows = tuple(_expand(children[path], children))
            is_root = "." not in path
            yield _root(structure, element, rows) if is_root else _backbone(element, rows)


def _children(elements: Iterable[JsonObject]) -> dict[str, list[JsonObject]]:
    children: dict[str, list[JsonObject]] = {}
    for element in elements:
        parent = element["path"].rpartition(".")[0]
        if parent:
            children.setdefault(parent, []).append(element)
    return children


def _root(structure: JsonObject, root: JsonObject, elements: tuple[Element, ...]) -> TypeRow:
    base = structure.get("baseDefinition")
    kind = _KINDS[structure["kind"]]
    value = _value(structure) if kind == "primitive" else {}
    return TypeRow(
        name=structure["id"],
        kind="constraint" if structure.get("derivation") == "constraint" else kind,
        base=base and base.removeprefix(_CORE),
        abstract=structure["abstract"],
        pattern=_extension(value, _REGEX),
        system_type=_system_type(structure["id"], value),
        invariants=_invariants(root),
        elements=tuple(e for e in elements if not (kind == "primitive" and e.name == "value")),
    )


def _value(structure: JsonObject) -> JsonObject:
    path = f"{structure['id']}.value"
    for element in structure["snapshot"]["element"]:
        if element["path"] == path:
            found: JsonObject = element["type"][0]
            return found
    raise ValueError(f"the primitive {structure['id']} has no value")


def _system_type(name: str, value: JsonObject) -> str | None:
    if not value:
        return None
    return SYSTEM_TYPES.get(name) or str(value["code"]).removeprefix(_SYSTEM)


def _backbone(element: JsonObject, elements: tuple[Element, ...]) -> TypeRow:
    return TypeRow(
        name=element["path"],
        kind="backbone",
        base=element["type"][0]["code"],
        invariants=_invariants(element),
        elements=elements,
    )


def _expand(
    elements: Iterable[JsonObject], children: dict[str, list[JsonObject]]
) -> Iterator[Element]:
    for element in elements:
        if element["max"] == "0":
            continue
        if element["path"] in children:
            yield _element(element, element["path"], {})
        elif "contentReference" in element:
            yield _element(element, element["contentReference"].removeprefix("#"), {})
        else:
            for declared in element["type"]:
                yield _element(element, _type_name(element, declared), declared)


def _type_name(element: JsonObject, declared: JsonObject) -> str:
    code: str = declared["code"]
    if not code.startswith(_SYSTEM):
        return code
    mended = ELEMENT_TYPES.get(element["base"]["path"])
    return mended or _extension(declared, _FHIR_TYPE) or "string"


def _element(element: JsonObject, type_name: str, declared: JsonObject) -> Element:
    path: str = element["path"]
    name = path.rpartition(".")[2]
    choice = name.removesuffix("[x]") if name.endswith("[x]") else None
    profiles = [each.removeprefix(_CORE) for each in declared.get("profile", ())]
    return Element(
        name=choice + type_name[0].upper() + type_name[1:] if choice else name,
        type=type_name,
        min=element["min"],
        max=None if element["max"] == "*" else int(element["max"]),
        choice_of=choice,
        targets=targets(declared.get("targetProfile", ())),
        profile=profiles[0] if profiles else None,
        binding=element_binding(element),
        is_modifier=element.get("isModifier", False),
        is_summary=element.get("isSummary", False),
        is_xml_attribute="xmlAttr" in element.get("representation", ()),
        invariants=_invariants(element),
    )


def _invariants(element: JsonObject) -> tuple[Invariant, ...]:
    return tuple(
        Invariant(rule["key"], rule["severity"], mend_expression(rule["expression"]))
        for rule in element.get("constraint", ())
    )


def _own_invariants(row: TypeRow, rows: dict[str, TypeRow]) -> TypeRow:
    """Return the row with only those invariants that neither its base nor a type declares."""
    inherited = _declared(row.base, rows)
    return replace(
        row,
        invariants=tuple(rule for rule in row.invariants if rule not in inherited),
        elements=tuple(
            replace(element, invariants=_beyond_type(element, rows)) for element in row.elements
        ),
    )


def _beyond_type(element: Element, rows: dict[str, TypeRow]) -> tuple[Invariant, ...]:
    declared = _declared(element.type, rows)
    return tuple(rule for rule in element.invariants if rule not in declared)


def _declared(name: str | None, rows: dict[str, TypeRow]) -> set[Invariant]:
    found: set[Invariant] = set()
    while name is not None:
        found.update(rows[name].invariants)
        name = rows[name].base
    return found


def _unversioned(canonical: str) -> str:
    return canonical.partition("|")[0]


def _extension(element: JsonObject, url: str) -> str | None:
    """Return the value of an extension; those that are read here have strings as values."""
    for extension in element.get("extension", ()):
        if extension["url"] == url:
            return next(str(value) for key, value in extension.items() if key != "url")
    return None
