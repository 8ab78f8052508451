from datetime import UTC, datetime, timedelta

import pytest

from psolink.security.principal import OrganizationKind
from psolink.security.registry import Contract, Listing, Organization
from psolink.security.relations import contract_active, listed

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def contract(start: datetime, end: datetime | None = None, *, active: bool = True) -> Contract:
    return Contract("c", "hospital", "pso", start, end, active)


def pso(listing: Listing | None, kind: str = "pso") -> Organization:
    return Organization("pso", "A PSO", OrganizationKind(kind), listing)


@pytest.mark.parametrize(
    ("found", "active"),
    [
        pytest.param(contract(NOW), True, id="starts now and has no end"),
        pytest.param(contract(NOW - MOMENT, NOW + MOMENT), True, id="within the period"),
        pytest.param(contract(NOW + MOMENT), False, id="not yet"),
        pytest.param(contract(NOW - MOMENT, NOW), False, id="ends now"),
        pytest.param(contract(NOW, active=False), False, id="suspended"),
        pytest.param(None, False, id="no contract"),
    ],
)
def test_a_contract_is_active_from_its_start_until_before_its_end(
    found: Contract | None, active: bool
):
    assert contract_active(found, NOW) is active


@pytest.mark.parametrize(
    ("organization", "expected"),
    [
        pytest.param(pso(Listing(NOW)), True, id="listed from now on"),
        pytest.param(pso(Listing(NOW - MOMENT, NOW + MOMENT)), True, id="delisted later"),
        pytest.param(pso(Listing(NOW + MOMENT)), False, id="not yet"),
        pytest.param(pso(Listing(NOW - MOMENT, NOW)), False, id="delisted now"),
        pytest.param(pso(None), False, id="never listed"),
        pytest.param(pso(Listing(NOW), kind="provider"), False, id="not a PSO"),
        pytest.param(None, False, id="no organization"),
    ],
)
def test_a_pso_is_listed_from_its_listing_until_before_its_delisting(
    organization: Organization | None, expected: bool
):
    assert listed(organization, NOW) is expected


def test_a_moment_without_a_time_zone_is_refused_rather_than_guessed():
    with pytest.raises(TypeError):
        contract_active(contract(NOW), NOW.replace(tzinfo=None))
