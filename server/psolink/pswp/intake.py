"""Intake: what a client may say about standing, and what the server stamps.

A client may ask for a designation when it creates a resource. From then on the labels and the
server's parts of the record are restored from the current version at every update.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue
from psolink.pswp import label_rules, labels, nested, profile, record, record_rules, resource_types
from psolink.pswp.designations import DESIGNATIONS, UNDETERMINED, Designation
from psolink.pswp.instants import fhir_instant
from psolink.pswp.labels import Labelled
from psolink.pswp.party import PROVIDER, PSO, Party
from psolink.pswp.record import PswpRecord
from psolink.store.values import Access

_MADE_AS = {PROVIDER: "pswp-pending", PSO: "pswp-pso-developed"}


def check(resource: JsonObject, party: Party, *, at: str) -> Iterator[Issue]:
    """Yield what a client may not say about the standing of a resource that is new."""
    yield from label_rules.asking(resource, party, at=at)
    designation = _judged_as(resource)
    if designation is None or not designation.pswp:
        yield from nested.check(resource, at=at)
    if designation is None:
        yield from label_rules.written_by_server(resource, (), at=at)
        yield from record_rules.check(resource, None, PswpRecord(), at=at)
    else:
        stamped = labels.label_set(designation, designation.confidentiality, [party.compartment])
        expected = [labels.key(each) for each in stamped]
        yield from label_rules.written_by_server(resource, expected, at=at)
        if designation.pswp:
            yield from label_rules.confidentiality(resource, _at_least(designation), at=at)
        yield from record_rules.check(resource, designation, _new(designation, party), at=at)
    yield from profile.check(resource, at=at)


def label_new(resource: JsonObject, party: Party, *, now: datetime) -> Labelled:
    """Return a resource that passed `check` with its labels and record, and who holds it."""
    owner = (party.organization,)
    designation = labels.initial(resource)
    if designation is None:
        return Labelled(resource, Access(*owner, owner, labels.level(resource), pswp=False))
    entered = fhir_instant(now) if designation.is_entry_dated else None
    stamped = labels.label_set(
        designation, labels.confidentiality(resource, designation), [party.compartment]
    )
    written = replace(_new(designation, party), pses_entry_date=entered)
    labelled = _stamped(resource, designation, stamped, written)
    return Labelled(labelled, Access(*owner, owner, labels.level(labelled), designation.pswp))


def with_designation_like(resource: JsonObject, source: JsonObject, party: Party) -> JsonObject:
    """Return a resource that is derived from `source` with the designation that `source` asks for.

    Where `source` asks for none, it was made to be reported by a provider, or developed by a PSO.
    A resource that asks itself, or whose type cannot be work product, stays as it is.
    """
    asks = labels.codes(resource, labels.DESIGNATION)
    if asks or not resource_types.shipped().can_be_pswp(resource["resourceType"]):
        return resource
    like = labels.codes(source, labels.DESIGNATION) or [_MADE_AS.get(party.kind, UNDETERMINED)]
    meta = resource.get("meta", {})
    asking = [{"system": labels.DESIGNATION, "code": code} for code in like]
    return resource | {"meta": meta | {"security": [*meta.get("security", ()), *asking]}}


def check_update(resource: JsonObject, current_resource: JsonObject, *, at: str) -> Iterator[Issue]:
    """Yield what an update says about standing that differs from the current version."""
    designation = labels.designation_of(current_resource)
    yield from label_rules.designation_kept(resource, designation, at=at)
    if designation is None or not designation.pswp:
        yield from nested.check(resource, at=at)
    if designation is None:
        yield from label_rules.written_by_server(resource, (), at=at)
    else:
        standing = labels.standing_set(current_resource, designation)
        expected = [labels.key(each) for each in standing]
        yield from label_rules.written_by_server(resource, expected, at=at)
        if designation.pswp:
            allowed = [labels.confidentiality(current_resource, designation)]
            yield from label_rules.confidentiality(resource, allowed, at=at)
    on_record = record.read(current_resource) or PswpRecord()
    yield from record_rules.check(resource, designation, on_record, at=at)
    yield from profile.check(_restored(resource, current_resource), at=at)


def label_update(
    resource: JsonObject, current_resource: JsonObject, current_access: Access
) -> Labelled:
    """Return an update that passed `check_update` with the standing of the current version."""
    restored = _restored(resource, current_resource)
    return Labelled(restored, replace(current_access, level=labels.level(restored)))


def _restored(resource: JsonObject, current: JsonObject) -> JsonObject:
    designation = labels.designation_of(current)
    if designation is None:
        return resource
    source = current if designation.pswp else resource
    stamped = labels.label_set(
        designation,
        labels.confidentiality(source, designation),
        labels.codes(current, labels.COMPARTMENT),
    )
    on_record = record.read(current) or PswpRecord(designation=designation.code)
    return _stamped(resource, designation, stamped, on_record)


def _stamped(
    resource: JsonObject,
    designation: Designation,
    stamped: list[JsonObject],
    managed: PswpRecord,
) -> JsonObject:
    labelled = labels.relabelled(resource, designation, stamped)
    return record.with_record(labelled, record.merged(managed, record.read(resource)))


def _judged_as(resource: JsonObject) -> Designation | None:
    # An unknown designation is a fault of its own, and its resource is judged as work product.
    if labels.codes(resource, labels.DESIGNATION) and labels.designation_of(resource) is None:
        return DESIGNATIONS[UNDETERMINED]
    return labels.initial(resource)


def _new(designation: Designation, party: Party) -> PswpRecord:
    return PswpRecord(
        designation=designation.code,
        pathway=designation.pathway,
        lifecycle=designation.lifecycle,
        provider=party.organization,
    )


def _at_least(designation: Designation) -> list[str]:
    least = labels.LEVELS[designation.confidentiality]
    return [code for code, rank in labels.LEVELS.items() if rank >= least]
