"""The door to the store: interactions see the store through one principal's eyes.

Its filter is part of every query, and every row is checked again before it leaves. What the
principal may not read does not exist for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psolink.fhir_json import JsonObject
from psolink.security import permission
from psolink.security.audit import audit_row
from psolink.security.commit_notes import commit_note
from psolink.security.principal import Principal
from psolink.security.visibility import Visibility
from psolink.store.base import ResourceStore
from psolink.store.order import change_place_of
from psolink.store.values import (
    EVERYONE,
    Key,
    Page,
    Place,
    Records,
    Row,
    Span,
    Step,
    Stored,
    Write,
)

_READ, _SEARCH = "r", "s"
_DEFINITIONS = ("StructureDefinition", "ValueSet", "CodeSystem")

Types = str | Sequence[str]
"""One resource type, or several, of which each has to be covered by the scopes."""


class AuthorizedStore:
    """The store as `principal` may see and change it."""

    def __init__(
        self,
        beneath: ResourceStore,
        principal: Principal,
        published: frozenset[str] = frozenset(),
        *,
        step: Step | None = None,
    ) -> None:
        """Take the types of which some resources are for everyone.

        With `step`, every commit is noted as one of a job, and only holds while the lease does.
        """
        self._step = step
        self._beneath = beneath
        self._principal = principal
        visibility = Visibility(principal, published)
        self._narrowed, self._sees = visibility.narrowed, visibility.holds

    def get(self, resource_type: str, resource_id: str, *, to: str = _READ) -> Stored | None:
        """Return the current version, also of a deleted resource; None where none is visible.

        `to` is the letter of what it is read for: a write needs no scope to read what it writes.
        """
        self._require(to, resource_type)
        return self._current(resource_type, resource_id)

    def may(self, letter: str, resource_type: str) -> bool:
        """Tell whether the scopes of the principal cover the interaction with the type."""
        return self._principal.may(letter, resource_type)

    def find(
        self, resource_types: Types, query: JsonObject, page: Page, *, with_published: bool = True
    ) -> list[Stored]:
        """Return visible current versions that match `query`, in the order of `page`."""
        asked = self._searched(resource_types, query, with_published=with_published)
        return [each for each in self._beneath.find(asked, page) if self._sees(each.access)]

    def rows(
        self,
        resource_types: Types,
        query: JsonObject,
        fields: Sequence[str] = (),
        *,
        limit: int,
        with_published: bool = True,
    ) -> list[Row]:
        """Return fields of visible current versions that match `query`, in any order."""
        asked = self._searched(resource_types, query, with_published=with_published)
        found = self._beneath.rows(asked, fields, limit=limit)
        return [each for each in found if self._sees(each.access)]

    def count(
        self,
        resource_types: Types,
        query: JsonObject,
        *,
        limit: int | None = None,
        with_published: bool = True,
    ) -> int:
        """Return how many visible current versions match `query`; counting ends at `limit`."""
        asked = self._searched(resource_types, query, with_published=with_published)
        return self._beneath.count(asked, limit=limit)

    def present(self, references: Iterable[str]) -> dict[str, str]:
        """Return which of the references, as `Type/id`, lead to something that is visible.

        The value is the key to require at a write, empty for what its organization cannot delete.
        Scopes do not matter: they say what a client does, and not what there is to refer to.
        """
        by_type: dict[str, list[str]] = {}
        for each in references:
            resource_type, _, resource_id = each.partition("/")
            by_type.setdefault(resource_type, []).append(resource_id)
        found: dict[str, str] = {}
        for resource_type, ids in by_type.items():
            query = {"type": resource_type, "id": {"$in": ids}}
            narrowed = self._narrowed(query, resource_type) | {"deleted": False}
            for row in self._beneath.rows(narrowed, (), limit=2 * len(ids)):
                if self._sees(row.access):
                    is_own = row.key.tenant == self._principal.organization
                    found[row.key.reference] = str(row.key) if is_own else ""
        return found

    def holders(self, resource_type: str, resource_id: str) -> tuple[str, ...]:
        """Return who holds what the principal means by type and id; itself where it sees nothing."""
        found = self._current(resource_type, resource_id)
        return found.access.holders if found else (self._principal.organization,)

    def referring(self, key: Key, *, without: frozenset[str]) -> JsonObject:
        """Return what finds the visible resources that refer to one, less those with given keys."""
        query = {
            "tenant": key.tenant,
            "refers": key.reference,
            "_id": {"$nin": sorted({*without, str(key)})},
        }
        return self._narrowed(query) | {"deleted": False}

    def matches(self, query: JsonObject) -> bool:
        """Tell whether something is there that `referring` finds."""
        return bool(self._beneath.rows(query, (), limit=1))

    def definition_versions(self, *, limit: int) -> list[tuple[str, int]]:
        """Return what the organization has of definitions to judge resources by, and its versions.

        No scope is asked for: how a write is judged does not depend on which client writes.
        """
        found = self._beneath.rows(self._own_definitions(), ("version",), limit=limit)
        return [
            (str(each.key), each.fields["version"]) for each in found if self._sees(each.access)
        ]

    def definitions(self, *, limit: int) -> list[JsonObject]:
        """Return these definitions, for the server to judge by and not to be shown."""
        found = self._beneath.find(self._own_definitions(), Page(limit=limit))
        return [each.content for each in found if self._sees(each.access)]

    def _own_definitions(self) -> JsonObject:
        own = {"type": {"$in": list(_DEFINITIONS)}, "tenant": self._principal.organization}
        return self._narrowed(own) | {"deleted": False}

    def labels(self, resource_types: Iterable[str], name: str) -> Sequence[Any]:
        """Return the distinct values of `meta.<name>` in what is visible of these types.

        A type that the scopes do not cover is passed over, unless none is covered.
        """
        wanted = sorted(resource_types)
        covered = permission.covered(self._principal, _SEARCH, wanted)
        query = {"type": {"$in": covered}, "deleted": False}
        types = covered if len(wanted) == 1 else ()
        return self._beneath.labels(self._narrowed(query, *types), name)

    def _searched(
        self, resource_types: Types, query: JsonObject, *, with_published: bool = True
    ) -> JsonObject:
        """Return the query for what the principal sees; it must keep to `resource_types`."""
        types = (resource_types,) if isinstance(resource_types, str) else resource_types
        for each in types:
            self._require(_SEARCH, each)
        published = types if with_published else ()
        return self._narrowed(query, *published) | {"deleted": False}

    def changes_of(
        self,
        resource_type: str,
        resource_id: str,
        span: Span,
        after: Place | None,
        *,
        limit: int,
    ) -> list[Stored] | None:
        """Return visible versions of a resource, latest first; None where it is unknown."""
        self._require(_READ, resource_type)
        current = self._current(resource_type, resource_id)
        if current is None:
            return None
        item = {"id": resource_id, "type": resource_type, "tenant": current.key.tenant}
        narrowed = self._narrowed(item, resource_type)
        found = self._beneath.changes(narrowed, span, after, limit=limit)
        return [each for each in found if self._sees(each.access)]

    def changes(
        self, resource_types: Iterable[str], span: Span, after: Place | None, *, limit: int
    ) -> list[Stored]:
        """Return visible versions of all resources of these types, latest first.

        A type that the scopes do not cover is passed over, unless none is covered. Of a resource
        that is not visible as it is now, earlier versions are not visible either.
        """
        wanted = sorted(resource_types)
        covered = permission.covered(self._principal, _READ, wanted)
        query: JsonObject = {"type": covered[0] if len(covered) == 1 else {"$in": covered}}
        if len(covered) == len(wanted) > 1:
            query = {}
        narrowed = self._narrowed(query, *(wanted if len(wanted) == 1 else ()))
        shown: list[Stored] = []
        while len(shown) < limit:
            found = self._beneath.changes(narrowed, span, after, limit=limit)
            shown += self._of_visible(found)
            if len(found) < limit:
                break
            after = change_place_of(found[-1])
        return shown[:limit]

    def _of_visible(self, found: Sequence[Stored]) -> Iterator[Stored]:
        """Yield the versions that are visible and belong to a resource that still is."""
        keys = sorted({str(each.key) for each in found})
        if not keys:
            return
        query = self._narrowed({"_id": {"$in": keys}}, *{each.key.type for each in found})
        rows = self._beneath.rows(query, (), limit=len(keys))
        visible = {each.key for each in rows if self._sees(each.access)}
        yield from (each for each in found if each.key in visible and self._sees(each.access))

    def version(self, resource_type: str, resource_id: str, version: int) -> Stored | None:
        """Return one version; None where it is not visible or was never written."""
        self._require(_READ, resource_type)
        current = self._current(resource_type, resource_id)
        if current is None or current.version == version:
            return current
        past = self._versions(current, {"version": version}, limit=1)
        return past[0] if past else None

    def holding(self, organization: str, resource_type: str, resource_id: str) -> Key | None:
        """Return what an organization holds under an id, whether the principal may see it or not.

        It is for deciding whether the id is free, and tells nothing else.
        """
        query = {"id": resource_id, "type": resource_type, "holders": organization}
        found = self._beneath.rows(query, (), limit=1)
        return found[0].key if found else None

    def reservations(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return who holds each of `names`, for those that are taken."""
        return self._beneath.reservations(names)

    def commit(
        self,
        writes: Sequence[Write],
        *,
        now: datetime,
        disclosures: tuple[JsonObject, ...] = (),
        note: bytes = b"",
    ) -> list[Stored]:
        """Apply the writes together with the audit of each; see `ResourceStore.commit`.

        `note` is what a job keeps of it, where this is a step of one.
        """
        for write in writes:
            self.require_write(write)
        audit = tuple(audit_row(self._principal, write, now=now) for write in writes)
        step = self._step and replace(self._step, content=note or commit_note(writes))
        return self._beneath.commit(writes, Records(audit, disclosures, step), now=now)

    def require_write(self, write: Write) -> None:
        """Raise `Forbidden` where the principal may not apply this write."""
        permission.require_write(self._principal, write)

    def _current(self, resource_type: str, resource_id: str) -> Stored | None:
        query = self._narrowed({"id": resource_id, "type": resource_type}, resource_type)
        found = self._beneath.find(query, Page(limit=2))
        visible = [each for each in found if self._sees(each.access)]
        # What an organization stored before the id was published stays what it reads there.
        visible.sort(key=lambda each: each.key.tenant == EVERYONE)
        return visible[0] if visible else None

    def _versions(self, of: Stored, more: JsonObject, *, limit: int) -> list[Stored]:
        item = {"id": of.key.id, "type": of.key.type, "tenant": of.key.tenant}
        found = self._beneath.versions(self._narrowed(item | more, of.key.type), limit=limit)
        return [each for each in found if self._sees(each.access)]

    def _require(self, letter: str, resource_type: str) -> None:
        permission.require_scope(self._principal, letter, resource_type)
