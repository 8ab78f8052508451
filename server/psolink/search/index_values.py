"""From a resource to the values that it is found by.

A parameter whose values cannot be taken does not stop the write. Instead the document says so by
a token of the parameter `_unindexed`, and `Criteria.unindexed` finds what criteria may miss.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Expression, FhirPathError, Node, resource_node
from psolink.fhirpath.expression import scope_of
from psolink.fhirpath.navigation import Follow, follower
from psolink.fhirpath.scope import Scope
from psolink.search.code_systems import CodeSystems
from psolink.search.contained import CONTAINED, add_contained
from psolink.search.referred import REFERS, referred
from psolink.search.registry import SearchParameters, index_for
from psolink.search.search_type import Index, SearchType, Source
from psolink.search.sort_values import NOT_SORTED, WIDE, is_sortable, is_wide, sort_values
from psolink.search.unindexed import unindexed_item
from psolink.search.words import MAX_WORDS, words_of

MAX_VALUES = 10_000
"""The most values that one parameter has in one resource."""

MAX_CHARACTERS = 2_000_000
"""The most characters of values that one resource has: they are kept in the same document."""

_FEW_VALUES = 8

_log = logging.getLogger(__name__)


class _TooManyValues(Exception):
    """A resource has more values than are indexed."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What of a value is kept: in which array, under which name, and by what function."""

    array: str
    name: str
    index: Index


@dataclass(frozen=True, slots=True)
class _Step:
    """How the values of one parameter are taken; `kept` finds what is kept of a FHIR type."""

    code: str
    array: str
    keeps_presence: bool
    is_sorted: bool
    expression: Expression
    kept: Callable[[str], tuple[_Kept, ...]]
    value_of: Follow


class IndexValues:
    """Takes the values of all supported search parameters."""

    def __init__(self, parameters: SearchParameters) -> None:
        self._parameters = parameters
        self._code_systems = CodeSystems(parameters.definitions)
        self._steps: dict[str, tuple[_Step, ...]] = {}

    def extract(self, resource: JsonObject, *, base_url: str = "") -> JsonObject:
        """Return the values by search type, one array for each; without values there is none.

        References that begin with `base_url` count as local ones. Beside the values of the
        parameters stand the words of the resource, what it refers to, and the values of what it
        contains.
        """
        found = self.of_parameters(resource, base_url=base_url)
        types = self._parameters.definitions.types
        if targets := referred(types, resource, base_url=base_url):
            found[REFERS] = targets
        _words(found, resource)
        if resource.get(CONTAINED):
            add_contained(found, resource, partial(self._of_contained, base_url=base_url))
        return found

    def _of_contained(self, resource: JsonObject, *, base_url: str) -> JsonObject:
        """Return the values of a contained resource, which nothing is sorted by."""
        found = self.of_parameters(resource, base_url=base_url)
        found.pop("sort", None)
        _words(found, resource)
        return found

    def of_parameters(self, resource: JsonObject, *, base_url: str = "") -> JsonObject:
        """Return the values of the parameters alone."""
        source = Source(base_url, self._parameters.resource_types, self._code_systems)
        root = resource_node(resource)
        scope = scope_of(self._parameters.model, root)
        found: JsonObject = {}
        room = MAX_CHARACTERS
        for step in self._steps_of(root.type):
            reads = step.expression.reads
            if reads is not None and reads.isdisjoint(resource):
                continue
            try:
                entries = _entries(step, scope, source)
                room = _room_left(room, entries)
            except (FhirPathError, _TooManyValues) as error:
                entries = {"token": [unindexed_item(step.code)]}
                _log.warning("%s %s not indexed: %s", root.type, step.code, type(error).__name__)
                scope = scope_of(self._parameters.model, root)
            for array, some in entries.items():
                found.setdefault(array, []).extend(some)
            if step.array in entries:
                _sort(found, step, entries[step.array])
        return found

    def _steps_of(self, resource_type: str) -> tuple[_Step, ...]:
        steps = self._steps.get(resource_type)
        if steps is None:
            steps = self._steps[resource_type] = tuple(self._load(resource_type))
        return steps

    def _load(self, resource_type: str) -> Iterator[_Step]:
        for parameter in self._parameters.supported_parameters(resource_type):
            search_type, expression = parameter.search_type, parameter.expression
            if search_type is None or expression is None or not search_type.index:
                continue
            if search_type.array is not None:
                yield _Step(
                    parameter.key,
                    search_type.array,
                    search_type.keeps_presence,
                    parameter.type not in NOT_SORTED
                    and is_sortable(parameter.key, search_type.array),
                    expression,
                    self._kept(parameter.key, search_type.array, search_type),
                    follower(expression.model, "value"),
                )

    def _kept(
        self, code: str, array: str, search_type: SearchType
    ) -> Callable[[str], tuple[_Kept, ...]]:
        """Return a function from the name of a type to what is kept of its values, found once."""
        definitions = self._parameters.definitions
        places = [(array, code, search_type.index)] + [
            (each.array or array, code + each.kept_as, each.index)
            for each in search_type.modifiers.values()
            if each.index
        ]
        known: dict[str, tuple[_Kept, ...]] = {}

        def find(type_name: str) -> tuple[_Kept, ...]:
            found = known.get(type_name)
            if found is None:
                every = [
                    (place, name, index_for(definitions, index, type_name))
                    for place, name, index in places
                ]
                found = known[type_name] = tuple(
                    _Kept(place, name, index) for place, name, index in every if index is not None
                )
            return found

        return find


