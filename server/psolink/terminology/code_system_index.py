"""A code system made ready to be asked: its concepts by code, and who is above and below whom.

https://hl7.org/fhir/R4/codesystem.html#hierarchy
"""

from collections.abc import Iterable, Iterator, Mapping

from psolink.terminology.membership import Codes, Extent
from psolink.terminology.model import CodeSystem, Concept

_CHILD, _PARENT = "child", "parent"


class CodeSystemIndex:
    """A code system by its codes.

    A concept may have several parents: where it stands in the tree, and those that name it, or
    that it names, in the properties `child` and `parent`.
    """

    def __init__(self, definition: CodeSystem) -> None:
        self.definition = definition
        self.concepts: Mapping[str, Concept] = {
            concept.code: concept for concept in _walk(definition.concept)
        }
        self.children: dict[str, list[str]] = {}
        self.parents: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            self._relate(concept)
        self._folded = (
            {}
            if definition.case_sensitive
            else {code.casefold(): code for code in reversed(self.concepts)}
        )

    @property
    def is_complete(self) -> bool:
        """True where a code that is not here does not exist."""
        return self.definition.content == "complete"

    @property
    def has_subsumption(self) -> bool:
        """True where what is below a concept is of its kind; R4 often leaves that unsaid."""
        return self.definition.hierarchy_meaning in (None, "is-a")

    def spelt(self, code: str) -> str:
        """Return the code as the system writes it; as it is where case matters or it is unknown."""
        return self._folded.get(code.casefold(), code) if self._folded else code

    def find(self, code: str) -> Concept | None:
        """Return the concept with this code."""
        return self.concepts.get(self.spelt(code))

    def extent(self, codes: Iterable[str] | None = None) -> Extent:
        """Return a selection of the codes, or all, and what is then unknown."""
        selected = frozenset(self.concepts if codes is None else codes)
        if self.is_complete:
            return Extent(selected)
        return Extent(selected, frozenset(self.concepts) - selected, is_open=True)

    def descendants(self, code: str) -> Codes:
        """Return the codes below this one."""
        return _reached(code, self.children)

    def ancestors(self, code: str) -> Codes:
        """Return the codes above this one."""
        return _reached(code, self.parents)

    def is_abstract(self, code: str) -> bool:
        """Tell whether the concept only groups others and is not to be chosen."""
        return "true" in (*self.values(code, "notSelectable"), *self.values(code, "abstract"))

    def is_inactive(self, code: str) -> bool:
        """Tell whether the concept is no longer to be used; one that is deprecated still may be."""
        return "true" in self.values(code, "inactive") or "retired" in self.values(code, "status")

    def values(self, code: str, name: str) -> tuple[str, ...]:
        """Return the values of a property of a concept, as texts."""
        found = self.concepts[code].property
        return tuple(each.text() for each in found if each.code == name)

    def _relate(self, concept: Concept) -> None:
        for child in concept.concept:
            self._join(concept.code, child.code)
        for each in concept.property:
            if each.code == _CHILD:
                self._join(concept.code, each.text())
            elif each.code == _PARENT:
                self._join(each.text(), concept.code)

    def _join(self, parent: str, child: str) -> None:
        if {parent, child} <= self.concepts.keys() and child not in self.children.get(parent, ()):
            self.children.setdefault(parent, []).append(child)
            self.parents.setdefault(child, []).append(parent)


def _walk(concepts: Iterable[Concept]) -> Iterator[Concept]:
    """Yield the concepts from the top of the tree down, each before those below it."""
    waiting = list(concepts)[::-1]
    while waiting:
        concept = waiting.pop()
        yield concept
        waiting.extend(concept.concept[::-1])


def _reached(code: str, steps: Mapping[str, list[str]]) -> Codes:
    """Return the codes that the steps lead to; a circle of them, which is a fault, comes to an end."""
    reached: set[str] = set()
    waiting = [code]
    while waiting:
        for each in steps.get(waiting.pop(), ()):
            if each not in reached:
                reached.add(each)
                waiting.append(each)
    return frozenset(reached)
