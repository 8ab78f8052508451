import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from psolink.errors import FhirError, Unprocessable
from psolink.security.principal import OrganizationKind
from psolink.security.registration import from_document, parse_registration, to_document
from psolink.security.registry import (
    Client,
    Contract,
    FixedDirectory,
    Listing,
    Organization,
    Registration,
    principal_of,
)
from psolink.security.scopes import Scopes

ORGANIZATIONS = """\
organizations:
  - {id: hospital, name: A hospital, kind: provider}
  - {id: pso, name: A PSO, kind: pso, listing: {listed_from: 2024-01-31}}
  - {id: staff, name: The operator, kind: operator}
"""
CONTRACT = """\
contracts:
  - {id: one, provider: hospital, pso: pso, from: 2026-01-01, to: 2027-01-01T00:00:00+02:00}
"""
CLIENT = """\
clients:
  - client_id: ehr
    organization: hospital
    scopes: [system/*.read, system/AdverseEvent.c]
    roles: [pses]
    level: V
    jwks_uri: https://ehr.example/jwks.json
"""
EXAMPLE = Path(__file__).parents[3] / "server" / "docs" / "registration.example.yaml"
HOSPITAL = Organization("hospital", "A hospital", OrganizationKind.PROVIDER)
PSO = Organization("pso", "A PSO", OrganizationKind.PSO, Listing(datetime(2024, 1, 31, tzinfo=UTC)))
EHR = Client(
    "ehr",
    "hospital",
    Scopes.parse("system/*.rs system/AdverseEvent.c"),
    5,
    frozenset({"pses"}),
    jwks_uri="https://ehr.example/jwks.json",
)
TERMS = Contract(
    "one",
    "hospital",
    "pso",
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 22, tzinfo=UTC),
)


def issues(text: str) -> list[str]:
    with pytest.raises(Unprocessable) as refused:
        parse_registration(text)
    return [issue.diagnostics for issue in refused.value.issues]


def test_a_file_registers_what_it_says():
    assert parse_registration(ORGANIZATIONS + CONTRACT + CLIENT) == Registration(
        (HOSPITAL, PSO, Organization("staff", "The operator", OrganizationKind.OPERATOR)),
        (TERMS,),
        (EHR,),
    )


def test_the_example_of_the_documentation_registers_every_sort_of_entry():
    registration = parse_registration(EXAMPLE.read_text(encoding="utf-8"))
    assert {each.kind for each in registration.organizations} == set(OrganizationKind)
    assert registration.contracts
    assert any(each.jwks for each in registration.clients)
    assert any(each.jwks_uri for each in registration.clients)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: hospital,", "id: Hospital,", r"line 2, organizations\[0\].id: an id has"),
        ("id: hospital,", 'id: "hospital\\n",', r"organizations\[0\].id: an id has"),
        ("id: hospital, ", "", r"line 2, organizations\[0\].id: Missing"),
        ("kind: provider", "kind: clinic", r"line 2, organizations\[0\].kind: Must be one of"),
        ("kind: provider", "kind: provider, x: 1", r"organizations\[0\].x: Unknown"),
        ("name: A hospital", "name: ''", r"organizations\[0\].name: "),
        ("kind: operator", "kind: operator, listing: {listed_from: 2024-01-01}", "only an org"),
        ("2024-01-31", "2024-02-31", r"line 3, organizations\[1\].listing.listed_from: a date"),
        ("2024-01-31", "31.1.2024", "listed_from: a date such as"),
        ("2024-01-31", "2024-01-31T10:00:00", "listed_from: a moment needs an offset"),
        ("2024-01-31}", "2024-01-31, delisted_at: 2024-01-31}", "must be after listed_from"),
        ("to: 2027", "to: 2026", r"line 6, contracts\[0\].to: must be after from"),
    ],
)
def test_a_fault_of_a_party_is_named_with_line_and_field(old: str, new: str, fault: str):
    text = (ORGANIZATIONS + CONTRACT).replace(old, new, 1)
    assert any(re.search(fault, issue) for issue in issues(text))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("client_id: ehr", "client_id: e/hr", r"line 6, clients\[0\].client_id: an id has"),
        ("    level: V\n", "", r"line 6, clients\[0\].level: Missing"),
        ("level: V", "level: X", r"clients\[0\].level: one of the codes U, L, M"),
        ("level: V", "level: [V]", r"clients\[0\].level: one of the codes U, L, M"),
        ("[pses]", "[doctor]", r"clients\[0\].roles: a list of roles is expected; there are pses"),
        ("[pses]", "pses", r"clients\[0\].roles: a list of roles"),
        ("[pses]", "[[pses]]", r"clients\[0\].roles: a list of roles"),
        ("system/*.read", "user/*.read", r"line 8, clients\[0\].scopes\[0\]: user/\*.read needs"),
        ("[system/*.read, system/AdverseEvent.c]", "[]", r"scopes: a list of scopes"),
        ("[system/*.read, system/AdverseEvent.c]", "system/*.r", r"scopes: a list of scopes"),
        ("https:", "http:", r"jwks_uri: the scheme must be https"),
        ("https://ehr.example/", "https:///", r"jwks_uri: an https URL"),
        ("https://ehr", "https://user:password@ehr", r"jwks_uri: an https URL without user"),
        ("    jwks_uri: https://ehr.example/jwks.json\n", "", r"clients\[0\]: either jwks or"),
        ("jwks_uri: https", "jwks: {keys: []}\n    jwks_uri: https", "and not both"),
        (
            "jwks_uri: https",
            "jwks: {keys: [{}]}\n    #",
            r"line 11, clients\[0\].jwks.keys\[0\]: kty",
        ),
        ("jwks_uri: https", "jwks: text\n    #", r"clients\[0\].jwks: a JWK Set is"),
        ("organization: hospital", "organization: clinic", "organization: there is no organiza"),
        ("[pses]", "[pso]", "roles: the role pso is for organizations of kind pso, and hospital"),
        ("[pses]", "[admin]", "roles: the role admin is for organizations of kind operator"),
        ("organization: hospital", "organization: staff", "the role pses is for organizations of"),
    ],
)
def test_a_fault_of_a_client_is_named_with_line_and_field(old: str, new: str, fault: str):
    text = (ORGANIZATIONS + CLIENT).replace(old, new, 1)
    assert any(re.search(fault, issue) for issue in issues(text))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            ORGANIZATIONS + "  - {id: pso, name: X, kind: other}",
            "organizations[3].id: there is already one of pso",
            id="an organization twice",
        ),
        pytest.param(
            ORGANIZATIONS + CLIENT + CLIENT.removeprefix("clients:\n"),
            "clients[1].client_id: there is already one of ehr",
            id="a client twice",
        ),
        pytest.param(
            ORGANIZATIONS
            + CONTRACT
            + "  - {id: two, provider: hospital, pso: pso, from: 2027-01-01}",
            "contracts[1].pso: there is already one of hospital and pso",
            id="two contracts of a pair",
        ),
        pytest.param(
            ORGANIZATIONS + CONTRACT.replace("pso: pso", "pso: hospital"),
            "contracts[0].pso: hospital is registered as provider",
            id="a contract with a hospital",
        ),
        pytest.param(
            ORGANIZATIONS + CONTRACT.replace("provider: hospital", "provider: none"),
            "contracts[0].provider: there is no organization none",
            id="a contract of nobody",
        ),
        pytest.param("- a", "top: Invalid input type", id="a list"),
        pytest.param("", "top: Invalid input type", id="nothing"),
        pytest.param("clients: 5", "clients: Not a valid list", id="no list"),
        pytest.param("a: [", "line 1: this is not YAML", id="not YAML"),
    ],
)
def test_entries_that_do_not_fit_together_are_refused(text: str, fault: str):
    assert fault in " / ".join(issues(text))


