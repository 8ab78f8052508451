"""The link from what was derived back to the report."""

from tests.unit.mapping.reports import context, details, extract, incident, item, said

from psolink.mapping import Mapper
from psolink.mapping.systems import ORGANIZATION


def test_provenance_names_everything_derived_and_its_source(mapper: Mapper):
    extraction = extract(mapper, incident(details(item("DE318", said("A")))))
    *derived, (_, provenance) = extraction.resources
    assert [each["reference"] for each in provenance["target"]] == [url for url, _ in derived]
    (entity,) = provenance["entity"]
    assert entity == {"role": "source", "what": {"reference": context().response_reference}}


def test_provenance_names_the_organization_and_the_instant(mapper: Mapper):
    provenance = extract(mapper, incident()).resources[-1][1]
    (agent,) = provenance["agent"]
    assert agent["who"]["identifier"] == {"system": ORGANIZATION, "value": "hospital-a"}
    assert provenance["recorded"] == context().recorded


def test_warnings_come_before_remarks(mapper: Mapper):
    answers = [item("q1", said("x")), item("DE319", said("words")), item("q2", said("x"))]
    severities = [issue.severity for issue in extract(mapper, incident(*answers)).issues]
    assert severities == sorted(severities, reverse=True)
    assert len(set(severities)) == 2


def test_every_entry_has_a_url_of_its_own(mapper: Mapper):
    bundle = extract(mapper, incident(details(item("DE318", said("A"))))).bundle()
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(urls)) == len(urls) == 4


def test_the_outcome_is_the_last_entry(mapper: Mapper):
    outcome = extract(mapper, incident(item("q1", said("x")))).bundle()["entry"][-1]["resource"]
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["expression"] == ["QuestionnaireResponse.item[1].answer[0]"]
