"""A principal as a row, for work that is done after the request of the client has ended."""

from psolink.fhir_json import JsonObject
from psolink.security.principal import OrganizationKind, Principal
from psolink.security.scopes import Scopes


def principal_row(principal: Principal) -> JsonObject:
    """Return what makes up the principal."""
    return {
        "organization": principal.organization,
        "kind": principal.kind.value,
        "client": principal.client_id,
        "scopes": str(principal.scopes),
        "level": principal.level,
        "roles": sorted(principal.roles),
    }


def principal_of_row(row: JsonObject) -> Principal:
    """Return the principal of a row."""
    return Principal(
        organization=row["organization"],
        kind=OrganizationKind(row["kind"]),
        client_id=row["client"],
        scopes=Scopes.parse(row["scopes"]),
        level=row["level"],
        roles=frozenset(row["roles"]),
    )
