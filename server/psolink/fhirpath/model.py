"""What the engine needs to know of R4: the children and the kinds of each type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psolink.definitions.model import Definitions, Element
from psolink.fhirpath.errors import FhirPathError

SYSTEM_TYPES = frozenset(
    {"Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"}
)

TYPE_INFO = "System.TypeInfo"


@dataclass(frozen=True, slots=True)
class Member:
    """One JSON property of a type. `name` is the FHIRPath name, `value` for `valueString`.

    `sibling` is the property with the id and the extensions of a primitive, None for other types.
    """

    name: str
    key: str
    sibling: str | None
    type: str
    is_resource: bool


Members = Mapping[str, Sequence[Member]]


class Model:
    """Answers about types, each found out once."""

    def __init__(self, definitions: Definitions) -> None:
        self._types = definitions.types
        self._members: dict[str, Members] = {TYPE_INFO: _members_of_type_info()}
        self._by_key: dict[str, Mapping[str, Member]] = {}
        self._kinds: dict[str, frozenset[str]] = {}
        self.element_names = _element_names(definitions) | {"value", "namespace", "name"}

    def members(self, type_name: str) -> Members:
        """Return the children of a type by FHIRPath name; a choice has several."""
        found = self._members.get(type_name)
        if found is None:
            found = self._members[type_name] = self._load_members(type_name)
        return found

    def by_key(self, type_name: str) -> Mapping[str, Member]:
        """Return the children of a type by JSON property, that with the underscore included."""
        found = self._by_key.get(type_name)
        if found is None:
            members = [each for some in self.members(type_name).values() for each in some]
            found = {each.key: each for each in members}
            found |= {each.sibling: each for each in members if each.sibling is not None}
            self._by_key[type_name] = found
        return found

    def kinds(self, type_name: str) -> frozenset[str]:
        """Return the type and all that it specializes."""
        found = self._kinds.get(type_name)
        if found is None:
            found = self._kinds[type_name] = self._load_kinds(type_name)
        return found

    def system_type(self, type_name: str) -> str | None:
        """Return the System type that values of the type convert to, None for complex types."""
        if type_name.startswith("System."):
            return type_name.removeprefix("System.")
        if "Quantity" in self.kinds(type_name):
            return "Quantity"
        definition = self._types.get(type_name)
        return definition.system_type if definition is not None else None

    def is_primitive(self, type_name: str) -> bool:
        """Return whether it is a primitive type of FHIR."""
        definition = self._types.get(type_name)
        return definition is not None and definition.kind == "primitive"

    def is_type(self, type_name: str) -> bool:
        """Return whether it is a type of FHIR."""
        return type_name in self._types

    def is_abstract(self, type_name: str) -> bool:
        """Return whether values are always of a type that specializes this one."""
        definition = self._types.get(type_name)
        return definition is not None and definition.abstract

    def starts_path(self, name: str) -> bool:
        """Return whether a path that begins with `name` begins with a type.

        Primitives are not meant: `id` and `date` are names of elements far more often.
        """
        return name[:1].isupper() and name in self._types

    def type_name(self, type_name: str) -> tuple[str, str]:
        """Return the namespace and the name of a type; a backbone element has that of its base."""
        if type_name.startswith("System."):
            return "System", type_name.removeprefix("System.")
        definition = self._types.get(type_name)
        is_part = definition is not None and definition.kind == "backbone"
        return "FHIR", (definition.base or type_name) if definition and is_part else type_name

    def resource_type(self, value: object) -> str:
        """Return the type of an inner resource; `Resource` where it does not say a known one."""
        found = value.get("resourceType") if isinstance(value, Mapping) else None
        return found if isinstance(found, str) and found in self._types else "Resource"

    def resolve_type(self, specifier: str, at: int) -> str:
        """Return the name of the type that `specifier` means: FHIR's, else that of System."""
        namespace, _, name = specifier.rpartition(".")
        if namespace in ("", "FHIR") and name in self._types:
            return name
        if namespace in ("", "System") and name in SYSTEM_TYPES:
            return f"System.{name}"
        if namespace == "System" and name in self._types:
            return f"System.{name}"  # no item is of it, which is an answer and not an error
        raise FhirPathError(f"there is no type {specifier}", at)

    def _load_members(self, type_name: str) -> Members:
        definition = self._types.get(type_name)
        if definition is None:
            return {}
        found: dict[str, list[Member]] = {}
        for element in definition.elements.values():
            member = self._member(element)
            found.setdefault(member.name, []).append(member)
        return found

    def _member(self, element: Element) -> Member:
        return Member(
            name=element.choice_of or element.name,
            key=element.name,
            sibling=f"_{element.name}" if self.is_primitive(element.type) else None,
            type=element.type,
            is_resource=element.type == "Resource",
        )

    def _load_kinds(self, type_name: str) -> frozenset[str]:
        if type_name == "System.Quantity":
            return frozenset((type_name, "Quantity"))
        if type_name not in self._types:
            return frozenset((type_name,))
        found = [type_name]
        while (base := self._types[found[-1]].base) is not None:
            found.append(base)
        return frozenset(found)


def _members_of_type_info() -> Members:
    names = ("namespace", "name")
    return {name: (Member(name, name, None, "System.String", is_resource=False),) for name in names}


def _element_names(definitions: Definitions) -> frozenset[str]:
    return frozenset(
        element.choice_of or element.name
        for definition in definitions.types.values()
        for element in definition.elements.values()
    )
