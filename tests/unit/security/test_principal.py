import pytest

from psolink.security.principal import CONFIDENTIALITY, OrganizationKind, Principal
from psolink.security.scopes import Scopes


def principal(kind: str, *roles: str) -> Principal:
    return Principal(
        organization="org",
        kind=OrganizationKind(kind),
        client_id="client",
        scopes=Scopes.parse("system/Patient.rs"),
        level=CONFIDENTIALITY.index("N"),
        roles=frozenset(roles),
    )


@pytest.mark.parametrize(
    ("kind", "role", "cleared"),
    [
        ("provider", "pses", True),
        ("pso", "pso", True),
        ("provider", "pso", False),
        ("pso", "pses", False),
        ("other", "pses", False),
        ("other", "pso", False),
        ("operator", "admin", False),
        ("operator", "pses", False),
        ("provider", "auditor", False),
    ],
)
def test_only_the_role_that_fits_the_organization_gives_pswp_clearance(
    kind: str, role: str, cleared: bool
):
    assert principal(kind, role).holds_pswp_clearance is cleared


@pytest.mark.parametrize("kind", list(OrganizationKind))
def test_without_roles_nobody_has_pswp_clearance(kind: OrganizationKind):
    assert not principal(kind).holds_pswp_clearance


def test_scopes_say_what_a_principal_may_do():
    reader = principal("provider")
    assert (reader.may("r", "Patient"), reader.may("u", "Patient"), reader.may("r", "Device")) == (
        True,
        False,
        False,
    )


def test_confidentiality_codes_rank_from_unrestricted_to_very_restricted():
    assert [CONFIDENTIALITY.index(code) for code in "ULMNRV"] == [0, 1, 2, 3, 4, 5]
