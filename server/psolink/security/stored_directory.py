"""The directory and the replay guard over rows of the store."""

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from typing import Protocol, TypeVar

from psolink.fhir_json import JsonObject
from psolink.security.registration import from_document, to_document
from psolink.security.registry import Client, Contract, Organization, Registration

Entry = TypeVar("Entry", Organization, Client, Contract)


class Rows(Protocol):
    """Documents that are kept under an id."""

    def get(self, row_id: str) -> JsonObject | None:
        """Return the row without its id, if there is one."""
        ...

    def remove(self, query: JsonObject) -> None:
        """Remove the rows that match."""
        ...

    def save(self, row_id: str, row: JsonObject) -> None:
        """Write a row, in place of the one under the same id."""
        ...

    def add(self, row_id: str, row: JsonObject) -> bool:
        """Write a row unless there is one under the same id; return whether it was written."""
        ...


class StoredDirectory:
    """What is registered, read anew each time, so that a change holds at once everywhere."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def organization(self, organization_id: str) -> Organization | None:
        """Return the organization with this id."""
        return self._entry(self._rows.get(f"organization/{organization_id}"), Organization)

    def client(self, client_id: str) -> Client | None:
        """Return the client with this id."""
        return self._entry(self._rows.get(f"client/{client_id}"), Client)

    def contract(self, provider: str, pso: str) -> Contract | None:
        """Return the contract between the two, whether or not it is in force."""
        return self._entry(self._rows.get(_contract_row(provider, pso)), Contract)

    def register(self, registration: Registration) -> None:
        """Write every entry, in place of the one under the same id."""
        entries: Iterable[Organization | Contract | Client] = (
            *registration.organizations,
            *registration.contracts,
            *registration.clients,
        )
        for entry in entries:
            document = to_document(entry)
            row_id = document.pop("_id")
            if isinstance(entry, Contract):
                # Two parties have one contract: a later one takes the place of the earlier.
                row_id = _contract_row(entry.provider, entry.pso)
            self._rows.save(row_id, document)

    def _entry(self, row: JsonObject | None, kind: type[Entry]) -> Entry | None:
        found = from_document(row) if row else None
        return found if isinstance(found, kind) else None


def _contract_row(provider: str, pso: str) -> str:
    return f"contract/{provider}/{pso}"


class StoredReplayGuard:
    """Remembers used assertions, for all workers and across restarts."""

    def __init__(self, rows: Rows, clock: Callable[[], datetime]) -> None:
        self._rows = rows
        self._clock = clock

    def first_use(self, client_id: str, jti: str, expires: datetime) -> bool:
        """Return whether this is the first use of an assertion's id, and remember it."""
        # An expired assertion is refused for its age: nothing need remember it.
        self._rows.remove({"expires": {"$lt": self._clock()}})
        digest = sha256(f"{client_id}\n{jti}".encode()).hexdigest()
        return self._rows.add(digest, {"expires": expires})
