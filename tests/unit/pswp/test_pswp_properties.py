"""Whatever a client puts into meta, standing is the server's and the rest is the client's."""

import copy
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import intake, labels, record, report
from psolink.pswp.designations import DESIGNATIONS
from psolink.pswp.labels import (
    ACT_CODE,
    COMPARTMENT,
    CONFIDENTIALITY,
    DESIGNATION,
    POLICY,
    Labelled,
)
from psolink.pswp.party import Party

NOW = datetime(2026, 3, 2, 15, 15, tzinfo=UTC)
HOSPITAL, PSO = Party("hospital-a", "provider"), Party("pso-p", "pso")
SERVER_SYSTEMS = (CONFIDENTIALITY, DESIGNATION, POLICY, COMPARTMENT)

CODES = st.sampled_from(
    [*DESIGNATIONS, *"ULMNRV", "PSQIA", "PSES:hospital-a", "PSO:pso-p", "PSY", "AUDTR"]
)
CODINGS = st.fixed_dictionaries(
    {
        "system": st.sampled_from([*SERVER_SYSTEMS, ACT_CODE, "urn:other"]),
        "code": CODES | st.text(),
    },
    optional={"display": st.text()},
)
PART_VALUES = {
    part.value: st.sampled_from(["reporting", "2020-01-01", "state-report", "report-to-pso"])
    | st.dictionaries(st.sampled_from(["system", "code", "value", "reference"]), st.text())
    for part in record.PARTS.values()
}
PARTS = st.sampled_from([*record.PARTS.values()]).flatmap(
    lambda part: PART_VALUES[part.value].map(lambda value: {"url": part.name, part.value: value})
)
RECORDS = st.lists(PARTS).map(lambda parts: {"url": record.URL, "extension": parts})
METAS = st.fixed_dictionaries(
    {},
    optional={
        "security": st.lists(CODINGS, max_size=6),
        "extension": st.lists(
            RECORDS | st.just({"url": "urn:theirs", "valueCode": "x"}), max_size=3
        ),
        "profile": st.just([f"{CANONICAL}/StructureDefinition/pswp-adverse-event"]),
        "tag": st.lists(CODINGS, max_size=2),
    },
)
THEIRS = st.fixed_dictionaries(
    {"system": st.sampled_from([ACT_CODE, "urn:other"]), "code": CODES},
    optional={"display": st.text()},
)
ASKS = st.sampled_from(["pswp-pending", "undetermined", "not-pswp-original"]).map(
    lambda code: {"system": DESIGNATION, "code": code}
)
OWNERS_PARTS = st.just({"url": "pses", "valueIdentifier": {"value": "quality"}})
FAIR_METAS = st.builds(
    lambda asked, theirs, parts, meta: (
        meta
        | {
            "security": [*asked, *theirs],
            "extension": [{"url": record.URL, "extension": parts}],
        }
    ),
    st.lists(ASKS, max_size=1),
    st.lists(THEIRS, max_size=4),
    st.lists(OWNERS_PARTS, max_size=1),
    st.fixed_dictionaries({}, optional={"tag": st.lists(CODINGS, max_size=2)}),
)
ASKED = st.sampled_from([None, "pswp-pending", "pswp-deliberation", "undetermined"])


def event(meta: JsonObject) -> JsonObject:
    return {
        "resourceType": "AdverseEvent",
        "id": "e1",
        "meta": meta,
        "actuality": "actual",
        "subject": {"reference": "Patient/p1"},
    }


def new(designation: str | None) -> Labelled:
    asked = [{"system": DESIGNATION, "code": designation}] if designation else []
    return intake.label_new(event({"security": asked}), HOSPITAL, now=NOW)


def standing(resource: JsonObject) -> tuple[list[JsonObject], JsonObject]:
    on_record = record.read(resource)
    owned = {part.attribute for part in record.PARTS.values() if not part.set_by}
    kept = {name for name in record.PswpRecord.__dataclass_fields__ if name not in owned}
    found = [each for _, each in labels.codings(resource) if each["system"] in SERVER_SYSTEMS]
    return found, {name: getattr(on_record, name) for name in kept}


def outside_meta(resource: JsonObject) -> JsonObject:
    return {name: each for name, each in resource.items() if name != "meta"}


@given(ASKED, METAS)
def test_an_update_keeps_the_standing_of_the_current_version(designation, meta):
    current = new(designation)
    updated = intake.label_update(event(meta), current.resource, current.access)
    assert standing(updated.resource) == standing(current.resource)
    assert updated.access == current.access


@given(METAS)
def test_a_reported_item_stays_reported(meta):
    current = new("pswp-pending")
    reported = report.report(
        current.resource,
        current.access,
        recipient=PSO,
        mode="transmitted",
        receipt=None,
        now=NOW,
    )
    updated = intake.label_update(event(meta), reported.resource, reported.access)
    assert standing(updated.resource) == standing(reported.resource)
    assert updated.access == reported.access


@given(METAS | FAIR_METAS)
def test_an_update_that_is_not_refused_says_nothing_else_than_the_standing(meta):
    current = new("pswp-pending")
    sent = event(meta)
    if not list(intake.check_update(sent, current.resource, at="AdverseEvent")):
        known, _ = standing(current.resource)
        keys = [labels.key(each) for each in known]
        said = [each for _, each in labels.codings(sent) if each["system"] in SERVER_SYSTEMS]
        assert all(labels.key(each) in keys for each in said)


@given(METAS | FAIR_METAS)
def test_what_intake_takes_is_stamped_and_otherwise_as_it_was_sent(meta):
    sent = event(meta)
    before = copy.deepcopy(sent)
    if not list(intake.check(sent, HOSPITAL, at="AdverseEvent")):
        labelled = intake.label_new(sent, HOSPITAL, now=NOW)
        assert outside_meta(labelled.resource) == outside_meta(sent)
        assert len(labels.codes(labelled.resource, DESIGNATION)) == 1
        assert labelled.resource["meta"].get("tag") == meta.get("tag")
        assert not list(
            intake.check_update(labelled.resource, labelled.resource, at="AdverseEvent")
        )
    assert sent == before


@given(METAS)
def test_nothing_outside_meta_is_changed_by_an_update(meta):
    current = new("pswp-pending")
    updated = intake.label_update(event(meta), current.resource, current.access)
    assert outside_meta(updated.resource) == outside_meta(event(meta))
