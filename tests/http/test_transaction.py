"""https://hl7.org/fhir/R4/http.html#transaction"""

from threading import Thread

import pytest
from tests.builders import adverse_event, bundle, designated, entry, identifier, patient
from tests.http.conftest import Actor, assert_refused

from psolink.formats.json_codec import render

PATIENT = "urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e0"
ELSEWHERE = "https://ehr.example/fhir/Patient/7"
EVENT = "urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e1"


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [each["response"]["status"] for each in answer.get_json()["entry"]]


def located(answer, number=0):
    location = answer.get_json()["entry"][number]["response"]["location"]
    return location.partition("/fhir")[2].partition("/_history")[0]


def patient_with_event(value):
    condition = f"identifier={identifier(value)['system']}|{value}"
    return bundle(
        "transaction",
        entry("POST", "AdverseEvent", adverse_event(subject={"reference": PATIENT}), fullUrl=EVENT),
        entry(
            "POST",
            "Patient",
            patient(identifier=[identifier(value)]),
            fullUrl=PATIENT,
            ifNoneExist=condition,
        ),
    )


def test_entries_refer_to_each_other_by_urn(hospital):
    answer = hospital.post("", patient_with_event("linked"))
    assert statuses(answer) == ["201 Created", "201 Created"]
    event = hospital.get(located(answer)).get_json()
    assert f"/{event['subject']['reference']}" == located(answer, 1)


def test_a_reference_to_an_entry_that_was_there_leads_to_it(hospital):
    first = hospital.post("", patient_with_event("known"))
    second = hospital.post("", patient_with_event("known"))
    assert statuses(second) == ["201 Created", "200 OK"]
    event = hospital.get(located(second)).get_json()
    assert f"/{event['subject']['reference']}" == located(first, 1)


def test_a_relative_reference_is_read_against_the_base_of_its_entry(hospital):
    base = "https://ehr.example/fhir"
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("POST", "Patient", patient(), fullUrl=f"{base}/Patient/1"),
            entry(
                "POST",
                "Encounter",
                {
                    "resourceType": "Encounter",
                    "status": "finished",
                    "class": {"code": "IMP"},
                    "subject": {"reference": "Patient/1"},
                },
                fullUrl=f"{base}/Encounter/1",
            ),
        ),
    )
    encounter = hospital.get(located(answer, 1)).get_json()
    assert f"/{encounter['subject']['reference']}" == located(answer)


def test_a_conditional_reference_leads_to_the_one_match(hospital):
    known = hospital.create(patient(identifier=[identifier("conditional")]))
    event = adverse_event(subject={"reference": "Patient?identifier=conditional"})
    answer = hospital.post("", bundle("transaction", entry("POST", "AdverseEvent", event)))
    stored = hospital.get(located(answer)).get_json()
    assert stored["subject"]["reference"] == f"Patient/{known['id']}"


@pytest.mark.parametrize("matches", [0, 2])
def test_a_conditional_reference_without_one_match_refuses_the_whole(hospital, matches):
    value = f"matches-{matches}"
    for _ in range(matches):
        hospital.create(patient(identifier=[identifier(value)]))
    event = adverse_event(subject={"reference": f"Patient?identifier={value}"})
    marker = patient(identifier=[identifier(f"marker-{value}")])
    answer = hospital.post(
        "",
        bundle(
            "transaction", entry("POST", "Patient", marker), entry("POST", "AdverseEvent", event)
        ),
    )
    assert_refused(answer, 412, "conflict", "Bundle.entry[1].resource")
    assert hospital.get(f"/Patient?identifier=marker-{value}").get_json()["total"] == 0


def test_a_conditional_reference_does_not_find_other_organizations(hospital, rival):
    rival.create(patient(identifier=[identifier("theirs")]))
    event = adverse_event(subject={"reference": "Patient?identifier=theirs"})
    answer = hospital.post("", bundle("transaction", entry("POST", "AdverseEvent", event)))
    assert_refused(answer, 412, "conflict")


def test_every_fault_is_named_and_nothing_is_stored(hospital):
    faulty = bundle(
        "transaction",
        entry("POST", "Patient", patient(identifier=[identifier("refused")], gender="odd")),
        entry(
            "POST",
            "AdverseEvent",
            {"resourceType": "AdverseEvent", "subject": {"reference": "Location/1"}},
        ),
    )
    answer = hospital.post("", faulty)
    assert_refused(answer, 400, "code-invalid", "Bundle.entry[0].resource.gender")
    assert_refused(answer, 400, "required", "Bundle.entry[1].resource.actuality")
    assert_refused(answer, 400, "value", "Bundle.entry[1].resource.subject")
    assert hospital.get("/Patient?identifier=refused").get_json()["total"] == 0


