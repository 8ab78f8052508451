"""What profiles demand of an element, as a tree: children by name, slices by name.

The tree holds only what profiles add; the rest is in the tables of R4.
https://hl7.org/fhir/R4/profiling.html
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from psolink.fhir_json import JsonObject

CORE = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM = "http://hl7.org/fhirpath/System."

_BY_URL: tuple[JsonObject, ...] = ({"type": "value", "path": "url"},)
_BY_TYPE: tuple[JsonObject, ...] = ({"type": "type", "path": "$this"},)


@dataclass(slots=True)
class Rules:
    """The rules for one element or slice; `said` is the merged ElementDefinition.

    It grows while the differentials of a chain are merged, and is only read after that.
    """

    name: str
    slice_name: str | None = None
    said: dict[str, Any] = field(default_factory=dict)
    children: dict[str, "Rules"] = field(default_factory=dict)
    slices: dict[str, "Rules"] = field(default_factory=dict)
    _values: dict[str, Any] = field(default_factory=dict)

    @property
    def min(self) -> int:
        """The least number of times that it comes."""
        return int(self.said.get("min", 0))

    @property
    def max(self) -> int | None:
        """The greatest number of times that it comes; None where profiles do not say."""
        greatest = self.said.get("max", "*")
        return None if greatest == "*" else int(greatest)

    @property
    def types(self) -> tuple[JsonObject, ...]:
        """The types that profiles leave to it; empty where they do not say."""
        return tuple(self.said.get("type", ()))

    @property
    def type_names(self) -> frozenset[str]:
        """The names of the types, without those of FHIRPath's System."""
        codes = (str(each.get("code", "")) for each in self.types)
        return frozenset(code for code in codes if not code.startswith(SYSTEM))

    def types_for(self, kinds: Collection[str]) -> Iterator[JsonObject]:
        """Yield what is said of the types that a value is of."""
        return (each for each in self.types if each.get("code") in kinds)

    @property
    def must_support(self) -> bool:
        """True where a profile says that the element must be supported."""
        return self.said.get("mustSupport") is True

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles of which its value keeps one."""
        return tuple(url for each in self.types for url in each.get("profile", ()))

    @property
    def targets(self) -> tuple[str, ...]:
        """The profiles of which what it refers to keeps one."""
        return tuple(url for each in self.types for url in each.get("targetProfile", ()))

    @property
    def discriminators(self) -> tuple[JsonObject, ...]:
        """What tells its slices apart; extensions are told by url and choices by type."""
        slicing = self.said.get("slicing", {})
        declared: tuple[JsonObject, ...] = tuple(slicing.get("discriminator", ()))
        if declared or slicing:
            return declared
        if self.name in ("extension", "modifierExtension"):
            return _BY_URL
        return _BY_TYPE if self.name.endswith("[x]") else ()

    def value_of(self, prefix: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return what `fixed[x]`, `pattern[x]`, `minValue[x]` or `maxValue[x]` says, or None."""
        if prefix not in self._values:
            names = (name for name in self.said if name.startswith(prefix) and name != prefix)
            found = next((name for name in names if name[len(prefix)].isupper()), None)
            self._values[prefix] = None if found is None else self.said[found]
        return self._values[prefix]

    def merge(self, element: JsonObject) -> None:
        """Add what a derived profile says; it says more, never less."""
        constraints = [*self.said.get("constraint", ()), *element.get("constraint", ())]
        slicing = self.said.get("slicing", {}) | element.get("slicing", {})
        self.said |= element
        self._values.clear()
        if slicing:
            self.said["slicing"] = slicing
        if constraints:
            self.said["constraint"] = list({each["key"]: each for each in constraints}.values())


def add_elements(root: Rules, elements: Iterable[JsonObject]) -> None:
    """Merge the elements of one differential into the tree."""
    slices_at: dict[str, str] = {}
    for element in elements:
        steps = _steps(element, slices_at)
        _rules_at(root, steps).merge(element)


def _steps(element: JsonObject, slices_at: dict[str, str]) -> list[str]:
    """Return the way to the element: by its id, or by the slices that came before it."""
    if "id" in element:
        return str(element["id"]).split(".")[1:]
    path, name = str(element["path"]), element.get("sliceName")
    slices_at[path] = f":{name}" if name else ""
    steps = path.split(".")
    prefixes = (".".join(steps[:end]) for end in range(2, len(steps) + 1))
    return [prefix.rpartition(".")[2] + slices_at.get(prefix, "") for prefix in prefixes]


def _rules_at(root: Rules, steps: Iterable[str]) -> Rules:
    rules = root
    for step in steps:
        name, _, slice_name = step.partition(":")
        rules = rules.children.setdefault(name, Rules(name))
        if slice_name:
            rules = _slice(rules, slice_name)
    return rules


def _slice(rules: Rules, slice_name: str) -> Rules:
    """Return the slice; that of a slice has the name of both with a slash between."""
    outer, slash, _ = slice_name.rpartition("/")
    owner = _slice(rules, outer) if slash and outer in _names(rules) else rules
    return owner.slices.setdefault(slice_name, Rules(rules.name, slice_name))


def _names(rules: Rules) -> set[str]:
    inner = (name for each in rules.slices.values() for name in _names(each))
    return {*rules.slices, *inner}


