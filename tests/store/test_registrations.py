"""What is registered, and which assertions were used, in the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from psolink.security.principal import OrganizationKind
from psolink.security.registry import Contract, Listing, Organization, Registration
from psolink.security.stored_directory import StoredDirectory, StoredReplayGuard
from psolink.store.rows import Rows

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOSPITAL = Organization("hospital", "Hospital", OrganizationKind.PROVIDER)
PSO = Organization("pso", "PSO", OrganizationKind.PSO, Listing(NOW))
CONTRACT = Contract("first", "hospital", "pso", NOW)


@pytest.fixture
def directory(mongodb, database):
    return StoredDirectory(Rows(mongodb, database, "registrations"))


def test_what_is_registered_is_found(directory):
    directory.register(Registration((HOSPITAL, PSO), (CONTRACT,), ()))
    assert directory.organization("pso") == PSO
    assert directory.contract("hospital", "pso") == CONTRACT
    assert directory.organization("other") is None
    assert directory.contract("pso", "hospital") is None


def test_a_later_contract_of_the_same_parties_replaces_the_earlier(directory):
    directory.register(Registration((HOSPITAL, PSO), (CONTRACT,), ()))
    later = replace(CONTRACT, id="second", active=False)
    directory.register(Registration((), (later,), ()))
    assert directory.contract("hospital", "pso") == later


def test_an_assertion_is_used_once_until_it_expires(mongodb, database):
    moments = [NOW]
    guard = StoredReplayGuard(Rows(mongodb, database, "assertions"), lambda: moments[-1])
    until = NOW + timedelta(minutes=5)
    uses = [guard.first_use("ehr", "1", until), guard.first_use("ehr", "1", until)]
    assert uses == [True, False]
    assert guard.first_use("other", "1", until)
    moments.append(until + timedelta(seconds=1))
    assert guard.first_use("ehr", "2", until + timedelta(minutes=5))
    assert mongodb[database]["assertions"].count_documents({}) == 1