def _room_left(room: int, entries: dict[str, list[JsonObject]]) -> int:
    """Return how many characters are left after the entries; a few are not worth counting."""
    if sum(map(len, entries.values())) <= _FEW_VALUES:
        return room
    length = sum(len(repr(each)) for some in entries.values() for each in some)
    if length > room:
        raise _TooManyValues
    return room - length


def _sort(found: JsonObject, step: _Step, entries: list[JsonObject]) -> None:
    """Add what the parameter is sorted by, and say where a date is no single day."""
    if not step.is_sorted or (values := sort_values(step.array, entries)) is None:
        return
    found.setdefault("sort", {})[step.code] = values
    if is_wide(step.array, entries):
        found.setdefault("token", []).append({"p": WIDE, "s": "", "c": step.code})


def _words(found: JsonObject, resource: JsonObject) -> None:
    """Add the words of the resource; where they are too many, it says that there are more."""
    words = words_of(resource)
    if words:
        found["words"] = words[:MAX_WORDS]
    if len(words) > MAX_WORDS:
        for code in ("_content", "_text"):
            found.setdefault("token", []).append(unindexed_item(code))


def _entries(step: _Step, scope: Scope, source: Source) -> dict[str, list[JsonObject]]:
    """Return the distinct values of one parameter by array."""
    found: dict[str, list[JsonObject]] = {}
    for node in _values(step, scope):
        is_absent = step.keeps_presence and node.value is not None
        for kept in step.kept(node.type):
            entries = found.setdefault(kept.array, [])
            for value in kept.index(node, source):
                entries.append({"p": kept.name, **value})
                is_absent = is_absent and kept.array != step.array
                if len(entries) > MAX_VALUES:
                    raise _TooManyValues
        if is_absent:
            found.setdefault(step.array, []).append({"p": step.code})
    return {array: _distinct(entries) for array, entries in found.items() if entries}


def _distinct(entries: list[JsonObject]) -> list[JsonObject]:
    if len(entries) == 1:
        return entries
    found: list[JsonObject] = []
    seen: set[str] = set()
    for each in entries:
        known = repr(each)
        if known not in seen:
            seen.add(known)
            found.append(each)
    return found


def _values(step: _Step, scope: Scope) -> Iterator[Node]:
    """Yield what the expression finds; an extension stands for its value."""
    for node in step.expression.evaluate(scope):
        if node.type == "Extension":
            yield from step.value_of((node,))
        else:
            yield node
