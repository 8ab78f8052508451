"""The routes beside FHIR's, as the OpenAPI description says them."""

from psolink.api.negotiation import FORM
from psolink.api.openapi_parts import Json, fhir_answer, refusal

_OBJECT: Json = {"type": "object"}


def plain_paths() -> Json:
    """Return the paths that need no token and speak plain JSON, and the statement of capabilities."""
    mode = {
        "name": "mode",
        "in": "query",
        "schema": {"type": "string", "enum": ["full", "normative", "terminology"]},
    }
    formatting = [{"$ref": f"#/components/parameters/{name}"} for name in ("_format", "_pretty")]
    statement: Json = {
        "operationId": "metadata",
        "summary": "Say what this server does",
        "tags": ["system"],
        "security": [],
        "parameters": [
            mode,
            {"$ref": "#/components/parameters/If-None-Match"},
            *formatting,
        ],
        "responses": {
            "200": fhir_answer("OK"),
            "304": {"description": "Not Modified"},
            "400": refusal("Bad Request"),
            "406": refusal("Not Acceptable"),
        },
    }
    return {
        "/fhir/metadata": {"get": statement},
        "/openapi.json": {"get": _get("openapi", "Describe the API", modified=True)},
        "/fhir/.well-known/smart-configuration": {
            "get": _get("smart_configuration", "Say how to get a token")
        },
        "/oauth/jwks": {"get": _get("jwks", "Give the keys that tokens are signed with")},
        "/oauth/token": {"post": _token()},
        "/health/live": {"get": _get("live", "Say that the process runs")},
        "/health/ready": {
            "get": _get("ready", "Say whether requests can be served", unavailable=True)
        },
    }


def _get(name: str, title: str, *, modified: bool = False, unavailable: bool = False) -> Json:
    answers: Json = {"200": _json("OK")}
    if modified:
        answers["304"] = {"description": "Not Modified"}
    if unavailable:
        answers["503"] = _json("Service Unavailable")
    return _plain(name, title, answers)


def _token() -> Json:
    form: Json = {
        "type": "object",
        "required": ["grant_type", "client_assertion_type", "client_assertion", "scope"],
        "properties": {
            name: {"type": "string"}
            for name in ("grant_type", "client_assertion_type", "client_assertion", "scope")
        },
    }
    answers = {
        "200": _json("OK"),
        "400": _json("Bad Request"),
        "401": _json("Unauthorized"),
        "413": refusal("Content Too Large"),
    }
    body = {"required": True, "content": {FORM: {"schema": form}}}
    return _plain("token", "Get an access token", answers) | {"requestBody": body}


def _plain(name: str, title: str, answers: Json) -> Json:
    return {
        "operationId": name,
        "summary": title,
        "tags": ["server"],
        "security": [],
        "responses": answers,
    }


def _json(description: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": _OBJECT}}}
