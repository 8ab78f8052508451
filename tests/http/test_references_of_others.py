"""Two organizations may use the same id: a reference means what the organization holds that wrote it."""

import pytest
from tests.builders import designated, patient, report_to

SAME = "the-same-id"


@pytest.fixture(scope="module")
def event(actors):
    """A reported event; its subject has the id that a patient of the PSO's own has, too."""
    for actor, family in (("hospital-a", "Ofhospital"), ("pso-p", "Ofpso")):
        body = patient(id=SAME, name=[{"family": family}])
        assert actors[actor].put(f"/Patient/{SAME}", body).status_code == 201
    subject = {"reference": f"Patient/{SAME}"}
    made = actors["hospital-a"].create(designated("pswp-pending", subject=subject))
    path = f"/AdverseEvent/{made['id']}"
    answer = actors["hospital-a"].post(f"{path}/$pswp-report", report_to("pso-p"))
    assert answer.status_code == 200
    assert actors["pso-p"].get(path).status_code == 200
    return made["id"]


def found(actor, path):
    answer = actor.get(path)
    assert answer.status_code == 200, answer.text
    return {each["resource"]["id"] for each in answer.get_json().get("entry", ())}


SEARCHES = [
    pytest.param("/AdverseEvent?_id={event}&_include=AdverseEvent:subject", SAME, id="included"),
    pytest.param(
        f"/Patient?_id={SAME}&_revinclude=AdverseEvent:subject", "{event}", id="included in reverse"
    ),
    pytest.param("/AdverseEvent?subject:Patient.gender:missing=true", "{event}", id="a chain"),
    pytest.param("/Patient?_has:AdverseEvent:subject:_id={event}", SAME, id="a reverse chain"),
    pytest.param(f"/Patient/{SAME}/AdverseEvent", "{event}", id="a compartment"),
    pytest.param(f"/Patient/{SAME}/*", "{event}", id="a whole compartment"),
    pytest.param(f"/Patient/{SAME}/$everything", "{event}", id="everything"),
]


@pytest.mark.parametrize(("path", "meant"), SEARCHES)
def test_a_reference_leads_its_writer_to_what_it_holds(hospital, event, path, meant):
    assert meant.format(event=event) in found(hospital, path.format(event=event))


@pytest.mark.parametrize(("path", "meant"), SEARCHES)
def test_a_reference_of_another_leads_nobody_to_what_has_the_same_id(pso, event, path, meant):
    assert meant.format(event=event) not in found(pso, path.format(event=event))
