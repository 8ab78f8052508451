"""The data elements of the Common Formats: what is asked, and what can be answered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

ElementType = Literal["string", "text", "date", "time", "choice"]
Confidence = Literal["verbatim", "reconstructed", "general"]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice; `system` is the URL of the code system of `code`."""

    code: str
    label: str
    loinc: str | None
    system: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on an earlier answer: one of `codes` was chosen or, if `excludes`, none of them."""

    element: str
    codes: tuple[str, ...]
    excludes: bool

    def __str__(self) -> str:
        return f"{self.element} {'not in' if self.excludes else 'in'} {', '.join(self.codes)}"


@dataclass(frozen=True, slots=True)
class Element:
    """A data element.

    `max` is None where there is no limit. `when` is the skip logic: all clauses hold. `other` is
    the code whose choice asks for free text. `system` is the code system of a coded string.
    """

    id: str
    label: str
    type: ElementType
    min: int
    max: int | None
    confidence: Confidence
    loinc: str | None = None
    options: tuple[Option, ...] = ()
    when: tuple[Clause, ...] = ()
    group: str | None = None
    other: str | None = None
    system: str | None = None
    identifying: bool = False
    note: str | None = None

    def option(self, code: str) -> Option | None:
        """Return the answer with this code."""
        return next((each for each in self.options if each.code == code), None)


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that are asked together, and again for each of up to `max` things."""

    id: str
    label: str
    loinc: str
    max: int


@dataclass(frozen=True, slots=True)
class Form:
    """A form, and the condition under which it is filled."""

    name: str
    title: str
    version: str
    loinc: str
    when: tuple[Clause, ...]
    groups: tuple[Group, ...]
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All forms of one version. An element that several forms ask is one element."""

    forms: tuple[Form, ...]
    elements: Mapping[str, Element] = field(init=False)
    groups: Mapping[str, Group] = field(init=False)
    _names: Mapping[str, tuple[Element, ...]] = field(init=False)
    _own_form: Mapping[str, Form] = field(init=False)

    def __post_init__(self) -> None:
        elements = {each.id: each for form in self.forms for each in form.elements}
        all_groups = [group for form in self.forms for group in form.groups]
        groups = {name: each for each in all_groups for name in (each.id, each.loinc)}
        object.__setattr__(self, "elements", MappingProxyType(elements))
        object.__setattr__(self, "groups", MappingProxyType(groups))
        object.__setattr__(self, "_names", MappingProxyType(_by_name(elements)))
        object.__setattr__(self, "_own_form", MappingProxyType(_own_form(self.forms)))

    def named(self, name: str) -> tuple[Element, ...]:
        """Return the elements with this id or LOINC code; several where LOINC does not tell."""
        return self._names.get(name, ())

    def form_of(self, element: Element) -> Form | None:
        """Return the form that asks `element`; None where several do."""
        return self._own_form.get(element.id)


def _own_form(forms: tuple[Form, ...]) -> dict[str, Form]:
    asked = Counter(element.id for form in forms for element in form.elements)
    return {
        element.id: form for form in forms for element in form.elements if asked[element.id] == 1
    }


def _by_name(elements: Mapping[str, Element]) -> dict[str, tuple[Element, ...]]:
    names: dict[str, tuple[Element, ...]] = {}
    for element in elements.values():
        for name in (element.id, element.loinc):
            if name is not None:
                names[name] = (*names.get(name, ()), element)
    return names
