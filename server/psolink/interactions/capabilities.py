"""Capabilities: what this server does, computed from what it really has.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psolink import __version__
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Services
from psolink.interactions.routes import INSTANCE, SYSTEM, TYPE, interactions
from psolink.search.include import includes_of, reverse_includes_of
from psolink.search.registry import SearchParameter
from psolink.settings import ConditionalDelete

_RELEASED = "2026-11-23"
_CONDITIONAL_DELETE = {
    ConditionalDelete.OFF: "not-supported",
    ConditionalDelete.SINGLE: "single",
    ConditionalDelete.MULTIPLE: "multiple",
}


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """An operation as the statement lists it; `resource_type` is None at system level."""

    name: str
    definition: str
    resource_type: str | None


def about(base_url: str) -> JsonObject:
    """Return what every statement says of the server that makes it."""
    return {
        "status": "active",
        "date": _RELEASED,
        "kind": "instance",
        "software": {"name": "PSOLink", "version": __version__},
        "implementation": {
            "description": "PSOLink, a FHIR server for patient safety events",
            "url": base_url,
        },
    }


def capabilities(
    services: Services, base_url: str, operations: Sequence[OperationEntry]
) -> JsonObject:
    """Return the CapabilityStatement of this server."""
    return {
        "resourceType": "CapabilityStatement",
        **about(base_url),
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json", "application/fhir+xml", "xml"],
        "patchFormat": [
            "application/json-patch+json",
            "application/xml-patch+xml",
            "application/fhir+json",
            "application/fhir+xml",
        ],
        "rest": [
            {
                "mode": "server",
                "security": _security(base_url),
                "resource": [
                    _resource(services, name, operations)
                    for name in sorted(services.definitions.resource_types)
                ],
                "interaction": [{"code": code} for code in interactions(SYSTEM)],
                "operation": _operations(operations, None),
                "compartment": sorted(
                    each.url for each in services.definitions.compartments.values()
                ),
            }
        ],
    }


def _resource(
    services: Services, resource_type: str, operations: Sequence[OperationEntry]
) -> JsonObject:
    described: JsonObject = {
        "type": resource_type,
        "interaction": [{"code": code} for code in interactions(TYPE, INSTANCE)],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": services.settings.update_as_create,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": _CONDITIONAL_DELETE[services.settings.conditional_delete],
        "referencePolicy": ["literal", "logical", "local"],
        "searchParam": [
            _search_parameter(each)
            for each in services.search_parameters.supported_parameters(resource_type)
        ],
        "searchInclude": ["*", *includes_of(services.search_parameters, resource_type)],
        "searchRevInclude": reverse_includes_of(services.search_parameters, resource_type),
    }
    supported = services.profiles.shared.of_type(resource_type)
    if supported:
        described["supportedProfile"] = supported
    listed = _operations(operations, resource_type)
    return described | ({"operation": listed} if listed else {})


def _search_parameter(parameter: SearchParameter) -> JsonObject:
    return {"name": parameter.code, "definition": parameter.url, "type": parameter.type}


def _operations(
    operations: Sequence[OperationEntry], resource_type: str | None
) -> list[JsonObject]:
    return [
        {"name": each.name, "definition": each.definition}
        for each in operations
        if each.resource_type == resource_type
    ]


def _security(base_url: str) -> JsonObject:
    token = base_url.removesuffix("/fhir") + "/oauth/token"
    return {
        "cors": False,
        "service": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                        "code": "SMART-on-FHIR",
                    }
                ]
            }
        ],
        "extension": [
            {
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [{"url": "token", "valueUri": token}],
            }
        ],
    }