def test_every_fault_is_named_at_once():
    text = (ORGANIZATIONS + CLIENT).replace("level: V", "level: X").replace("kind: pso", "kind: x")
    assert len(issues(text)) == 2


def test_a_private_key_in_the_file_is_refused_and_not_quoted():
    key = ECKey.generate_key("P-384", {"kid": "a"}).as_dict(private=True)
    text = ORGANIZATIONS + CLIENT.replace("jwks_uri: https", f"jwks: {{keys: [{key}]}}\n    #")
    [issue] = issues(text)
    assert "the key is private" in issue
    assert str(key["d"]) not in issue


@pytest.mark.parametrize(
    "address", ["http://localhost:9/k", "http://127.0.0.1/k", "http://[::1]/k"]
)
def test_the_address_of_keys_may_be_on_the_loopback(address: str):
    text = ORGANIZATIONS + CLIENT.replace("https://ehr.example/jwks.json", address)
    assert parse_registration(text).clients[0].jwks_uri == address


@pytest.mark.parametrize(
    "registered",
    [
        HOSPITAL,
        PSO,
        TERMS,
        EHR,
        Client("inline", "pso", Scopes.parse("system/*.rs"), 0, jwks={"keys": []}, active=False),
        Contract("two", "a", "b", TERMS.start, active=False, functional=True),
    ],
)
def test_what_is_stored_is_read_back_the_same(registered: Organization | Contract | Client):
    assert from_document(to_document(registered)) == registered


def test_a_document_says_its_type_and_can_be_found_by_its_fields():
    document = to_document(TERMS)
    assert document["_id"] == "contract/one"
    assert (document["type"], document["provider"], document["pso"]) == (
        "contract",
        "hospital",
        "pso",
    )


def test_a_stored_document_with_a_fault_is_not_used():
    with pytest.raises(ValueError, match="a stored client cannot be used: level: one of"):
        from_document(to_document(EHR) | {"level": "X"})


def test_a_directory_finds_what_is_registered_and_nothing_else():
    directory = FixedDirectory(Registration((HOSPITAL, PSO), (TERMS,), (EHR,)))
    assert directory.organization("hospital") == HOSPITAL
    assert directory.client("ehr") == EHR
    assert directory.contract("hospital", "pso") == TERMS
    assert directory.contract("pso", "hospital") is None
    assert (directory.organization("x"), directory.client("x")) == (None, None)


def test_a_principal_has_the_scopes_that_are_both_requested_and_registered():
    principal = principal_of(EHR, HOSPITAL, Scopes.parse("system/Patient.cruds"))
    assert str(principal.scopes) == "system/Patient.rs"
    assert (principal.organization, principal.kind, principal.level) == ("hospital", "provider", 5)
    assert principal.holds_pswp_clearance


def test_an_issue_is_an_error_of_the_failure_tree():
    with pytest.raises(FhirError):
        parse_registration("clients: 5")
