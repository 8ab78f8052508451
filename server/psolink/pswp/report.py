"""The report to a PSO: the item as it stands afterwards, and what is kept as evidence of it.

42 CFR 3.206(b)(4)(i). Whether a report may happen is decided before, see `decision`.
"""

from dataclasses import replace
from datetime import datetime

from psolink.errors import Unprocessable
from psolink.fhir_json import JsonObject
from psolink.pswp import labels, lifecycle, permissions, profile, record
from psolink.pswp.acts import act, custodian, receiver
from psolink.pswp.decision import Decision
from psolink.pswp.designations import DESIGNATIONS, FACT_OF_REPORTING
from psolink.pswp.facts import Actor, Contract, Facts, Item, Listing
from psolink.pswp.instants import fhir_instant
from psolink.pswp.labels import Labelled
from psolink.pswp.party import Party
from psolink.pswp.record import PswpRecord
from psolink.store.values import Access, Key

PERMISSION = "psa-prov-pso"
"""The permission that a report is made under."""


def facts(
    resource: JsonObject,
    *,
    discloser: Party,
    recipient: Party,
    purpose_of_use: str | None,
    mode: str,
    contract: Contract | None,
    listing: Listing,
    now: datetime,
) -> Facts:
    """Return the facts of reporting a stored resource."""
    return Facts(
        now=now,
        permission=PERMISSION,
        discloser=Actor.of(discloser),
        recipient=Actor.of(recipient),
        item=Item.of(resource),
        purpose_of_use=purpose_of_use,
        mode=mode,
        contract=contract,
        listing=listing,
    )


def report(
    resource: JsonObject,
    access: Access,
    *,
    recipient: Party,
    mode: str,
    receipt: JsonObject | None,
    now: datetime,
) -> Labelled:
    """Return the item after its report: its owner keeps it, and the recipient holds it too."""
    designation, on_record = labels.designation_of(resource), record.read(resource)
    if designation is None or designation.reported_as is None or on_record is None:
        raise Unprocessable(
            "Only an item in the evaluation system can be reported, such as one that is pswp-pending."
        )
    reported = replace(
        on_record,
        designation=designation.reported_as,
        lifecycle=lifecycle.advance(on_record.lifecycle, "reported"),
        reported_to=(*on_record.reported_to, recipient.organization),
        reported_at=fhir_instant(now),
        report_mode=mode,
        receipt=receipt,
    )
    after = DESIGNATIONS[designation.reported_as]
    compartments = [*labels.codes(resource, labels.COMPARTMENT), recipient.compartment]
    stamped = labels.label_set(after, labels.confidentiality(resource, after), compartments)
    labelled = record.with_record(labels.relabelled(resource, after, stamped), reported)
    return Labelled(labelled, replace(access, holders=(*access.holders, recipient.organization)))


def provenance(
    resource: JsonObject, *, discloser: Party, recipient: Party, now: datetime
) -> Labelled:
    """Return the Provenance of a report of the stored `resource`, which both parties hold.

    It tells of the report, so that it is work product itself. It has no id yet.
    """
    designation = DESIGNATIONS[FACT_OF_REPORTING]
    parties = (discloser, recipient)
    at = fhir_instant(now)
    content: JsonObject = {
        "resourceType": "Provenance",
        "meta": {"profile": [profile.BY_TYPE["Provenance"]]},
        "target": [{"reference": f"{resource['resourceType']}/{resource['id']}"}],
        "occurredDateTime": at,
        "recorded": at,
        "policy": [permissions.shipped().permissions[PERMISSION].policy],
        "activity": {"coding": [act("report")]},
        "agent": [custodian(discloser), receiver(recipient)],
    }
    stamped = labels.label_set(
        designation, designation.confidentiality, [each.compartment for each in parties]
    )
    on_record = PswpRecord(
        designation=designation.code,
        pathway=designation.pathway,
        lifecycle=designation.lifecycle,
        provider=discloser.organization,
        pses_entry_date=at,
    )
    labelled = record.with_record(labels.relabelled(content, designation, stamped), on_record)
    holders = tuple(each.organization for each in parties)
    level = labels.LEVELS[designation.confidentiality]
    return Labelled(labelled, Access(discloser.organization, holders, level, pswp=True))


def disclosure_entry(
    resource: JsonObject, access: Access, decision: Decision, facts: Facts, *, entry_id: str
) -> JsonObject:
    """Return the row of the disclosure log for the item that is reported, as it stands afterwards.

    It says who, what, to whom, why and by which rule, and holds no content of the item.
    """
    permission = permissions.shipped().permissions[facts.permission]
    item = Key(access.tenant, resource["resourceType"], resource["id"])
    return {
        "_id": entry_id,
        "at": facts.now,
        "permission": permission.code,
        "cite": permission.cite,
        "purpose": facts.purpose_of_use,
        "discloser": facts.discloser.organization,
        "recipient": facts.recipient.organization,
        "item": str(item),
        "mode": facts.mode,
        "contentLevel": "identified",
        "rule": decision.rule_id,
        "obligations": list(decision.obligations),
        "privilegedAfter": decision.after_status.privileged,
        "confidentialAfter": decision.after_status.confidential,
        "hipaaAccountable": False,
    }
