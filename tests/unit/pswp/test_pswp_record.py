"""The PSWP record is written and read without loss."""

from hypothesis import given
from hypothesis import strategies as st

from psolink.pswp import lifecycle, record
from psolink.pswp.party import reference, referred
from psolink.pswp.record import PswpRecord

TEXT = st.text(min_size=1)
IDENTIFIER = st.fixed_dictionaries({"system": TEXT, "value": TEXT})
REFERENCES = st.lists(st.fixed_dictionaries({"reference": TEXT}), max_size=3).map(tuple)
RECORDS = st.builds(
    PswpRecord,
    designation=st.none() | TEXT,
    pathway=st.none() | TEXT,
    lifecycle=st.none() | TEXT,
    provider=st.none() | TEXT,
    pses=st.none() | IDENTIFIER,
    pses_entry_date=st.none() | TEXT,
    purposes_of_creation=st.lists(TEXT, max_size=3).map(tuple),
    copies_of=REFERENCES,
    identified_providers=REFERENCES,
    reported_to=st.lists(TEXT, max_size=3).map(tuple),
    reported_at=st.none() | TEXT,
    report_mode=st.none() | TEXT,
    receipt=st.none() | IDENTIFIER,
)


@given(RECORDS)
def test_a_record_is_read_as_it_was_written(written):
    resource = record.with_record({"resourceType": "AdverseEvent"}, written)
    assert record.read(resource) == written


@given(RECORDS, RECORDS)
def test_writing_again_replaces_the_record_and_nothing_else(first, second):
    other = {"url": "urn:other", "valueCode": "x"}
    resource = {"resourceType": "AdverseEvent", "meta": {"extension": [other]}}
    written = record.with_record(record.with_record(resource, first), second)
    assert written["meta"]["extension"] == [other, record.to_extension(second)]
    assert resource["meta"] == {"extension": [other]}


@given(RECORDS, RECORDS)
def test_merging_takes_the_owners_parts_from_what_was_sent_and_no_others(managed, sent):
    merged = record.merged(managed, sent)
    for part in record.PARTS.values():
        source = managed if part.set_by else sent
        assert record.values(merged, part) == record.values(source, part)


def test_the_owner_has_four_parts():
    owned = {part.name for part in record.PARTS.values() if not part.set_by}
    assert owned == {"pses", "purposeOfCreation", "copyOf", "identifiedProvider"}


def test_a_resource_without_a_record_has_none():
    assert (
        record.read({"resourceType": "Patient", "meta": {"extension": [{"url": "urn:x"}]}}) is None
    )


@given(TEXT)
def test_a_logical_reference_names_its_organization(organization):
    assert referred(reference(organization)) == organization
    assert referred({"reference": f"Organization/{organization}"}) is None


def test_every_state_leads_to_states_that_exist():
    assert {to for each in lifecycle.TRANSITIONS.values() for to in each} <= {
        *lifecycle.TRANSITIONS
    }


def test_a_removed_item_and_an_unknown_state_lead_nowhere():
    assert not any(lifecycle.allows("removed", each) for each in lifecycle.TRANSITIONS)
    assert not lifecycle.allows("no-such-state", "reported")
    assert not lifecycle.allows(None, "reported")
