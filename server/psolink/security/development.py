"""The parties of a development server, with clients whose tokens and keys lie in its data folder.

A server that is open to others starts without any of this.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc.jwk import ECKey

from psolink.fhir_json import JsonObject
from psolink.security.access_tokens import AccessTokens
from psolink.security.principal import CONFIDENTIALITY, OrganizationKind, Role
from psolink.security.private_files import create_private, read_private, write_private
from psolink.security.registry import (
    Client,
    Contract,
    Listing,
    Organization,
    Registration,
    principal_of,
)
from psolink.security.scopes import Scopes

_TOKEN_LIFETIME = timedelta(days=365)
_SINCE = datetime(2024, 1, 1, tzinfo=UTC)

_ORGANIZATIONS = (
    Organization("hospital-a", "Hospital A", OrganizationKind.PROVIDER),
    Organization("hospital-b", "Hospital B", OrganizationKind.PROVIDER),
    Organization("pso-p", "PSO P", OrganizationKind.PSO, Listing(_SINCE)),
    Organization("pso-q", "PSO Q", OrganizationKind.PSO, Listing(_SINCE)),
    Organization("outsider", "Outsider", OrganizationKind.OTHER),
    Organization("operator", "Operator", OrganizationKind.OPERATOR),
)
_CONTRACT = Contract("hospital-a-pso-p", "hospital-a", "pso-p", _SINCE)


@dataclass(frozen=True, slots=True)
class _Seed:
    client_id: str
    organization: str
    level: str
    role: Role | None = None
    scopes: str = "system/*.cruds"


# The auditor reads audit events, which are labelled V; its scope keeps it to these.
_SEEDS = (
    _Seed("hospital-a", "hospital-a", "V", Role.PSES),
    _Seed("hospital-b", "hospital-b", "V", Role.PSES),
    _Seed("pso-p", "pso-p", "V", Role.PSO),
    _Seed("pso-q", "pso-q", "V", Role.PSO),
    _Seed("outsider", "outsider", "N"),
    _Seed("auditor", "operator", "V", Role.AUDITOR, "system/AuditEvent.rs"),
    _Seed("admin", "operator", "N", Role.ADMIN),
)

ClientSecrets = Mapping[str, ECKey]
"""The private key of each client, which only a development server ever holds."""


def load_or_create_client_keys(path: Path) -> ClientSecrets:
    """Return the clients' private keys of the file, which is made where there is none yet."""
    if not path.exists():
        made = {seed.client_id: _new_key().as_dict(private=True) for seed in _SEEDS}
        create_private(path, json.dumps(made, indent=2) + "\n")
    kept = json.loads(read_private(path))
    return {client_id: ECKey.import_key(key) for client_id, key in kept.items()}


def development_registration(keys: ClientSecrets) -> Registration:
    """Return two hospitals, two PSOs, an outsider and the operator, with one client each."""
    return Registration(
        organizations=_ORGANIZATIONS,
        contracts=(_CONTRACT,),
        clients=tuple(_client(seed, keys[seed.client_id]) for seed in _SEEDS),
    )


def dev_tokens(
    access_tokens: AccessTokens, registration: Registration, lifetime: timedelta = _TOKEN_LIFETIME
) -> dict[str, JsonObject]:
    """Return a long-lived token for each client, with all the scopes it is registered for."""
    organizations = {each.id: each for each in registration.organizations}
    return {
        client.client_id: {
            "token": access_tokens.issue(
                principal_of(client, organizations[client.organization], client.scopes),
                lifetime=lifetime,
            ).token,
            "organization": client.organization,
        }
        for client in registration.clients
    }


def write_tokens_file(path: Path, tokens: Mapping[str, JsonObject]) -> None:
    """Write the tokens where only the owner can read them."""
    write_private(path, json.dumps(tokens, indent=2) + "\n")


def _client(seed: _Seed, key: ECKey) -> Client:
    return Client(
        client_id=seed.client_id,
        organization=seed.organization,
        scopes=Scopes.parse(seed.scopes),
        level=CONFIDENTIALITY.index(seed.level),
        roles=frozenset({str(seed.role)} if seed.role else ()),
        jwks={"keys": [key.as_dict(private=False)]},
    )


def _new_key() -> ECKey:
    key = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"})
    key.ensure_kid()
    return key
