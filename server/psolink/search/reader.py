"""Reads one criterion of any form: a parameter, a chain, a reverse chain.

https://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from psolink.search.chain import read_chain
from psolink.search.criterion import Criterion, NotSupported, read_criterion, split_name
from psolink.search.filtered import FILTER, read_filter
from psolink.search.has import HAS, read_has
from psolink.search.listed import LIST, read_list
from psolink.search.lookup import Lookup, Reads
from psolink.search.near import read_near
from psolink.search.registry import SearchParameter, SearchParameters
from psolink.search.result_parameters import RESULT_PARAMETERS
from psolink.search.search_type import Asked

MAX_LINKS = 10
"""The most references that one criterion may follow."""

_SHOWN = 64
_OF_ANOTHER_FORM: Mapping[str, Callable[[Reads, str, str], Criterion]] = {
    FILTER: read_filter,
    LIST: read_list,
}
_SUFFIX = re.compile(r"[:.].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads criteria, and asks the lookup where one of them leads to other resources."""

    parameters: SearchParameters
    asked: Asked
    lookup: Lookup
    _known: dict[tuple[str, str, str], Criterion | NotSupported] = field(default_factory=dict)

    def read(self, resource_type: str, name: str, value: str) -> Criterion:
        """Return the criterion.

        Raise `NotSupported` or `UnsupportedModifier`, or `MalformedValue` for a value that does
        not fit.
        """
        # The links of a chain lead to the same types in many ways, which multiply with each link.
        asked = (resource_type, name, value)
        if asked not in self._known:
            try:
                self._known[asked] = self._read(*asked)
            except NotSupported as refusal:
                self._known[asked] = refusal
        found = self._known[asked]
        if isinstance(found, NotSupported):
            raise NotSupported(str(found))
        return found

    def _read(self, resource_type: str, name: str, value: str) -> Criterion:
        if name.count(".") + name.count(HAS) > MAX_LINKS:
            raise NotSupported(f"At most {MAX_LINKS} references are followed by one parameter.")
        if name.startswith(f"{HAS}:"):
            return read_has(self, resource_type, name, value)
        if "." in name:
            return read_chain(self, resource_type, name, value)
        code, modifier = split_name(name)
        if name in _OF_ANOTHER_FORM:
            return _OF_ANOTHER_FORM[name](self, resource_type, value)
        parameter = self.parameter(resource_type, code)
        found = read_criterion(parameter, modifier, value, self.asked)
        if parameter.type == "special" and modifier is None:
            return read_near(self, resource_type, found)
        return found

    def in_filter(self) -> "Reader":
        """Return what reads the comparisons of a filter, whose operators are modifiers to it."""
        return replace(self, asked=replace(self.asked, in_filter=True), _known={})

    def parameter(self, resource_type: str, name: str) -> SearchParameter:
        """Return the parameter of a type; raise `NotSupported`, which names near ones."""
        known = self.parameters.for_type(resource_type)
        found = known.get(name)
        if found is None or name == "_query":
            raise NotSupported(self._why_not(resource_type, name))
        if found.why_not:
            raise NotSupported(found.why_not)
        return found

    def _why_not(self, resource_type: str, name: str) -> str:
        """Return why there is no parameter of this name."""
        plain = _SUFFIX.sub("", name)
        if plain == "_query":
            return "There are no named queries here: send the criteria themselves."
        if plain in RESULT_PARAMETERS:
            return f"The parameter {plain!r} is about the form of a result: it has no place here."
        supported = [each.code for each in self.parameters.supported_parameters(resource_type)]
        near = get_close_matches(plain, supported, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return (
            f"{resource_type} has no search parameter {name[:_SHOWN]!r}.{hint} "
            f"It has {', '.join(supported)}."
        )
