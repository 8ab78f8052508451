"""The file in which an operator registers parties, and the documents in which they are kept."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from psolink.errors import Unprocessable
from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode
from psolink.security.principal import OrganizationKind, Role
from psolink.security.registration_schemas import (
    ClientSchema,
    ContractSchema,
    OrganizationSchema,
    RegistrationSchema,
)
from psolink.security.registry import Client, Contract, Organization, Registration
from psolink.security.yaml_lines import LinedYaml, Path, read_yaml, written

Registered = Organization | Contract | Client
Finding = tuple[IssueCode, Path, str]

_SCHEMAS = {
    "organization": OrganizationSchema,
    "contract": ContractSchema,
    "client": ClientSchema,
}
_KINDS_OF_ROLE = {
    Role.PSES: {OrganizationKind.PROVIDER},
    Role.PSO: {OrganizationKind.PSO},
    Role.ADMIN: {OrganizationKind.OPERATOR},
}


def parse_registration(yaml_text: str) -> Registration:
    """Return what the file registers; raise `Unprocessable` with an issue for each fault."""
    read = read_yaml(yaml_text)
    if read.issues:
        raise Unprocessable.of(read.issues)
    try:
        registration: Registration = RegistrationSchema().load(read.content)
    except ValidationError as error:
        raise Unprocessable.of(_schema_issues(read, error)) from None
    issues = [read.issue(*finding) for finding in _contradictions(registration)]
    if issues:
        raise Unprocessable.of(issues)
    return registration


def to_document(registered: Registered) -> JsonObject:
    """Return the document to store; `_id` is the type and the id."""
    name = type(registered).__name__.lower()
    document: JsonObject = _SCHEMAS[name]().dump(registered)
    key = registered.client_id if isinstance(registered, Client) else registered.id
    return {"_id": f"{name}/{key}", "type": name} | document


def from_document(document: Mapping[str, Any]) -> Registered:
    """Return what a stored document registers; raise `ValueError` if it is not fit for use."""
    content = {name: value for name, value in document.items() if name not in ("_id", "type")}
    try:
        registered: Registered = _SCHEMAS[document["type"]]().load(content)
    except ValidationError as error:
        faults = "; ".join(
            f"{written(path)}: {text}" for path, text in _flattened(error.messages, ())
        )
        raise ValueError(f"a stored {document['type']} cannot be used: {faults}") from None
    return registered


def _schema_issues(read: LinedYaml, error: ValidationError) -> list[Issue]:
    return [
        read.issue(IssueCode.VALUE, path, text) for path, text in _flattened(error.messages, ())
    ]


def _flattened(messages: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flattened(inner, path if name == "_schema" else (*path, name))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flattened(inner, path)
    else:
        yield path, str(messages)


def _contradictions(registration: Registration) -> Iterator[Finding]:
    """Yield what no single entry shows: ids that are taken or missing, roles that do not fit."""
    organizations = {each.id: each for each in registration.organizations}
    yield from _taken("organizations", "id", [(each.id,) for each in registration.organizations])
    yield from _taken("contracts", "id", [(each.id,) for each in registration.contracts])
    yield from _taken(
        "contracts", "pso", [(each.provider, each.pso) for each in registration.contracts]
    )
    yield from _taken("clients", "client_id", [(each.client_id,) for each in registration.clients])
    for position, contract in enumerate(registration.contracts):
        yield from _party_faults(contract, organizations, ("contracts", position))
    for position, client in enumerate(registration.clients):
        yield from _client_faults(client, organizations, ("clients", position))


def _taken(where: str, field: str, names: Iterable[tuple[str, ...]]) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for position, name in enumerate(names):
        if name in seen:
            taken = " and ".join(name)
            yield IssueCode.DUPLICATE, (where, position, field), f"there is already one of {taken}"
        seen.add(name)


def _party_faults(
    contract: Contract, organizations: Mapping[str, Organization], path: Path
) -> Iterator[Finding]:
    for kind, party in (("provider", contract.provider), ("pso", contract.pso)):
        organization = organizations.get(party)
        if organization is None:
            yield IssueCode.NOT_FOUND, (*path, kind), f"there is no organization {party}"
        elif organization.kind != kind:
            yield (
                IssueCode.BUSINESS_RULE,
                (*path, kind),
                f"{party} is registered as {organization.kind}, and this party must be a {kind}",
            )


def _client_faults(
    client: Client, organizations: Mapping[str, Organization], path: Path
) -> Iterator[Finding]:
    organization = organizations.get(client.organization)
    if organization is None:
        where = (*path, "organization")
        yield IssueCode.NOT_FOUND, where, f"there is no organization {client.organization}"
        return
    for role, kinds in _KINDS_OF_ROLE.items():
        if role in client.roles and organization.kind not in kinds:
            yield (
                IssueCode.BUSINESS_RULE,
                (*path, "roles"),
                f"the role {role} is for organizations of kind {' or '.join(sorted(kinds))}, "
                f"and {organization.id} is of kind {organization.kind}",
            )
