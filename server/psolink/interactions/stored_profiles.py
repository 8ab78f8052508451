"""The profiles that an organization keeps on the server, for judging what it writes itself.

They are read through the door like everything else, and kept as long as nothing of them changes.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from psolink.fhir_json import JsonObject
from psolink.security.authorized_store import AuthorizedStore
from psolink.security.principal import Principal
from psolink.terminology import Terminology
from psolink.validation.profiles import HeldMembership, Profiles

_MOST = 500
_KEPT = 64

Stamps = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Eyes:
    """What decides which definitions a principal sees."""

    organization: str
    level: int
    has_clearance: bool


@dataclass(slots=True)
class StoredProfiles:
    """Puts the definitions of an organization on top of those of the server, where it asks.

    What the server has under a URL stays; another organization's definitions are never looked at.
    """

    shared: Profiles
    terminology: Terminology
    _known: OrderedDict[_Eyes, tuple[Stamps, Profiles]] = field(default_factory=OrderedDict)
    _of_requests: WeakKeyDictionary[AuthorizedStore, Profiles] = field(
        default_factory=WeakKeyDictionary
    )
    _lock: Lock = field(default_factory=Lock)

    def of(self, principal: Principal, store: AuthorizedStore) -> Profiles:
        """Return the profiles by which the principal's resources are judged.

        A request has a store of its own, and asks it once however many resources it writes.
        """
        with self._lock:
            found = self._of_requests.get(store)
        if found is None:
            found = self._current(principal, store)
            with self._lock:
                self._of_requests[store] = found
        return found

    def _current(self, principal: Principal, store: AuthorizedStore) -> Profiles:
        eyes = _Eyes(principal.organization, principal.level, principal.holds_pswp_clearance)
        stamps = frozenset(store.definition_versions(limit=_MOST))
        if not stamps:
            return self.shared
        with self._lock:
            known = self._known.get(eyes)
            if known is not None and known[0] == stamps:
                self._known.move_to_end(eyes)
                return known[1]
        made = self._make(store.definitions(limit=_MOST))
        with self._lock:
            self._known[eyes] = (stamps, made)
            self._known.move_to_end(eyes)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return made

    def _make(self, resources: Iterable[JsonObject]) -> Profiles:
        own = [each for each in resources if not self._is_shared(each)]
        membership = HeldMembership(self.terminology.including(own))
        return self.shared.including(own, membership=membership)

    def _is_shared(self, resource: JsonObject) -> bool:
        url, catalogue = str(resource.get("url")), self.terminology.catalogue
        match resource["resourceType"]:
            case "ValueSet":
                return catalogue.value_set(url) is not None
            case "CodeSystem":
                return catalogue.code_system(url) is not None
            case _:
                return self.shared.knows(url)
