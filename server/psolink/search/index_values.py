"""From a resource to the values that it is found by.

A parameter whose values cannot be taken does not stop the write. Instead the document says so by
a token of the parameter `_unindexed`, and `Criteria.unindexed` finds what criteria may miss.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Expression, FhirPathError, Node, resource_node
from psolink.fhirpath.expression import scope_of
from psolink.fhirpath.navigation import Follow, follower
from psolink.fhirpath.scope import Scope
from psolink.search.code_systems import CodeSystems
from psolink.search.registry import SearchParameters, kinds_of
from psolink.search.search_type import Index, SearchType, Source
from psolink.search.sort_values import WIDE, is_sortable, is_wide, sort_values

MAX_VALUES = 10_000
"""The most values that one parameter has in one resource."""

UNINDEXED = "_unindexed"
"""Takes the place of a parameter in tokens whose code is that of a parameter without values."""

_log = logging.getLogger(__name__)


class _TooManyValues(Exception):
    """A resource has more values than are indexed."""


@dataclass(frozen=True, slots=True)
class _Step:
    """How the values of one parameter are taken."""

    code: str
    array: str
    expression: Expression
    index_of: Callable[[str], Index | None]
    value_of: Follow


class IndexValues:
    """Takes the values of all supported search parameters."""

    def __init__(self, parameters: SearchParameters) -> None:
        self._parameters = parameters
        self._code_systems = CodeSystems(parameters.definitions)
        self._steps: dict[str, tuple[_Step, ...]] = {}

    def extract(self, resource: JsonObject, *, base_url: str = "") -> JsonObject:
        """Return the values by search type, one array for each; without values there is none.

        References that begin with `base_url` count as local ones.
        """
        source = Source(base_url, self._parameters.resource_types, self._code_systems)
        root = resource_node(resource)
        scope = scope_of(self._parameters.model, root)
        found: JsonObject = {}
        for step in self._steps_of(root.type):
            reads = step.expression.reads
            if reads is not None and reads.isdisjoint(resource):
                continue
            try:
                array, entries = step.array, _entries(step, scope, source)
            except (FhirPathError, _TooManyValues) as error:
                array, entries = "token", [{"p": UNINDEXED, "s": "", "c": step.code}]
                _log.warning("%s %s not indexed: %s", root.type, step.code, type(error).__name__)
                scope = scope_of(self._parameters.model, root)
            if entries:
                found.setdefault(array, []).extend(entries)
                _sort(found, step.code, array, entries)
        return found

    def _steps_of(self, resource_type: str) -> tuple[_Step, ...]:
        steps = self._steps.get(resource_type)
        if steps is None:
            steps = self._steps[resource_type] = tuple(self._load(resource_type))
        return steps

    def _load(self, resource_type: str) -> Iterator[_Step]:
        for parameter in self._parameters.supported_parameters(resource_type):
            search_type, expression = parameter.search_type, parameter.expression
            if search_type is not None and search_type.array is not None and expression is not None:
                index_of = self._index_of(search_type)
                value_of = follower(expression.model, "value")
                yield _Step(parameter.code, search_type.array, expression, index_of, value_of)

    def _index_of(self, search_type: SearchType) -> Callable[[str], Index | None]:
        """Return a function from the name of a type to what indexes its values, found once."""
        known: dict[str, Index | None] = {}

        def find(type_name: str) -> Index | None:
            if type_name not in known:
                kinds = kinds_of(self._parameters.definitions, type_name)
                known[type_name] = next(
                    (search_type.index[each] for each in kinds if each in search_type.index), None
                )
            return known[type_name]

        return find


def _sort(found: JsonObject, code: str, array: str, entries: list[JsonObject]) -> None:
    """Add what the parameter is sorted by, and say where a date is no single day."""
    if is_sortable(code, array) and (values := sort_values(array, entries)) is not None:
        found.setdefault("sort", {})[code] = values
        if is_wide(array, entries):
            found.setdefault("token", []).append({"p": WIDE, "s": "", "c": code})


def _entries(step: _Step, scope: Scope, source: Source) -> list[JsonObject]:
    """Return the distinct values of one parameter."""
    found: list[JsonObject] = []
    for node in _values(step, scope):
        index = step.index_of(node.type)
        for value in index(node, source) if index is not None else ():
            found.append({"p": step.code, **value})
            if len(found) > MAX_VALUES:
                raise _TooManyValues
    if len(found) > 1:
        return list({tuple(each.items()): each for each in found}.values())
    return found


def _values(step: _Step, scope: Scope) -> Iterator[Node]:
    """Yield what the expression finds; an extension stands for its value."""
    for node in step.expression.evaluate(scope):
        if node.type == "Extension":
            yield from step.value_of((node,))
        else:
            yield node