def test_a_refused_designation_refuses_the_whole(hospital):
    marker = patient(identifier=[identifier("not-stored")])
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("POST", "Patient", marker),
            entry("POST", "AdverseEvent", designated("pswp-reported")),
        ),
    )
    assert answer.status_code == 422
    assert hospital.get("/Patient?identifier=not-stored").get_json()["total"] == 0


def test_if_match_is_a_condition_of_the_whole(hospital):
    created = hospital.create(patient())
    url = f"Patient/{created['id']}"
    marker = patient(identifier=[identifier("stale")])
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("POST", "Patient", marker),
            entry("PUT", url, created, ifMatch='W/"7"'),
        ),
    )
    assert_refused(answer, 412, "conflict")
    assert hospital.get("/Patient?identifier=stale").get_json()["total"] == 0


def test_all_methods_take_effect_together(hospital):
    kept, gone = hospital.create(patient()), hospital.create(patient())
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("GET", f"Patient/{kept['id']}"),
            entry("PUT", f"Patient/{kept['id']}", kept | {"active": True}, ifMatch='W/"1"'),
            entry("POST", "Patient", patient()),
            entry("DELETE", f"Patient/{gone['id']}"),
        ),
    )
    assert statuses(answer) == ["200 OK", "200 OK", "201 Created", "204 No Content"]
    # A GET sees what the transaction wrote: it comes last in the order of processing.
    assert answer.get_json()["entry"][0]["resource"]["active"] is True
    assert hospital.get(f"/Patient/{gone['id']}").status_code == 410


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(
            [entry("PUT", "Patient/twice", patient(id="twice"))] * 2, id="the same id put twice"
        ),
        pytest.param(
            [
                entry("POST", "Patient", patient(), ifNoneExist="identifier=twice"),
                entry("POST", "Patient", patient(active=True), ifNoneExist="identifier=twice"),
            ],
            id="the same condition twice",
        ),
        pytest.param(
            [
                entry("POST", "Patient", patient(), fullUrl=PATIENT),
                # bdl-7 lets several versions of one resource into a Bundle.
                entry("POST", "Patient", patient(meta={"versionId": "2"}), fullUrl=PATIENT),
            ],
            id="the same fullUrl twice",
        ),
    ],
)
def test_an_identity_twice_in_one_bundle_is_refused(hospital, entries):
    answer = hospital.post("", bundle("transaction", *entries))
    assert_refused(answer, 400, "invalid")
    assert hospital.get("/Patient?_id=twice").get_json()["total"] == 0


@pytest.mark.parametrize(
    ("faulty", "status"),
    [
        pytest.param({"resource": patient()}, 400, id="no request"),
        pytest.param(entry("POST", "Patient"), 400, id="no resource"),
        pytest.param(entry("POST", "Observation", patient()), 400, id="another type than the url"),
        pytest.param(entry("PUT", "Patient", patient()), 400, id="neither id nor criteria"),
        pytest.param(entry("POST", "Patient/1/$meta", patient()), 501, id="an operation"),
        pytest.param(entry("POST", "Patient/_search", patient()), 501, id="a search by POST"),
        pytest.param(entry("GET", "?_type=Patient"), 400, id="a search of the system"),
        pytest.param(entry("PUT", "Patient?x=1", patient()), 400, id="unknown criteria"),
        pytest.param(entry("POST", "Patint", patient()), 400, id="an unknown type"),
        pytest.param(entry("GET", "Nothing/1"), 404, id="a read of an unknown type"),
        pytest.param(
            entry("POST", "https://x.example/Patient", patient()), 400, id="an absolute url"
        ),
        pytest.param(entry("PUT", "Patient/a", patient(id="b")), 400, id="another id than the url"),
        pytest.param(entry("DELETE", "Patient/nobody"), 404, id="nothing to delete"),
        pytest.param(
            entry("PUT", "Patient/a", patient(id="a"), ifMatch="x"), 400, id="a bad ifMatch"
        ),
    ],
)
def test_an_entry_that_cannot_be_done_refuses_the_whole(hospital, faulty, status):
    marker = patient(identifier=[identifier("marker")])
    answer = hospital.post("", bundle("transaction", entry("POST", "Patient", marker), faulty))
    assert answer.status_code == status, answer.text
    assert answer.get_json()["resourceType"] == "OperationOutcome"
    assert hospital.get("/Patient?identifier=marker").get_json()["total"] == 0


