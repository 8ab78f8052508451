"""The facts of one disclosure: what a decision is made from. What is absent is not proven."""

from dataclasses import dataclass
from datetime import datetime

from psolink.fhir_json import JsonObject
from psolink.pswp import instants, labels, record
from psolink.pswp.instants import Moment
from psolink.pswp.party import Party


@dataclass(frozen=True, slots=True)
class Actor:
    """Who discloses or receives, with a role of CodeSystem/pswp-party-role."""

    organization: str
    role: str

    @classmethod
    def of(cls, party: Party) -> "Actor":
        """Return a party with the role that its kind gives it."""
        return cls(
            party.organization, party.kind if party.kind in ("provider", "pso") else "public"
        )


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of the item that is to be disclosed."""

    designation: str | None
    lifecycle: str | None = None
    pathway: str | None = None
    pses_entry_date: str | None = None

    @classmethod
    def of(cls, resource: JsonObject) -> "Item":
        """Return what a stored resource says of itself."""
        designation = labels.designation_of(resource)
        found = record.read(resource) or record.PswpRecord()
        return cls(
            designation.code if designation else None,
            found.lifecycle,
            found.pathway,
            found.pses_entry_date,
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract between provider and PSO, in force until before the instant or through the day `ends`.

    `forbids` names permissions that its terms rule out.
    """

    begins: Moment | None = None
    ends: Moment | None = None
    functional: bool = False
    forbids: tuple[str, ...] = ()

    def is_active(self, now: datetime) -> bool:
        """Tell whether it is in force; a contract without a beginning is not proven to be."""
        if self.begins is None or not instants.has_begun(self.begins, now):
            return False
        return self.ends is None or not instants.has_ended(self.ends, now)


@dataclass(frozen=True, slots=True)
class Listing:
    """A PSO's place on the Secretary's list: `listed`, `delisted` or `never`."""

    status: str = "never"
    delisted_at: Moment | None = None

    def is_listed(self, now: datetime) -> bool:
        """Tell whether the PSO is on the list; a delisting takes effect at its own time."""
        if self.status == "delisted" and self.delisted_at is not None:
            return not instants.has_begun(self.delisted_at, now)
        return self.status == "listed"

    def is_within(self, days: int, now: datetime) -> bool:
        """Tell whether it was delisted, and no more than so many days ago."""
        if self.status != "delisted" or self.delisted_at is None:
            return False
        last = instants.later(self.delisted_at, days)
        is_over = instants.has_ended(last, now) and now != last
        return instants.has_begun(self.delisted_at, now) and not is_over


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one decision needs. Permission and purpose are asked for, never assumed."""

    now: datetime
    permission: str
    discloser: Actor
    recipient: Actor
    item: Item
    purpose_of_use: str | None = None
    mode: str = "transmitted"
    contract: Contract | None = None
    listing: Listing = Listing()
