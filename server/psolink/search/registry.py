"""The search parameters of each resource type: those of R4 and our own.

https://hl7.org/fhir/R4/searchparameter.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from psolink import definitions as r4
from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Compiler, Expression, FhirPathError
from psolink.fhirpath.model import Model
from psolink.search.search_type import Index, SearchType
from psolink.search.types import DOCUMENT_PARAMETERS, PARTICULAR, SEARCH_TYPES
from psolink.search.types.composite import Part, composite

_NOT_AS_ITS_TYPE = frozenset({"phonetic"})
"""Parameters that ask for more than their type does, here a match by sound."""

_NEVER_TARGETS = frozenset({"Parameters"})
"""Where any type may be the target R4 lists all but these."""

_MIXED_UP = frozenset({"http://hl7.org/fhir/SearchParameter/DocumentReference-relationship"})
"""Composites whose components R4 gives each other's definition."""

_LEFT_OUT = {
    "http://hl7.org/fhir/SearchParameter/patient-extensions-Patient-birthOrderBoolean": (
        "Patient.multipleBirth != false"
    )
}
"""Expressions that R4 describes in words only."""

_EXTENSION = "Extension"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One parameter of one resource type.

    `targets` are the types that a reference may point at, none for any type. `search_type` is
    None for a parameter that cannot be searched by, and `why_not` says why. `kept_as` is the name
    of its values in documents where that is another than the code.
    """

    code: str
    type: str
    url: str
    targets: tuple[str, ...]
    expression: Expression | None
    search_type: SearchType | None
    kept_as: str = ""
    why_not: str = ""

    @property
    def key(self) -> str:
        """The name of its values in documents."""
        return self.kept_as or self.code


class InvalidDefinition(Exception):
    """A SearchParameter cannot be used; the message says what is wrong and where."""

    def __init__(self, diagnostics: str, element: str) -> None:
        super().__init__(diagnostics)
        self.element = element


class SearchParameters:
    """The search parameters by resource type; each type is compiled when it is first met."""

    def __init__(self, definitions: r4.Definitions, extra: Iterable[JsonObject] = ()) -> None:
        """Take the parameters of `definitions` and `extra` SearchParameter resources."""
        self.definitions = definitions
        self._compiler = Compiler(definitions)
        self._defined: dict[str, dict[str, r4.SearchParameter]] = {}
        self._by_type: dict[str, Mapping[str, SearchParameter]] = {}
        self._beneath: SearchParameters | None = None
        self._is_own = False
        for each in definitions.search_parameters:
            self._define(each)
        for own in (_read(each) for each in extra):
            self._define(own)
            for base in own.base:
                self._parameter(base, own)

    @property
    def shared(self) -> "SearchParameters":
        """The parameters that every organization has."""
        return self if self._beneath is None else self._beneath.shared

    @property
    def model(self) -> Model:
        """What FHIRPath knows of the types."""
        return self._compiler.model

    @property
    def resource_types(self) -> frozenset[str]:
        """The names of the resource types."""
        return self.definitions.resource_types

    def for_type(self, resource_type: str) -> Mapping[str, SearchParameter]:
        """Return the parameters of a resource type by code, supported or not."""
        found = self._by_type.get(resource_type)
        if found is None:
            found = self._by_type[resource_type] = self._load(resource_type)
        return found

    def supported_parameters(self, resource_type: str) -> list[SearchParameter]:
        """Return the parameters that work for a resource type, by code."""
        found = self.for_type(resource_type)
        return [each for _, each in sorted(found.items()) if each.search_type is not None]

    def compiled(self, definition: JsonObject, kept_as: str) -> dict[str, SearchParameter]:
        """Return the parameter that a SearchParameter resource defines, by its base types.

        Raise `InvalidDefinition` where it cannot be searched by.
        """
        try:
            defined = msgspec.convert(definition, r4.SearchParameter)
        except msgspec.ValidationError as error:
            raise InvalidDefinition(f"It is not complete: {error}.", "") from error
        return {base: self._own(base, defined, kept_as) for base in defined.base}

    def _own(self, base: str, defined: r4.SearchParameter, kept_as: str) -> SearchParameter:
        if base not in self.resource_types:
            raise InvalidDefinition(f"{base[:64]!r} is no type that resources have.", "base")
        if not _CODE.fullmatch(defined.code):
            raise InvalidDefinition(
                "A code of letters, digits, '_' and '-' is expected that begins with a letter, as "
                "of R4's parameters.",
                "code",
            )
        if defined.code in self.for_type(base):
            raise InvalidDefinition(
                f"{base} has a search parameter {defined.code!r} already; choose another code.",
                "code",
            )
        if not defined.expression:
            raise InvalidDefinition("A FHIRPath expression is needed.", "expression")
        try:
            found = self._parameter(base, defined)
        except FhirPathError as error:
            raise InvalidDefinition(
                f"For {base} it cannot be used: {error}", "expression"
            ) from None
        if found.search_type is None:
            raise InvalidDefinition(_unfit(base, defined, found), "expression")
        return replace(found, kept_as=kept_as)

    def extended(self, own: Iterable[Mapping[str, SearchParameter]]) -> "SearchParameters":
        """Return these parameters and `own` ones, each by its base types."""
        more: dict[str, dict[str, SearchParameter]] = {}
        for each in own:
            for base, parameter in each.items():
                more.setdefault(base, {})[parameter.code] = parameter
        found = copy(self)
        found._by_type = {base: {**self.for_type(base), **some} for base, some in more.items()}
        found._beneath = self
        return found

    def of_own(self, own: Iterable[Mapping[str, SearchParameter]]) -> "SearchParameters":
        """Return `own` parameters alone, each by its base types."""
        found = self.extended(own)
        found._by_type = {
            base: {code: each for code, each in some.items() if each.kept_as}
            for base, some in found._by_type.items()
        }
        found._is_own = True
        return found

    def _define(self, parameter: r4.SearchParameter) -> None:
        for base in parameter.base:
            some = self._defined.setdefault(base, {})
            if parameter.code in some:
                raise ValueError(
                    f"{parameter.url}: {base} has a parameter {parameter.code!r} already"
                )
            some[parameter.code] = parameter

    def _load(self, resource_type: str) -> Mapping[str, SearchParameter]:
        if self._is_own:
            return {}
        if self._beneath is not None:
            return self._beneath.for_type(resource_type)
        if resource_type not in self.resource_types:
            raise InvalidRequest(f"{resource_type[:64]!r} is no resource type of FHIR R4")
        bases = [each.name for each in self.definitions.lineage(resource_type)]
        return {
            code: self._parameter(resource_type, defined)
            for base in reversed(bases)
            for code, defined in self._defined.get(base, {}).items()
        }

    def _parameter(self, resource_type: str, defined: r4.SearchParameter) -> SearchParameter:
        text = defined.expression or _LEFT_OUT.get(defined.url)
        expression = self._compiler.compile(text, root=resource_type) if text else None
        return SearchParameter(
            code=defined.code,
            type=defined.type,
            url=defined.url,
            targets=self._targets(defined.target),
            expression=expression,
            search_type=self._search_type(resource_type, defined, expression),
        )

    def _targets(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        is_any = "Resource" in targets or self.resource_types - _NEVER_TARGETS <= set(targets)
        return () if is_any else targets

    def _search_type(
        self, resource_type: str, defined: r4.SearchParameter, expression: Expression | None
    ) -> SearchType | None:
        particular = PARTICULAR.get(defined.url) or DOCUMENT_PARAMETERS.get(defined.code)
        if particular is not None:
            return particular
        if expression is None or expression.types is None or defined.code in _NOT_AS_ITS_TYPE:
            return None
        if defined.type == "composite":
            return self._composite(resource_type, defined, expression.types)
        found = SEARCH_TYPES.get(defined.type)
        is_indexed = found is not None and all(
            self._is_indexed(each, found) for each in expression.types
        )
        return found if is_indexed else None

    def _is_indexed(self, type_name: str, search_type: SearchType) -> bool:
        # The value of an extension may be of any type; those that fit are indexed.
        is_known = index_for(self.definitions, search_type.index, type_name) is not None
        return type_name == _EXTENSION or is_known

    def _composite(
        self, resource_type: str, defined: r4.SearchParameter, types: frozenset[str]
    ) -> SearchType | None:
        urls = [each.definition for each in defined.component]
        if defined.url in _MIXED_UP:
            urls.reverse()
        parts = [
            self._part(resource_type, url, each.expression)
            for url, each in zip(urls, defined.component, strict=True)
        ]
        known = [each for each in parts if each is not None]
        return composite(known, types) if len(known) == len(parts) else None

    def _part(self, resource_type: str, url: str, expression: str) -> Part | None:
        """Return a component: another parameter, at a place of its own."""
        defined = next((each for each in self._all_of(resource_type) if each.url == url), None)
        found = None if defined is None else SEARCH_TYPES.get(defined.type)
        if defined is None or found is None:
            return None
        return Part(
            defined.code,
            self._compiler.compile(expression),
            found,
            partial(index_for, self.definitions, found.index),
            self._targets(defined.target),
        )

    def _all_of(self, resource_type: str) -> Iterator[r4.SearchParameter]:
        for base in self.definitions.lineage(resource_type):
            yield from self._defined.get(base.name, {}).values()


def index_for(
    definitions: r4.Definitions, index: Mapping[str, Index], type_name: str
) -> Index | None:
    """Return what indexes the values of a type: the function for it, or for what it specializes."""
    kinds = kinds_of(definitions, type_name)
    return next((index[each] for each in kinds if each in index), None)


def _unfit(base: str, defined: r4.SearchParameter, found: SearchParameter) -> str:
    """Return why a parameter whose expression is sound cannot be searched by."""
    types = sorted(found.expression.types or ()) if found.expression else []
    what = f"finds values of the types {', '.join(types)}" if types else "may find any value"
    return (
        f"For {base} the expression {what}, of which a parameter of type {defined.type!r} cannot be "
        "made. Choose the type that fits, or end the expression in a data type of it."
    )


def kinds_of(definitions: r4.Definitions, type_name: str) -> list[str]:
    """Return a type and what it specializes, nearest first; also for types of FHIRPath."""
    if type_name not in definitions.types:
        return [type_name]
    return [each.name for each in definitions.lineage(type_name)]


def _read(resource: JsonObject) -> r4.SearchParameter:
    """Return a SearchParameter resource as the row of a table."""
    try:
        return msgspec.convert(resource, r4.SearchParameter)
    except msgspec.ValidationError as error:
        raise ValueError(f"a SearchParameter of our own is wrong: {error}") from error