def test_an_empty_transaction_is_answered_with_an_empty_one(hospital):
    answer = hospital.post("", bundle("transaction"))
    assert answer.get_json() == {"resourceType": "Bundle", "type": "transaction-response"}


@pytest.mark.parametrize("round_", range(5))
def test_of_simultaneous_identical_transactions_one_creates(app, hospital, round_):
    value = f"race-{round_}"
    answers = []

    def send():
        answers.append(Actor(app.test_client(), hospital.token).post("", patient_with_event(value)))

    threads = [Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.status_code for each in answers} == {200}
    patients = [statuses(each)[1] for each in answers]
    assert sorted(patients) == ["200 OK"] * 11 + ["201 Created"]
    assert hospital.get(f"/Patient?identifier={value}").get_json()["total"] == 1


def test_crossing_transactions_all_get_through(app, hospital):
    first, second = hospital.create(patient()), hospital.create(patient())
    answers = []

    def send(one, other):
        entries = [entry("PUT", f"Patient/{each['id']}", each) for each in (one, other)]
        actor = Actor(app.test_client(), hospital.token)
        answers.append(actor.post("", bundle("transaction", *entries)))

    pairs = [(first, second), (second, first)] * 6
    threads = [Thread(target=send, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.status_code for each in answers] == [200] * 12
    assert hospital.get(f"/Patient/{first['id']}").headers["ETag"] == 'W/"13"'


def test_conditional_forms_take_effect_together(hospital):
    kept = hospital.create(patient(identifier=[identifier("together-put")]))
    gone = hospital.create(patient(identifier=[identifier("together-delete")]))
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry(
                "PUT",
                "Patient?identifier=together-put",
                patient(identifier=[identifier("together-put")], active=True),
            ),
            entry("DELETE", "Patient?identifier=together-delete"),
            entry(
                "PUT",
                "Patient?identifier=together-new",
                patient(identifier=[identifier("together-new")]),
            ),
            entry("DELETE", "Patient?identifier=together-nobody"),
            entry("HEAD", f"Patient/{kept['id']}"),
            entry("GET", f"Patient/{kept['id']}", ifNoneMatch='W/"2"'),
        ),
    )
    assert [each[:3] for each in statuses(answer)] == ["200", "204", "201", "204", "200", "304"]
    assert located(answer) == f"/Patient/{kept['id']}"
    assert hospital.get(f"/Patient/{kept['id']}").get_json()["active"] is True
    assert hospital.get(f"/Patient/{gone['id']}").status_code == 410
    assert "resource" not in answer.get_json()["entry"][4]


def test_a_delete_makes_room_for_a_conditional_create(hospital):
    old = hospital.create(patient(identifier=[identifier("replaced")]))
    sent = bundle(
        "transaction",
        entry(
            "POST",
            "Patient",
            patient(identifier=[identifier("replaced")]),
            ifNoneExist="identifier=replaced",
        ),
        entry("DELETE", f"Patient/{old['id']}"),
    )
    assert statuses(hospital.post("", sent)) == ["201 Created", "204 No Content"]
    assert hospital.get("/Patient?identifier=replaced").get_json()["total"] == 1


def test_a_conditional_reference_finds_what_the_same_condition_creates(hospital):
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry(
                "POST",
                "AdverseEvent",
                adverse_event(subject={"reference": "Patient?identifier=born-here"}),
            ),
            entry(
                "PUT",
                "Patient?identifier=born-here",
                patient(identifier=[identifier("born-here")]),
            ),
        ),
    )
    event = hospital.get(located(answer)).get_json()
    assert f"/{event['subject']['reference']}" == located(answer, 1)


def test_a_conditional_reference_does_not_find_what_the_transaction_deletes(hospital):
    gone = hospital.create(patient(identifier=[identifier("leaving")]))
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("DELETE", f"Patient/{gone['id']}"),
            entry(
                "POST",
                "AdverseEvent",
                adverse_event(subject={"reference": "Patient?identifier=leaving"}),
            ),
        ),
    )
    assert_refused(answer, 412, "conflict", "Bundle.entry[1].resource")
    assert hospital.get(f"/Patient/{gone['id']}").status_code == 200


