"""The parts of which the OpenAPI description is made: schemas, parameters, bodies and answers."""

from collections.abc import Sequence
from typing import Any

from psolink.api.negotiation import FHIR_JSON, FHIR_XML, FORM
from psolink.interactions.routes import Takes

Json = dict[str, Any]

_ID = {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}


def _path(name: str, schema: Json, description: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": schema,
        "description": description,
    }


PATH_PARAMETERS: Json = {
    "type": _path("type", {"$ref": "#/components/schemas/ResourceType"}, "The resource type"),
    "id": _path("id", _ID, "The logical id"),
    "member": _path("member", {"type": "string"}, "The resource type in the compartment, or *"),
    "version": _path("version", _ID, "The version id"),
    "job": _path("job", _ID, "The id in the Content-Location of the answer"),
    "criteria": {
        "name": "criteria",
        "in": "query",
        "style": "form",
        "explode": True,
        "description": "Search parameters; GET /fhir/metadata lists those of each type.",
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "_format": {
        "name": "_format",
        "in": "query",
        "schema": {"type": "string", "enum": ["json", "xml", FHIR_JSON, FHIR_XML]},
        "description": "The format of the answer, before what Accept says",
    },
    "_pretty": {
        "name": "_pretty",
        "in": "query",
        "schema": {"type": "boolean"},
        "description": "Whether the answer is indented",
    },
}


def _header(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "schema": {"type": "string"}, "description": description}


HEADER_PARAMETERS: Json = {
    "If-Match": _header("If-Match", 'The version that must be current, such as W/"3"'),
    "If-None-Match": _header("If-None-Match", "Versions that the client has; * for a write: none"),
    "If-Modified-Since": _header("If-Modified-Since", "When the client read what it has"),
    "If-None-Exist": _header("If-None-Exist", "Criteria that no resource may match"),
    "Prefer": _header("Prefer", "return=minimal, handling=lenient and the like"),
}


def schemas(resource_types: Sequence[str]) -> Json:
    """Return the schemas. What a resource holds is said by its StructureDefinition and not here."""
    resource: Json = {
        "type": "object",
        "required": ["resourceType"],
        "properties": {
            "resourceType": {"$ref": "#/components/schemas/ResourceType"},
            "id": _ID,
            "meta": {"type": "object"},
        },
    }
    return {
        "ResourceType": {"type": "string", "enum": list(resource_types)},
        "Resource": resource,
        "Bundle": _of_type("Bundle", {"entry": {"type": "array", "items": {"type": "object"}}}),
        "Parameters": _of_type(
            "Parameters", {"parameter": {"type": "array", "items": {"type": "object"}}}
        ),
        "OperationOutcome": _of_type(
            "OperationOutcome", {"issue": {"type": "array", "items": {"type": "object"}}}
        ),
        "JsonPatch": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["op", "path"],
                "properties": {"op": {"type": "string"}, "path": {"type": "string"}},
            },
        },
    }


def _of_type(name: str, properties: Json) -> Json:
    kind = {"type": "string", "enum": [name]}
    return {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": kind} | properties,
    }


_SCHEMA_OF = {
    Takes.RESOURCE: "Resource",
    Takes.BUNDLE: "Bundle",
    Takes.PARAMETERS: "Resource",
    Takes.PATCH: "Parameters",
}


def body_of(takes: Takes) -> Json:
    """Return the body that a route takes, in each format."""
    schema = {"$ref": f"#/components/schemas/{_SCHEMA_OF[takes]}"}
    content: Json = {FHIR_JSON: {"schema": schema}, FHIR_XML: {"schema": {"type": "string"}}}
    if takes is Takes.PATCH:
        content["application/json-patch+json"] = {
            "schema": {"$ref": "#/components/schemas/JsonPatch"}
        }
        content["application/xml-patch+xml"] = {"schema": {"type": "string"}}
    return {"required": takes is not Takes.PARAMETERS, "content": content}


FORM_BODY: Json = {
    "content": {
        FORM: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}},
    }
}


def fhir_answer(description: str) -> Json:
    """Return an answer that holds a resource."""
    return _answer(description, "Resource")


def refusal(description: str) -> Json:
    """Return an answer that says what is wrong."""
    return _answer(description, "OperationOutcome")


def _answer(description: str, schema: str) -> Json:
    of_json = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": description, "content": {FHIR_JSON: of_json, FHIR_XML: {"schema": {}}}}
