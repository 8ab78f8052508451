"""Which profiles hold for a request, and how often the store is asked about them."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.interactions.stored_profiles import StoredProfiles
from psolink.security.authorized_store import AuthorizedStore
from psolink.security.principal import Principal
from psolink.terminology import Terminology
from psolink.validation.profiles import Profiles

URL = "http://example.org/StructureDefinition/named"
PATIENT = {"resourceType": "Patient"}
PROFILE: JsonObject = {
    "resourceType": "StructureDefinition",
    "url": URL,
    "type": "Patient",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]},
}


@dataclass(eq=False)
class Definitions:
    """A store of definitions that counts how often they are read."""

    version: int = 1
    content: JsonObject = field(default_factory=lambda: PROFILE)
    looks: int = 0
    reads: int = 0

    def definition_versions(self, *, limit: int) -> list[tuple[str, int]]:
        self.looks += 1
        return [("a", self.version)] if self.version else []

    def definitions(self, *, limit: int) -> list[JsonObject]:
        self.reads += 1
        return [self.content]

    def as_store(self) -> AuthorizedStore:
        return cast("AuthorizedStore", self)


@dataclass(frozen=True)
class Somebody:
    """What decides which definitions a principal sees."""

    organization: str = "a"
    level: int = 1
    holds_pswp_clearance: bool = True

    def as_principal(self) -> Principal:
        return cast("Principal", self)


@pytest.fixture
def stored() -> StoredProfiles:
    return StoredProfiles(Profiles(load_definitions(), []), Terminology.load())


def is_held_to_it(profiles: Profiles) -> bool:
    return profiles.knows(URL) and bool(profiles.judge(PATIENT, URL))


def test_one_request_looks_once(stored: StoredProfiles):
    store, who = Definitions(), Somebody().as_principal()
    found = [stored.of(who, store.as_store()) for _ in range(3)]
    assert all(map(is_held_to_it, found))
    assert (store.looks, store.reads) == (1, 1)


def test_the_next_request_reads_only_what_has_changed(stored: StoredProfiles):
    who = Somebody().as_principal()
    first, second, third = Definitions(), Definitions(), Definitions(version=2)
    for store in (first, second, third):
        assert is_held_to_it(stored.of(who, store.as_store()))
    assert [each.reads for each in (first, second, third)] == [1, 0, 1]


def test_who_sees_other_definitions_gets_others(stored: StoredProfiles):
    strict, loose = Definitions(), Definitions(content=PROFILE | {"url": "http://example.org/x"})
    assert is_held_to_it(stored.of(Somebody("a").as_principal(), strict.as_store()))
    for other in (Somebody("b"), Somebody("a", level=0), Somebody("a", holds_pswp_clearance=False)):
        assert not is_held_to_it(stored.of(other.as_principal(), loose.as_store()))


def test_without_definitions_those_of_the_server_hold(stored: StoredProfiles):
    none = Definitions(version=0)
    assert stored.of(Somebody().as_principal(), none.as_store()) is stored.shared
    assert none.reads == 0
