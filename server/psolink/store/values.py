"""What the store keeps and what it is asked to write, as plain values."""

from dataclasses import dataclass, field
from datetime import datetime

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue

EVERYONE = "*"
"""Among the holders it stands for every organization, as tenant for none: no id looks like it."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a stored version; it is kept beside the resource and never inside it.

    `tenant` is the organization that wrote the resource and alone may change it. `holders` are
    the organizations that lawfully hold this version. `level` is the rank of its
    confidentiality, see `psolink.pswp.labels`. `pswp` says that it is patient safety work
    product, or must be treated as such.
    """

    tenant: str
    holders: tuple[str, ...]
    level: int
    pswp: bool


@dataclass(frozen=True, slots=True)
class Key:
    """The identity of a resource: logical ids are unique within the organization that assigned them."""

    tenant: str
    type: str
    id: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.type}/{self.id}"

    @property
    def reference(self) -> str:
        """The literal reference, `Type/id`."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a resource. A deleted version has no `resource`.

    `index` holds `created`, and the other values of a current document that were asked for.
    """

    key: Key
    version: int
    updated: datetime
    method: str
    access: Access
    resource: JsonObject | None
    index: JsonObject = field(default_factory=dict)

    @property
    def content(self) -> JsonObject:
        """The resource; only for a version that is not deleted."""
        if self.resource is None:
            raise ValueError("a deleted version has no content")
        return self.resource


@dataclass(frozen=True, slots=True)
class Reservation:
    """A name that only one writer can take, such as a match URL.

    `replaces` is the holder that the writer saw and found to be outdated; None: it saw none.
    """

    name: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """Write a new version of `resource`, on conditions that hold at the moment of writing.

    `if_version` is the version that must be current; 0: there is none. `index` holds the values
    to search by, one array for each search type. `remarks` are for the client and are not stored.
    """

    key: Key
    resource: JsonObject
    access: Access
    index: JsonObject
    if_version: int
    method: str
    reservations: tuple[Reservation, ...] = ()
    requires: tuple[str, ...] = ()
    remarks: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """Write a version that says the resource is deleted, if `if_version` is current.

    `unless` finds what must not be there.
    """

    key: Key
    access: Access
    if_version: int
    unless: JsonObject | None = None


Write = Put | Delete


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one worker to do a job, until another one has taken it over."""

    job: str
    token: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a job that is taken in a transaction, and what is noted of it."""

    lease: Lease
    name: str
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Records:
    """Rows that are written in the same transaction as the resources they tell of.

    With a `step`, the transaction only takes effect while the job is the worker's.
    """

    audit: tuple[JsonObject, ...] = ()
    disclosures: tuple[JsonObject, ...] = ()
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by. A descending one may be absent, and what lacks it comes last."""

    path: str
    descending: bool = True


NEWEST_FIRST: tuple[SortKey, ...] = (SortKey("created"),)
"""The order of a search that asks for none. No later write moves a resource in it."""

Place = tuple[object, ...]
"""A row's values of the sort keys, and then its key, which decides between equal rows."""


@dataclass(frozen=True, slots=True)
class Page:
    """A window of a result: `limit` rows in the order of the sort keys, after the row at `after`.

    `fields` are wanted of the documents besides the resources and what they are sorted by, None
    for all: the values to search by are more than the resource itself.
    """

    limit: int
    after: Place | None = None
    order: tuple[SortKey, ...] = NEWEST_FIRST
    fields: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What a result holds of a row when not the whole is wanted: some fields of its document."""

    key: Key
    access: Access
    fields: JsonObject


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a history that is asked for.

    Versions that were written at or after `since`, and that were current at some moment from the
    first to the second of `at`.
    """

    since: datetime | None = None
    at: tuple[datetime, datetime] | None = None


class Outdated(Exception):
    """What the writer read is no longer so; reading again and deciding anew is the remedy."""


class VersionConflict(Outdated):
    """Another version than the expected one is current."""


class LeaseLost(Exception):
    """The job was cancelled, or another worker has taken it over: this one has to leave it."""


class NameTaken(Outdated):
    """Another writer holds a reserved name."""
