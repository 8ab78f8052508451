"""Composition/$document. https://hl7.org/fhir/R4/composition-operation-document.html."""

from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from tests.builders import adverse_event, patient, reference
from tests.http.conftest import Actor, assert_refused


def refer(resource: dict[str, Any]) -> dict[str, str]:
    return {"reference": reference(resource)}


def composition(author: dict[str, str], **content: Any) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "discharge"},
        "date": "2020-03-04",
        "title": "Discharge",
        "author": [author],
    } | content


@pytest.fixture
def written(hospital: Actor) -> dict[str, dict[str, Any]]:
    """A composition that refers to a patient and an observation, and these to others."""
    above = hospital.create({"resourceType": "Organization", "name": "Hospital"})
    ward = hospital.create({"resourceType": "Organization", "name": "Ward", "partOf": refer(above)})
    someone = hospital.create(patient(managingOrganization=refer(ward)))
    doctor = hospital.create({"resourceType": "Practitioner"})
    pulse = hospital.create(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "pulse"},
            "subject": refer(someone),
        }
    )
    hospital.create({"resourceType": "Practitioner"})
    text = composition(refer(doctor), subject=refer(someone), section=[{"entry": [refer(pulse)]}])
    names = ("composition", "above", "ward", "patient", "doctor", "pulse")
    parts = (hospital.create(text), above, ward, someone, doctor, pulse)
    return dict(zip(names, parts, strict=True))


def parts(answer) -> list[str]:
    assert answer.status_code in (200, 201), answer.text
    return [reference(each["resource"]) for each in answer.get_json()["entry"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_document_begins_with_the_composition_and_has_all_it_leads_to(
    hospital: Actor, written, method
):
    answer = hospital.send(method, f"/{reference(written['composition'])}/$document")
    found = parts(answer)
    assert found[0] == reference(written["composition"])
    assert sorted(found) == sorted(reference(each) for each in written.values())
    bundle = answer.get_json()
    assert bundle["type"] == "document"
    assert bundle["identifier"]["value"].startswith("urn:uuid:")
    assert "id" not in bundle
    Bundle.model_validate(bundle)


@pytest.mark.parametrize("prefix", ["", "http://127.0.0.1:8080/fhir/"])
def test_the_composition_is_named_by_its_id_on_the_type(hospital: Actor, written, prefix):
    named = prefix + reference(written["composition"])
    assert len(parts(hospital.get(f"/Composition/$document?id={named}"))) == len(written)


def test_a_document_that_persists_can_be_read(hospital: Actor, written):
    answer = hospital.post(f"/{reference(written['composition'])}/$document?persist=true", None)
    assert answer.status_code == 201
    path = answer.headers["Location"].partition("/fhir")[2].partition("/_history")[0]
    read = hospital.get(path).get_json()
    assert read["type"] == "document"
    assert [each["fullUrl"] for each in read["entry"]] == [
        each["fullUrl"] for each in answer.get_json()["entry"]
    ]


def test_a_get_stores_no_document(hospital: Actor, written):
    before = hospital.get("/Bundle?_summary=count").get_json()["total"]
    answer = hospital.get(f"/{reference(written['composition'])}/$document?persist=true")
    assert_refused(answer, 400, "invalid")
    assert hospital.get("/Bundle?_summary=count").get_json()["total"] == before


def test_a_graph_is_refused(hospital: Actor, written):
    answer = hospital.get(
        f"/{reference(written['composition'])}/$document?graph=http://x.example/g"
    )
    assert_refused(answer, 400, "not-supported", "graph")


def test_what_the_composition_refers_to_must_be_there(hospital: Actor, written):
    text = composition(refer(written["doctor"]), subject={"reference": "Patient/nowhere"})
    made = hospital.create(text)
    issue = assert_refused(hospital.get(f"/{reference(made)}/$document"), 422, "not-found")
    assert "Patient/nowhere" in issue["diagnostics"]


def test_what_only_others_refer_to_may_be_missing(hospital: Actor, written):
    loose = hospital.create(patient(managingOrganization={"reference": "Organization/nowhere"}))
    made = hospital.create(composition(refer(written["doctor"]), subject=refer(loose)))
    assert set(parts(hospital.get(f"/{reference(made)}/$document"))) == {
        reference(made),
        reference(loose),
        reference(written["doctor"]),
    }


def test_references_in_a_circle_come_to_an_end(hospital: Actor, written):
    first = hospital.create(patient())
    link = [{"other": refer(first), "type": "seealso"}]
    second = hospital.create(patient(link=link))
    link = [{"other": refer(second), "type": "seealso"}]
    hospital.put(f"/{reference(first)}", first | {"link": link})
    made = hospital.create(composition(refer(written["doctor"]), subject=refer(first)))
    assert sorted(parts(hospital.get(f"/{reference(made)}/$document"))) == sorted(
        reference(each) for each in (made, first, second, written["doctor"])
    )


def test_what_another_organization_holds_is_as_if_it_were_not_there(
    hospital: Actor, rival: Actor, written
):
    event = rival.create(adverse_event())
    section = [{"entry": [refer(event)]}]
    made = hospital.create(composition(refer(written["doctor"]), section=section))
    hidden = hospital.get(f"/{reference(made)}/$document")
    section = [{"entry": [{"reference": "AdverseEvent/nowhere"}]}]
    other = hospital.create(composition(refer(written["doctor"]), section=section))
    missing = hospital.get(f"/{reference(other)}/$document")
    assert hidden.status_code == missing.status_code == 422
    assert hidden.text.replace(event["id"], "nowhere") == missing.text


def test_a_document_with_work_product_is_not_stored(hospital: Actor, written):
    event = hospital.create(adverse_event())
    section = [{"entry": [refer(event)]}]
    made = hospital.create(composition(refer(written["doctor"]), section=section))
    path = f"/{reference(made)}/$document"
    assert reference(event) in parts(hospital.get(path))
    assert_refused(hospital.post(f"{path}?persist=true", None), 422, "business-rule")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Composition/unknown/$document", 404),
        ("/Composition/$document?id=Composition/unknown", 404),
        ("/Composition/$document?id=Patient/1", 400),
        ("/Composition/$document", 400),
        ("/Composition/unknown/$document?persist=maybe", 400),
        ("/Composition/unknown/$document?id=Composition/1", 400),
        ("/Composition/unknown/$document?other=1", 400),
    ],
)
def test_what_is_asked_wrongly_is_refused(hospital: Actor, path, status):
    assert hospital.get(path).status_code == status