def test_links_are_rewritten_where_the_definitions_say_that_a_link_stands(hospital):
    binary = {"resourceType": "Binary", "contentType": "text/plain", "data": "aGk="}
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{EVENT}">{EVENT}</a></div>'
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "text": {"status": "additional", "div": narrative},
        "subject": {"reference": f"{ELSEWHERE}/_history/7"},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": EVENT}],
        "extension": [
            {"url": "urn:test:canonical", "valueCanonical": EVENT},
            {"url": "urn:test:uri", "valueUri": EVENT},
            {"url": "urn:test:string", "valueString": EVENT},
            {"url": "urn:test:reference", "valueReference": {"reference": EVENT}},
        ],
        "content": [{"attachment": {"url": EVENT, "title": EVENT, "contentType": "text/plain"}}],
        "_implicitRules": {
            "extension": [{"url": "urn:test:deep", "valueReference": {"reference": EVENT}}]
        },
    }
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("POST", "Binary", binary, fullUrl=EVENT),
            entry("POST", "Patient", patient(), fullUrl=ELSEWHERE),
            entry("POST", "DocumentReference", document),
        ),
    )
    stored = hospital.get(located(answer, 2)).get_json()
    data, subject = located(answer)[1:], located(answer, 1)[1:]
    assert stored["subject"]["reference"] == f"{subject}/_history/1"
    values = [next(v for k, v in each.items() if k != "url") for each in stored["extension"]]
    assert values == [EVENT, data, EVENT, {"reference": data}]
    attachment = stored["content"][0]["attachment"]
    assert (attachment["url"], attachment["title"]) == (data, EVENT)
    assert stored["_implicitRules"]["extension"][0]["valueReference"]["reference"] == data
    assert (stored["text"]["div"], stored["identifier"][0]["value"]) == (narrative, EVENT)


def test_a_version_specific_reference_names_the_version_that_the_transaction_writes(hospital):
    known = hospital.create(patient())
    elsewhere = f"https://ehr.example.org/fhir/Patient/{known['id']}"
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("PUT", f"Patient/{known['id']}", known | {"active": True}, fullUrl=elsewhere),
            entry(
                "POST",
                "AdverseEvent",
                adverse_event(subject={"reference": f"{elsewhere}/_history/1"}),
            ),
            entry(
                "POST",
                "AdverseEvent",
                adverse_event(subject={"reference": f"Patient/{known['id']}/_history/1"}),
            ),
        ),
    )
    ours, theirs = (
        hospital.get(located(answer, number)).get_json()["subject"]["reference"]
        for number in (1, 2)
    )
    assert ours == f"Patient/{known['id']}/_history/2"
    assert theirs == f"Patient/{known['id']}/_history/1"


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(
            [
                entry("DELETE", "Patient/{id}"),
                entry("PUT", "Patient/{id}", {"resourceType": "Patient", "id": "{id}"}),
            ],
            id="deleted and put",
        ),
        pytest.param(
            [
                entry("PUT", "Patient/{id}", {"resourceType": "Patient", "id": "{id}"}),
                entry("PUT", "Patient?_id={id}", {"resourceType": "Patient"}),
            ],
            id="put by its id and by criteria",
        ),
        pytest.param(
            [entry("DELETE", "Patient/{id}"), entry("DELETE", "Patient?_id={id}")],
            id="deleted by its id and by criteria",
        ),
        pytest.param(
            [
                entry("POST", "Patient", patient(), ifNoneExist="_id={id}"),
                entry("PUT", "Patient/{id}", {"resourceType": "Patient", "id": "{id}"}),
            ],
            id="found by a create and put",
        ),
    ],
)
def test_one_resource_twice_in_a_transaction_is_refused(hospital, entries):
    known = hospital.create(patient())
    text = render(bundle("transaction", *entries)).replace(b"{id}", known["id"].encode())
    assert_refused(hospital.send("POST", "", text), 400, "invalid")
    assert hospital.get(f"/Patient/{known['id']}").headers["ETag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("wanted", "resource", "outcome"),
    [
        ("minimal", False, False),
        ("representation", True, False),
        ("OperationOutcome", False, True),
    ],
)
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_the_entries_of_a_bundle_show_what_the_client_prefers(
    hospital, kind, wanted, resource, outcome
):
    sent = bundle(kind, entry("POST", "Patient", patient()))
    answer = hospital.post("", sent, Prefer=f"return={wanted}")
    told = answer.get_json()["entry"][0]
    assert ("resource" in told, "outcome" in told["response"]) == (resource, outcome)
    assert told["response"]["status"] == "201 Created"
