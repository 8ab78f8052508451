import json
from datetime import timedelta
from pathlib import Path

import pytest

from psolink.security.access_tokens import AccessTokens
from psolink.security.development import (
    ClientSecrets,
    dev_tokens,
    development_registration,
    load_or_create_client_keys,
    write_tokens_file,
)
from psolink.security.registration import from_document, to_document
from psolink.security.registry import FixedDirectory, Registration

CLIENTS = ["hospital-a", "hospital-b", "pso-p", "pso-q", "outsider", "auditor", "admin"]
ORGANIZATIONS = ["hospital-a", "hospital-b", "pso-p", "pso-q", "outsider", "operator"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ClientSecrets:
    return load_or_create_client_keys(tmp_path_factory.mktemp("data") / "client-keys.json")


@pytest.fixture(scope="module")
def registration(keys) -> Registration:
    return development_registration(keys)


@pytest.fixture
def access_tokens(signing_keys, clock) -> AccessTokens:
    return AccessTokens(
        signing_keys, issuer="i", audience="a", lifetime=timedelta(minutes=5), clock=clock
    )


def test_every_party_has_a_token_that_names_its_organization(access_tokens, registration):
    tokens = dev_tokens(access_tokens, registration)
    assert list(tokens) == CLIENTS
    assert [entry["organization"] for entry in tokens.values()] == [*ORGANIZATIONS, "operator"]
    for name, entry in tokens.items():
        principal = access_tokens.verify(entry["token"])
        assert (principal.client_id, principal.organization) == (name, entry["organization"])


@pytest.mark.parametrize(
    ("name", "kind", "level", "scope", "cleared"),
    [
        ("hospital-a", "provider", 5, "system/*.cruds", True),
        ("hospital-b", "provider", 5, "system/*.cruds", True),
        ("pso-p", "pso", 5, "system/*.cruds", True),
        ("pso-q", "pso", 5, "system/*.cruds", True),
        ("outsider", "other", 3, "system/*.cruds", False),
        ("auditor", "operator", 5, "system/AuditEvent.rs", False),
        ("admin", "operator", 3, "system/*.cruds", False),
    ],
)
def test_each_client_has_what_its_part_needs(  # noqa: PLR0917 # a row of the table
    access_tokens, registration, name, kind, level, scope, cleared
):
    principal = access_tokens.verify(dev_tokens(access_tokens, registration)[name]["token"])
    assert (principal.kind, principal.level, str(principal.scopes)) == (kind, level, scope)
    assert principal.holds_pswp_clearance is cleared


def test_hospital_a_has_a_contract_with_pso_p_and_nobody_else_has_one(registration, clock):
    directory = FixedDirectory(registration)
    pairs = {
        (provider, pso)
        for provider in ORGANIZATIONS
        for pso in ORGANIZATIONS
        if directory.contract(provider, pso)
    }
    assert pairs == {("hospital-a", "pso-p")}
    assert [contract.functional for contract in registration.contracts] == [False]


def test_the_two_psos_are_listed(registration, clock):
    found = [each.id for each in registration.organizations if each.listing]
    assert found == ["pso-p", "pso-q"]


def test_the_seed_can_be_stored_and_read_back(registration):
    entries = [*registration.organizations, *registration.contracts, *registration.clients]
    assert [from_document(to_document(entry)) for entry in entries] == entries


def test_tokens_live_for_a_long_time(access_tokens, registration, clock):
    token = dev_tokens(access_tokens, registration)["pso-p"]["token"]
    clock.advance(364 * 86400)
    assert access_tokens.verify(token).client_id == "pso-p"


def test_the_tokens_file_is_readable_by_its_owner_only(tmp_path: Path):
    tokens = {"pso-p": {"token": "a", "organization": "pso-p"}}
    write_tokens_file(tmp_path / "dev-tokens.json", tokens)
    assert json.loads((tmp_path / "dev-tokens.json").read_text()) == tokens
    assert (tmp_path / "dev-tokens.json").stat().st_mode & 0o777 == 0o600


def test_the_keys_of_the_clients_are_made_once_and_kept_private(tmp_path: Path):
    first = load_or_create_client_keys(tmp_path / "keys.json")
    assert load_or_create_client_keys(tmp_path / "keys.json") == first
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert list(first) == CLIENTS


def test_the_registration_holds_no_private_key(registration, keys):
    assert all(str(keys[each.client_id]["d"]) not in str(each) for each in registration.clients)


def test_no_two_servers_share_keys(keys, tmp_path: Path):
    other = load_or_create_client_keys(tmp_path / "keys.json")
    assert not {key.thumbprint() for key in keys.values()} & {
        key.thumbprint() for key in other.values()
    }
