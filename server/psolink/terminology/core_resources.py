"""The conformance resources of R4 core, made from the tables when somebody reads them.

https://hl7.org/fhir/R4/conformance-module.html

They are nobody's: whoever may read anything may read them. What the tables leave out, texts above
all, is not in them; `server/docs/terminology.md` lists it.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial

from psolink.definitions import (
    Compartment,
    Definitions,
    Labels,
    OperationDefinition,
    TypeDefinition,
    load_labels,
)
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.terminology.core_definitions import (
    compartment_definition,
    logical_id,
    operation_definition,
    search_parameter,
)
from psolink.terminology.structure_definitions import structure_definition
from psolink.terminology.tables import TerminologyTables

_TAG = {
    "system": f"{CANONICAL}/CodeSystem/origin",
    "code": "r4-core",
    "display": "Made from the definitions of FHIR R4 core",
}
_TERMINOLOGY = ("CodeSystem", "ValueSet", "ConceptMap", "NamingSystem")

_Make = Callable[[], JsonObject]


class CoreResources:
    """Makes resources by type and logical id."""

    def __init__(
        self,
        definitions: Definitions,
        tables: TerminologyTables | None = None,
        labels: Callable[[], Labels] = load_labels,
    ) -> None:
        self._definitions = definitions
        self._tables = tables or TerminologyTables()
        self._load_labels = labels

    @property
    def resource_types(self) -> tuple[str, ...]:
        """The types that there are resources of."""
        return (*_TERMINOLOGY, *self._makers)

    def get(self, resource_type: str, logical_id: str) -> JsonObject | None:
        """Return the resource, None if R4 core has none of that id."""
        if resource_type in _TERMINOLOGY:
            found = self._ids[resource_type].get(logical_id)
            return _tagged(self._tables.resource(resource_type, found)) if found else None
        make = self._makers.get(resource_type, {}).get(logical_id)
        return _tagged(make()) if make else None

    def count(self, resource_type: str) -> int:
        """Return how many there are of a type."""
        of_terminology = self._ids.get(resource_type, ())
        return len(of_terminology) + len(self._makers.get(resource_type, ()))

    def all(self, resource_type: str) -> Iterator[JsonObject]:
        """Yield every resource of a type."""
        if resource_type in _TERMINOLOGY:
            yield from map(_tagged, self._tables.resources(resource_type))
        for make in self._makers.get(resource_type, {}).values():
            yield _tagged(make())

    @cached_property
    def _labels(self) -> Labels:
        return self._load_labels()

    @cached_property
    def _ids(self) -> Mapping[str, Mapping[str, str]]:
        """The keys of the rows by logical id, which for some code systems is not in their URL."""
        return {name: self._tables.keys_by_id(name) for name in _TERMINOLOGY}

    @cached_property
    def _makers(self) -> Mapping[str, Mapping[str, _Make]]:
        known = self._definitions
        types = [each for each in known.types.values() if each.kind != "backbone"]
        return {
            "StructureDefinition": {
                each.name: partial(self._structure_definition, each) for each in types
            },
            "SearchParameter": {
                logical_id(each.url): partial(search_parameter, each)
                for each in known.search_parameters
            },
            "OperationDefinition": {
                logical_id(each.url): partial(self._operation_definition, each)
                for each in known.operations
            },
            "CompartmentDefinition": {
                logical_id(each.url): partial(self._compartment_definition, each)
                for each in known.compartments.values()
            },
        }

    def _structure_definition(self, definition: TypeDefinition) -> JsonObject:
        return structure_definition(definition, self._definitions, self._labels)

    def _operation_definition(self, definition: OperationDefinition) -> JsonObject:
        return operation_definition(definition, self._labels)

    def _compartment_definition(self, definition: Compartment) -> JsonObject:
        types = self._definitions.resource_types
        return compartment_definition(definition, types, self._labels)


def _tagged(resource: JsonObject) -> JsonObject:
    head = {"resourceType": resource["resourceType"], "id": resource["id"]}
    return {**head, "meta": {"tag": [dict(_TAG)]}, **resource}
