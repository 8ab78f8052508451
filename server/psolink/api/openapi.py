"""The OpenAPI description of everything that answers, made from the tables of routes and operations.

https://spec.openapis.org/oas/v3.0.3
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus

from psolink import __version__
from psolink.api.openapi_parts import (
    FORM_BODY,
    HEADER_PARAMETERS,
    PATH_PARAMETERS,
    Json,
    body_of,
    fhir_answer,
    refusal,
    schemas,
)
from psolink.api.plain_routes import plain_paths
from psolink.definitions import Definitions, OperationParameter
from psolink.interactions.routes import ROUTES, Route, Takes
from psolink.operations.table import OPERATIONS, Level, Operation

BASE = "/fhir"
EVERY_ROUTE = (400, 401, 403, 406, 503)
"""What any request can be answered with: malformed, without a token, and so on."""

_OF_OPERATIONS = (200, 201, 404, 405, 409, 410, 412, 413, 415, 422)
_CRITERIA = {"$ref": "#/components/parameters/criteria"}
_FORMATTING = [{"$ref": f"#/components/parameters/{name}"} for name in ("_format", "_pretty")]
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9]+")


def openapi(definitions: Definitions, public_root: str) -> Json:
    """Return the description of this server; `public_root` is the URL above the FHIR base."""
    paths: dict[str, Json] = {}
    for route in ROUTES:
        _put(paths, route.method, f"{BASE}{route.path}", _interaction(route))
    for operation in OPERATIONS:
        for path in _paths(operation):
            for method in ("POST",) if operation.affects_state else ("GET", "POST"):
                described = _operation(definitions, operation, method)
                _put(paths, method, f"{BASE}{path}", described)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "PSOLink",
            "version": __version__,
            "description": "An HL7 FHIR R4 server for patient safety events. "
            "GET /fhir/metadata says which search parameters each type has.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": public_root}],
        "paths": paths | plain_paths(),
        "components": _components(definitions, public_root),
        "security": [{"bearer": []}, {"smart": []}],
    }


def _put(paths: dict[str, Json], method: str, path: str, described: Json) -> None:
    at = paths.setdefault(path, {})
    if names := re.findall(r"\{(\w+)\}", path):
        at["parameters"] = [{"$ref": f"#/components/parameters/{each}"} for each in names]
    identifier = _UNSAFE_NAME.sub("_", f"{method.lower()}{path}").strip("_")
    at[method.lower()] = {"operationId": identifier} | described


def _interaction(route: Route) -> Json:
    parameters = [{"$ref": f"#/components/parameters/{each}"} for each in route.headers]
    if route.has_criteria:
        parameters.append(_CRITERIA)
    described: Json = {
        "summary": route.title,
        "tags": [route.level],
        "parameters": [*parameters, *_FORMATTING],
        "responses": _answers(route.answers),
    }
    return described | _requested(route.takes)


def _requested(takes: Takes) -> Json:
    if takes is Takes.NOTHING:
        return {}
    return {"requestBody": FORM_BODY if takes is Takes.FORM else body_of(takes)}


def _operation(definitions: Definitions, operation: Operation, method: str) -> Json:
    known = {each.url: each for each in definitions.operations}
    definition = known.get(operation.definition)
    parameters = list(_simple(definition.parameter if definition else ()))
    if operation.takes_criteria:
        parameters.append(_CRITERIA)
    described: Json = {
        "summary": f"Perform ${operation.name}",
        "description": operation.definition,
        "tags": ["operations"],
        "parameters": [*parameters, *_FORMATTING],
        "responses": _answers(_OF_OPERATIONS),
    }
    if method == "GET":
        return described
    return described | {"requestBody": body_of(Takes.PARAMETERS)}


def _paths(operation: Operation) -> Iterator[str]:
    name, kind = f"${operation.name}", operation.resource_type or "{type}"
    if Level.SYSTEM in operation.levels:
        yield f"/{name}"
    if Level.TYPE in operation.levels:
        yield f"/{kind}/{name}"
    if Level.INSTANCE in operation.levels:
        yield f"/{kind}/{{id}}/{name}"


def _simple(parameters: Sequence[OperationParameter]) -> Iterator[Json]:
    """Yield the parameters that fit into a query."""
    for each in parameters:
        if each.use == "in" and each.type is not None and each.type[0].islower():
            yield {
                "name": each.name,
                "in": "query",
                "schema": {"type": _SCHEMA_TYPES.get(each.type, "string")},
            }


_SCHEMA_TYPES: Mapping[str, str] = {
    "boolean": "boolean",
    "integer": "integer",
    "positiveInt": "integer",
    "unsignedInt": "integer",
}


def _answers(statuses: Iterable[int]) -> Json:
    return {str(each): _answer(each) for each in sorted({*statuses, *EVERY_ROUTE})}


def _answer(status: int) -> Json:
    phrase = HTTPStatus(status).phrase
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return {"description": phrase}
    if status >= HTTPStatus.BAD_REQUEST:
        return refusal(phrase)
    return fhir_answer(phrase)


def _components(definitions: Definitions, public_root: str) -> Json:
    return {
        "schemas": schemas(sorted(definitions.resource_types)),
        "parameters": PATH_PARAMETERS | HEADER_PARAMETERS,
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "smart": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": f"{public_root}/oauth/token",
                        "scopes": {"system/*.cruds": "Everything, within what the client may see"},
                    }
                },
            },
        },
    }
