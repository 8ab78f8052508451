"""Referential integrity: what is referred to is there, and stays while something refers to it.

https://hl7.org/fhir/R4/http.html#transactional-integrity

The organization's setting says whether that is enforced, told or not looked at. What the client
may not see is not there: it can neither be referred to nor does it keep anything from deletion.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from psolink.errors import Conflict, Unprocessable
from psolink.interactions.context import Context
from psolink.outcome import Issue, IssueCode, Severity
from psolink.search.referred import REFERS, places
from psolink.settings import ReferentialIntegrity
from psolink.store.values import Delete, Put, Write

AnyWrite = TypeVar("AnyWrite", bound=Write)


@dataclass(frozen=True, slots=True)
class _Commit:
    """The writes of one commit and what they find.

    `present` gives the keys of the targets that are there, `there` the references that are good
    after the commit, and `keys` those of the writes.
    """

    mode: ReferentialIntegrity
    present: Mapping[str, str]
    there: frozenset[str]
    keys: frozenset[str]


def checked(ctx: Context, writes: Sequence[AnyWrite]) -> list[AnyWrite]:
    """Return the writes of one commit with what must hold at its moment, or with what is amiss.

    Raise where it is amiss already and the setting enforces it.
    """
    mode = ctx.services.referential_integrity(ctx.tenant)
    if mode is ReferentialIntegrity.OFF:
        return list(writes)
    targets: set[str] = set()
    written: dict[str, bool] = {}
    for each in writes:
        written[each.key.reference] = isinstance(each, Put)
        if isinstance(each, Put):
            targets.update(each.index.get(REFERS, ()))
    present = ctx.store.present(targets)
    gone = {reference for reference, is_there in written.items() if not is_there}
    commit = _Commit(
        mode,
        present,
        frozenset({*present, *written} - gone),
        frozenset(str(each.key) for each in writes),
    )
    return [cast("AnyWrite", _checked(ctx, each, commit)) for each in writes]


def _checked(ctx: Context, write: Write, commit: _Commit) -> Write:
    if isinstance(write, Delete):
        return _delete(ctx, write, commit)
    missing = list(_missing(ctx, write, commit.there))
    if commit.mode is ReferentialIntegrity.WARN:
        told = (replace(each, severity=Severity.WARNING) for each in missing)
        return replace(write, remarks=(*write.remarks, *told))
    if missing:
        raise Unprocessable.of(missing)
    keys = {commit.present.get(each, "") for each in write.index.get(REFERS, ())}
    return replace(write, requires=tuple(sorted(keys - commit.keys - {""})))


def _delete(ctx: Context, write: Delete, commit: _Commit) -> Delete:
    """Return the deletion on the condition that nothing refers to what it deletes."""
    if commit.mode is ReferentialIntegrity.WARN:
        return write
    unless = ctx.store.referring(write.key, without=commit.keys)
    if ctx.store.matches(unless):
        raise Conflict(
            f"Other resources refer to {write.key.reference}: delete or change them first, or "
            "delete all in one transaction."
        )
    return replace(write, unless=unless)


def _missing(ctx: Context, put: Put, there: frozenset[str]) -> Iterator[Issue]:
    if there.issuperset(put.index.get(REFERS, ())):
        return
    types = ctx.services.definitions.types
    for path, target in places(types, put.resource, base_url=ctx.base_url):
        if target not in there:
            yield Issue(
                IssueCode.NOT_FOUND,
                f"There is no {target}, and this organization lets resources refer only to what is "
                "there: store it first, send both in one transaction, or refer by identifier.",
                f"{path}.reference",
            )


def remarks_on_delete(ctx: Context, write: Delete) -> tuple[Issue, ...]:
    """Return what is told of a deletion that leaves references without a target."""
    mode = ctx.services.referential_integrity(ctx.tenant)
    if mode is not ReferentialIntegrity.WARN:
        return ()
    if not ctx.store.matches(ctx.store.referring(write.key, without=frozenset())):
        return ()
    text = f"Other resources refer to {write.key.reference}, which is deleted now."
    return (Issue(IssueCode.NOT_FOUND, text, severity=Severity.WARNING),)
