"""The RESTful API, heading by heading: https://hl7.org/fhir/R4/http.html.

Each rule has its cases in pairs: what must be done, and what must be refused or left alone.
"""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import pytest

SYSTEM = "urn:psolink:conformance:http"
PATCH = "application/json-patch+json"


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient"} | elements


def identified() -> dict[str, Any]:
    return patient(identifier=[{"system": SYSTEM, "value": str(uuid4())}])


def criteria(resource: dict[str, Any]) -> str:
    return f"identifier={SYSTEM}|{resource['identifier'][0]['value']}"


def created(actor, resource=None) -> dict[str, Any]:
    answer = actor.send("POST", "/Patient", resource or patient(active=True))
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json()
    return stored


def found(actor, resource) -> list[dict[str, Any]]:
    bundle = actor.send("GET", f"/Patient?{criteria(resource)}").json()
    return [entry["resource"] for entry in bundle.get("entry", ())]


def bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method: str, url: str, resource=None, **request: str) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    return made | ({"resource": resource} if resource else {})


def statuses(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["response"]["status"][:3] for each in answer.json()["entry"]]


def refused(answer, *allowed: int) -> None:
    assert answer.status_code in allowed, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


# https://hl7.org/fhir/R4/http.html#mime-type


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        pytest.param("application/fhir+json", "application/fhir+json", id="FHIR JSON"),
        pytest.param("application/json", "application/fhir+json", id="plain JSON"),
        pytest.param("application/fhir+xml", "application/fhir+xml", id="FHIR XML"),
        pytest.param("text/xml", "application/fhir+xml", id="plain XML"),
        pytest.param("*/*", "application/fhir+json", id="anything"),
        pytest.param(
            "application/fhir+xml;q=0.5, application/fhir+json;q=0.9",
            "application/fhir+json",
            id="the preferred of two",
        ),
        pytest.param(
            "application/fhir+json; fhirVersion=4.0", "application/fhir+json", id="with a version"
        ),
    ],
)
def test_the_answer_has_the_format_that_is_accepted(hospital, accept, given):
    resource = created(hospital)
    answer = hospital.send("GET", f"/Patient/{resource['id']}", Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(given)


def test_a_format_that_does_not_exist_is_406(hospital):
    refused(hospital.send("GET", "/Patient", Accept="image/png"), 406)


def test_a_body_of_an_unknown_format_is_415(hospital):
    refused(hospital.send("POST", "/Patient", patient(), Content_Type="text/plain"), 415)


@pytest.mark.parametrize(
    ("name", "given"),
    [("json", "json"), ("xml", "xml"), ("application/fhir%2Bxml", "xml"), ("text/xml", "xml")],
)
def test_format_in_the_url_overrides_the_header(hospital, name, given):
    answer = hospital.send("GET", f"/Patient?_format={name}&_count=1")
    assert answer.headers["Content-Type"].startswith(f"application/fhir+{given}")


def test_an_unknown_format_in_the_url_is_406(hospital):
    refused(hospital.send("GET", "/Patient?_format=png"), 406)


def test_pretty_output_is_indented_and_the_same(hospital):
    resource = created(hospital)
    plain = hospital.send("GET", f"/Patient/{resource['id']}")
    pretty = hospital.send("GET", f"/Patient/{resource['id']}?_pretty=true")
    assert pretty.json() == plain.json()
    assert pretty.text.count("\n") > plain.text.count("\n")


# https://hl7.org/fhir/R4/http.html#create


def test_create_gives_an_id_a_version_and_a_location(hospital):
    answer = hospital.send("POST", "/Patient", patient(id="mine"))
    body = answer.json()
    assert answer.status_code == 201
    assert body["id"] != "mine"
    assert answer.headers["Location"] == f"{hospital.base}/Patient/{body['id']}/_history/1"
    assert answer.headers["ETag"] == 'W/"1"'
    assert body["meta"]["versionId"] == "1"
    assert "lastUpdated" in body["meta"]
    assert "Last-Modified" in answer.headers


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"resourceType": "Device"}, id="another type than the URL"),
        pytest.param({"active": True}, id="no type"),
        pytest.param(patient(gender="odd"), id="a code outside its value set"),
        pytest.param(patient(shoeSize=44), id="an element that does not exist"),
        pytest.param(patient(birthDate="2020-02-30"), id="a day that does not exist"),
        pytest.param([patient()], id="an array"),
    ],
)
def test_create_refuses_what_is_not_valid(hospital, body):
    refused(hospital.send("POST", "/Patient", body), 400, 422)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"resourceType": "Patient"'])
def test_create_refuses_what_is_no_resource(hospital, text):
    refused(hospital.send("POST", "/Patient", text.encode()), 400)


def test_create_of_an_unknown_type_is_404(hospital):
    refused(hospital.send("POST", "/Patint", {"resourceType": "Patint"}), 404)


# https://hl7.org/fhir/R4/http.html#ccreate


def test_conditional_create_stores_where_nothing_matches(hospital):
    resource = identified()
    answer = hospital.send("POST", "/Patient", resource, If_None_Exist=criteria(resource))
    assert answer.status_code == 201
    assert len(found(hospital, resource)) == 1


def test_conditional_create_answers_200_where_one_matches(hospital):
    resource = identified()
    first = created(hospital, resource)
    answer = hospital.send("POST", "/Patient", resource, If_None_Exist=criteria(resource))
    assert answer.status_code == 200
    assert [each["id"] for each in found(hospital, resource)] == [first["id"]]


def test_conditional_create_answers_412_where_many_match(hospital):
    resource = identified()
    created(hospital, resource)
    created(hospital, resource)
    answer = hospital.send("POST", "/Patient", resource, If_None_Exist=criteria(resource))
    refused(answer, 412)
    assert len(found(hospital, resource)) == 2


@pytest.mark.parametrize("condition", ["", "banana=1"])
def test_conditional_create_needs_criteria_that_are_understood(hospital, condition):
    refused(hospital.send("POST", "/Patient", patient(), If_None_Exist=condition), 400, 412)


# https://hl7.org/fhir/R4/http.html#read and #vread


def test_read_gives_the_current_version(hospital):
    resource = created(hospital)
    hospital.send("PUT", f"/Patient/{resource['id']}", resource | {"active": False})
    answer = hospital.send("GET", f"/Patient/{resource['id']}")
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert answer.json()["active"] is False


def test_read_of_what_never_was_is_404_and_of_what_is_deleted_410(hospital):
    resource = created(hospital)
    hospital.send("DELETE", f"/Patient/{resource['id']}")
    refused(hospital.send("GET", f"/Patient/{resource['id']}"), 410)
    refused(hospital.send("GET", f"/Patient/{uuid4()}"), 404)


def test_head_is_get_without_a_body(hospital):
    resource = created(hospital)
    for path in (f"/Patient/{resource['id']}", f"/Patient/{resource['id']}/_history/1", "/Patient"):
        answer = hospital.send("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b""), path
    assert hospital.send("HEAD", f"/Patient/{uuid4()}").status_code == 404


def test_vread_gives_each_version(hospital):
    resource = created(hospital)
    hospital.send("PUT", f"/Patient/{resource['id']}", resource | {"active": False})
    versions = [
        hospital.send("GET", f"/Patient/{resource['id']}/_history/{number}").json()["active"]
        for number in (1, 2)
    ]
    assert versions == [True, False]
    for number in ("3", "0", "x"):
        refused(hospital.send("GET", f"/Patient/{resource['id']}/_history/{number}"), 404)


def test_the_version_that_deleted_is_410(hospital):
    resource = created(hospital)
    hospital.send("DELETE", f"/Patient/{resource['id']}")
    refused(hospital.send("GET", f"/Patient/{resource['id']}/_history/2"), 410)
    assert hospital.send("GET", f"/Patient/{resource['id']}/_history/1").status_code == 200


# https://hl7.org/fhir/R4/http.html#cread


def test_conditional_read_answers_304_where_the_client_has_the_version(hospital):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    same = hospital.send("GET", path, If_None_Match='W/"1"')
    assert (same.status_code, same.content) == (304, b"")
    assert hospital.send("GET", path, If_None_Match='W/"2"').status_code == 200


def test_conditional_read_compares_moments(hospital):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    moment = hospital.send("GET", path).headers["Last-Modified"]
    assert hospital.send("GET", path, If_Modified_Since=moment).status_code == 304
    early = "Wed, 01 Jan 2020 00:00:00 GMT"
    assert hospital.send("GET", path, If_Modified_Since=early).status_code == 200


# https://hl7.org/fhir/R4/http.html#update


def test_update_writes_the_next_version(hospital):
    resource = created(hospital)
    answer = hospital.send("PUT", f"/Patient/{resource['id']}", resource | {"gender": "female"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert answer.json()["meta"]["versionId"] == "2"


def test_update_of_an_unknown_id_creates(hospital):
    name = str(uuid4())
    answer = hospital.send("PUT", f"/Patient/{name}", patient(id=name))
    assert answer.status_code == 201
    assert hospital.send("GET", f"/Patient/{name}").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(patient(), id="no id"),
        pytest.param(patient(id="another"), id="another id than the URL"),
        pytest.param({"resourceType": "Device", "id": "this"}, id="another type"),
    ],
)
def test_update_needs_the_id_and_type_of_the_url(hospital, body):
    refused(hospital.send("PUT", "/Patient/this", body), 400, 422)


def test_an_id_that_fhir_does_not_allow_is_refused(hospital):
    refused(hospital.send("PUT", "/Patient/a_b", patient(id="a_b")), 400, 404, 422)
    long = "x" * 65
    refused(hospital.send("PUT", f"/Patient/{long}", patient(id=long)), 400, 404, 422)


def test_update_brings_a_deleted_resource_back(hospital):
    resource = created(hospital)
    hospital.send("DELETE", f"/Patient/{resource['id']}")
    answer = hospital.send("PUT", f"/Patient/{resource['id']}", resource)
    assert answer.status_code in (200, 201)
    assert hospital.send("GET", f"/Patient/{resource['id']}").headers["ETag"] == 'W/"3"'


# https://hl7.org/fhir/R4/http.html#concurrency


def test_if_match_lets_only_the_current_version_be_replaced(hospital):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    assert hospital.send("PUT", path, resource, If_Match='W/"1"').status_code == 200
    refused(hospital.send("PUT", path, resource, If_Match='W/"1"'), 412)
    assert hospital.send("GET", path).headers["ETag"] == 'W/"2"'


def test_if_match_guards_a_delete(hospital):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    refused(hospital.send("DELETE", path, If_Match='W/"7"'), 412)
    assert hospital.send("DELETE", path, If_Match='W/"1"').status_code in (200, 204)


def test_if_match_that_is_no_version_is_refused(hospital):
    resource = created(hospital)
    refused(hospital.send("PUT", f"/Patient/{resource['id']}", resource, If_Match="new"), 400, 412)


# https://hl7.org/fhir/R4/http.html#cond-update


def test_conditional_update_creates_updates_or_refuses(hospital):
    resource = identified()
    path = f"/Patient?{criteria(resource)}"
    assert hospital.send("PUT", path, resource).status_code == 201
    assert hospital.send("PUT", path, resource | {"active": True}).status_code == 200
    [only] = found(hospital, resource)
    assert (only["active"], only["meta"]["versionId"]) == (True, "2")
    created(hospital, resource)
    refused(hospital.send("PUT", path, resource), 412)


def test_conditional_update_refuses_another_id_than_that_of_the_match(hospital):
    resource = identified()
    created(hospital, resource)
    answer = hospital.send("PUT", f"/Patient?{criteria(resource)}", resource | {"id": "other"})
    refused(answer, 400, 409, 412, 422)


def test_conditional_update_without_criteria_is_refused(hospital):
    refused(hospital.send("PUT", "/Patient", patient()), 400, 404, 405, 412)


# https://hl7.org/fhir/R4/http.html#patch


def test_json_patch_changes_what_it_names(hospital):
    resource = created(hospital)
    change = [{"op": "replace", "path": "/active", "value": False}]
    path = f"/Patient/{resource['id']}"
    answer = hospital.send("PATCH", path, change, Content_Type=PATCH)
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert hospital.send("GET", path).json()["active"] is False


@pytest.mark.parametrize(
    "change",
    [
        pytest.param([{"op": "test", "path": "/active", "value": False}], id="a test that fails"),
        pytest.param([{"op": "remove", "path": "/photo"}], id="a path that leads nowhere"),
        pytest.param([{"op": "add", "path": "/shoeSize", "value": 1}], id="an unknown element"),
        pytest.param([{"op": "replace", "path": "/id", "value": "x"}], id="the id"),
        pytest.param([{"op": "fly", "path": "/active"}], id="an unknown operation"),
        pytest.param({"op": "add"}, id="no list"),
    ],
)
def test_json_patch_that_cannot_be_done_changes_nothing(hospital, change):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    refused(hospital.send("PATCH", path, change, Content_Type=PATCH), 400, 409, 412, 422)
    assert hospital.send("GET", path).headers["ETag"] == 'W/"1"'


def test_fhirpath_patch_changes_what_it_names(hospital):
    resource = created(hospital)
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "Patient.active"},
        {"name": "value", "valueBoolean": False},
    ]
    change = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    answer = hospital.send("PATCH", f"/Patient/{resource['id']}", change)
    assert answer.status_code == 200, answer.text
    assert answer.json()["active"] is False


def test_xml_patch_changes_what_it_names(hospital):
    resource = created(hospital)
    change = (
        '<diff xmlns:f="http://hl7.org/fhir">'
        '<replace sel="f:Patient/f:active/@value">false</replace></diff>'
    )
    path = f"/Patient/{resource['id']}"
    sent = {"Content_Type": "application/xml-patch+xml"}
    answer = hospital.send("PATCH", path, change.encode(), **sent)
    assert answer.status_code == 200, answer.text
    assert hospital.send("GET", path).json()["active"] is False


def test_patch_of_nothing_is_404_and_of_a_stale_version_412(hospital):
    change = [{"op": "replace", "path": "/active", "value": False}]
    refused(hospital.send("PATCH", f"/Patient/{uuid4()}", change, Content_Type=PATCH), 404)
    resource = created(hospital)
    stale = {"Content_Type": PATCH, "If_Match": 'W/"9"'}
    refused(hospital.send("PATCH", f"/Patient/{resource['id']}", change, **stale), 412)


def test_conditional_patch_needs_exactly_one_match(hospital):
    resource = identified()
    change = [{"op": "add", "path": "/active", "value": True}]
    path = f"/Patient?{criteria(resource)}"
    refused(hospital.send("PATCH", path, change, Content_Type=PATCH), 404)
    created(hospital, resource)
    assert hospital.send("PATCH", path, change, Content_Type=PATCH).status_code == 200
    created(hospital, resource)
    refused(hospital.send("PATCH", path, change, Content_Type=PATCH), 412)


# https://hl7.org/fhir/R4/http.html#delete


def test_delete_hides_and_keeps_the_history(hospital):
    resource = identified()
    path = f"/Patient/{created(hospital, resource)['id']}"
    assert hospital.send("DELETE", path).status_code in (200, 204)
    assert found(hospital, resource) == []
    assert hospital.send("GET", f"{path}/_history").json()["entry"][0]["request"]["method"] == (
        "DELETE"
    )


def test_deleting_again_is_no_error(hospital):
    path = f"/Patient/{created(hospital)['id']}"
    hospital.send("DELETE", path)
    assert hospital.send("DELETE", path).status_code in (200, 204)


def test_conditional_delete_deletes_the_one_that_matches(hospital):
    resource, other = identified(), identified()
    created(hospital, resource)
    created(hospital, other)
    assert hospital.send("DELETE", f"/Patient?{criteria(resource)}").status_code in (200, 204)
    assert found(hospital, resource) == []
    assert len(found(hospital, other)) == 1


def test_conditional_delete_without_criteria_deletes_nothing(hospital):
    resource = identified()
    created(hospital, resource)
    assert hospital.send("DELETE", "/Patient").status_code in (400, 404, 405, 412)
    assert len(found(hospital, resource)) == 1


# https://hl7.org/fhir/R4/http.html#ops (Prefer)


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("preferred", "given"),
    [("minimal", None), ("representation", "Patient"), ("OperationOutcome", "OperationOutcome")],
)
def test_prefer_says_what_a_write_returns(hospital, method, preferred, given):
    name = str(uuid4())
    path = "/Patient" if method == "POST" else f"/Patient/{name}"
    answer = hospital.send(method, path, patient(id=name), Prefer=f"return={preferred}")
    assert answer.status_code == 201
    assert (answer.json()["resourceType"] if answer.content else None) == given


# https://hl7.org/fhir/R4/http.html#history


def test_history_of_an_instance_is_newest_first(hospital):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    hospital.send("PUT", path, resource | {"active": False})
    hospital.send("DELETE", path)
    answer = hospital.send("GET", f"{path}/_history").json()
    assert answer["type"] == "history"
    assert [each["request"]["method"] for each in answer["entry"]] == ["DELETE", "PUT", "POST"]
    assert "resource" not in answer["entry"][0]
    refused(hospital.send("GET", f"/Patient/{uuid4()}/_history"), 404)


def test_history_of_a_type_and_of_the_system_hold_what_happened(hospital):
    resource = created(hospital)
    for path in ("/Patient/_history", "/_history"):
        answer = hospital.send("GET", f"{path}?_count=5").json()
        assert answer["type"] == "history"
        assert resource["id"] in [
            each["resource"]["id"] for each in answer["entry"] if "resource" in each
        ]
    other = hospital.send("GET", "/Device/_history").json()
    assert resource["id"] not in json.dumps(other)


def test_history_since_leaves_out_what_was_before(hospital):
    first, second = created(hospital), created(hospital)
    since = second["meta"]["lastUpdated"]
    answer = hospital.send("GET", f"/Patient/_history?_since={since}&_count=50").text
    assert second["id"] in answer
    assert first["id"] not in answer or first["meta"]["lastUpdated"] >= since


def test_history_at_a_moment_gives_the_version_of_then(hospital):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    later = hospital.send("PUT", path, resource | {"active": False}).json()
    moment = resource["meta"]["lastUpdated"]
    assert moment < later["meta"]["lastUpdated"]
    answer = hospital.send("GET", f"{path}/_history?_at={moment}").json()
    assert [each["resource"]["meta"]["versionId"] for each in answer["entry"]] == ["1"]


def test_history_is_paged(hospital):
    resource = created(hospital)
    path = f"/Patient/{resource['id']}"
    for _ in range(4):
        hospital.send("PUT", path, resource)
    seen: list[str] = []
    url: str | None = f"{hospital.base}{path}/_history?_count=2"
    while url:
        page = hospital.follow(url).json()
        seen += [each["resource"]["meta"]["versionId"] for each in page["entry"]]
        url = next((each["url"] for each in page["link"] if each["relation"] == "next"), None)
    assert seen == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize("query", ["_since=yesterday", "_count=many", "_at=now", "banana=1"])
def test_history_refuses_what_it_does_not_understand(hospital, query):
    refused(hospital.send("GET", f"/Patient/_history?{query}"), 400)


# https://hl7.org/fhir/R4/http.html#transaction


def test_a_batch_answers_entry_by_entry(hospital):
    good, bad = identified(), patient(gender="odd")
    answer = hospital.send(
        "POST",
        "",
        bundle(
            "batch",
            entry("POST", "Patient", good),
            entry("POST", "Patient", bad),
            entry("GET", f"Patient?{criteria(good)}"),
            entry("GET", f"Patient/{uuid4()}"),
        ),
    )
    assert answer.json()["type"] == "batch-response"
    assert statuses(answer)[0] == "201"
    assert statuses(answer)[1] in ("400", "422")
    assert statuses(answer)[2:] == ["200", "404"]
    assert len(found(hospital, good)) == 1


def test_a_transaction_does_all_or_nothing(hospital):
    first, second = identified(), identified()
    good = bundle("transaction", entry("POST", "Patient", first), entry("POST", "Patient", second))
    assert statuses(hospital.send("POST", "", good)) == ["201", "201"]
    third = identified()
    bad = bundle(
        "transaction",
        entry("POST", "Patient", third),
        entry("POST", "Patient", patient(gender="odd")),
    )
    refused(hospital.send("POST", "", bad), 400, 422)
    assert found(hospital, third) == []


def test_references_by_full_url_become_references_to_what_was_stored(hospital):
    urn = f"urn:uuid:{uuid4()}"
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": urn},
    }
    sent = bundle(
        "transaction",
        entry("POST", "Observation", observation),
        entry("POST", "Patient", patient()) | {"fullUrl": urn},
    )
    answer = hospital.send("POST", "", sent, Prefer="return=representation").json()
    stored, subject = (each["resource"] for each in answer["entry"])
    assert stored["subject"]["reference"] == f"Patient/{subject['id']}"


def test_conditional_references_are_resolved(hospital):
    resource = identified()
    target = created(hospital, resource)
    observation: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": f"Patient?{criteria(resource)}"},
    }
    sent = bundle("transaction", entry("POST", "Observation", observation))
    answer = hospital.send("POST", "", sent, Prefer="return=representation").json()
    reference = answer["entry"][0]["resource"]["subject"]["reference"]
    assert reference == f"Patient/{target['id']}"
    observation["subject"]["reference"] = f"Patient?identifier={SYSTEM}|{uuid4()}"
    refused(hospital.send("POST", "", sent), 400, 404, 412, 422)


def test_a_transaction_takes_every_verb(hospital):
    old, gone, changed = created(hospital), created(hospital), created(hospital)
    new = identified()
    change = [{"op": "replace", "path": "/active", "value": False}]
    binary = {
        "resourceType": "Binary",
        "contentType": PATCH,
        "data": base64.b64encode(json.dumps(change).encode()).decode(),
    }
    answer = hospital.send(
        "POST",
        "",
        bundle(
            "transaction",
            entry("GET", f"Patient/{old['id']}"),
            entry("POST", "Patient", new, ifNoneExist=criteria(new)),
            entry("PUT", f"Patient/{old['id']}", old | {"gender": "other"}, ifMatch='W/"1"'),
            entry("DELETE", f"Patient/{gone['id']}"),
            entry("PATCH", f"Patient/{changed['id']}", binary),
        ),
    )
    assert statuses(answer) == ["200", "201", "200", "204", "200"]
    # What is read is read after everything was written.
    assert answer.json()["entry"][0]["resource"]["gender"] == "other"
    assert hospital.send("GET", f"/Patient/{changed['id']}").json()["active"] is False


def test_a_transaction_with_a_stale_version_stores_nothing(hospital):
    old, new = created(hospital), identified()
    sent = bundle(
        "transaction",
        entry("POST", "Patient", new),
        entry("PUT", f"Patient/{old['id']}", old, ifMatch='W/"9"'),
    )
    refused(hospital.send("POST", "", sent), 409, 412)
    assert found(hospital, new) == []


def test_a_transaction_with_one_resource_twice_is_refused(hospital):
    old = created(hospital)
    sent = bundle(
        "transaction",
        entry("PUT", f"Patient/{old['id']}", old),
        entry("DELETE", f"Patient/{old['id']}"),
    )
    refused(hospital.send("POST", "", sent), 400, 409, 422)
    assert hospital.send("GET", f"/Patient/{old['id']}").headers["ETag"] == 'W/"1"'


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(patient(), id="no Bundle"),
        pytest.param(bundle("collection"), id="a collection"),
        pytest.param({"resourceType": "Bundle"}, id="no type"),
        pytest.param(bundle("transaction", {"resource": patient()}), id="no request"),
        pytest.param(bundle("transaction", entry("FLY", "Patient")), id="an unknown verb"),
    ],
)
def test_what_is_no_batch_or_transaction_is_refused(hospital, sent):
    refused(hospital.send("POST", "", sent), 400, 422)


# https://hl7.org/fhir/R4/async.html


def test_a_bundle_is_done_in_the_background_where_the_client_prefers_that(hospital):
    resource = identified()
    sent = bundle("batch", entry("POST", "Patient", resource))
    answer = hospital.send("POST", "", sent, Prefer="respond-async")
    assert answer.status_code == 202
    deadline, status = 60, hospital.follow(answer.headers["Content-Location"])
    while status.status_code == 202 and deadline:
        time.sleep(0.5)
        deadline -= 1
        status = hospital.follow(answer.headers["Content-Location"])
    assert status.status_code == 200
    assert len(found(hospital, resource)) == 1


# https://hl7.org/fhir/R4/http.html#capabilities


def test_capabilities_are_open_and_say_what_there_is(hospital):
    statement = hospital.send("GET", "/metadata").json()
    assert (statement["resourceType"], statement["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    listed = {each["type"]: each for each in statement["rest"][0]["resource"]}
    interactions = {each["code"] for each in listed["AdverseEvent"]["interaction"]}
    assert {"read", "vread", "update", "patch", "delete", "create", "search-type"} <= interactions


# https://hl7.org/fhir/R4/security.html


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/Patient"), ("GET", "/Patient/1"), ("POST", "/Patient"), ("GET", "/_history")],
)
def test_without_a_token_nothing_is_answered(hospital, method, path):
    answer = hospital.send(method, path, patient() if method == "POST" else None, Authorization="")
    refused(answer, 401)


def test_what_another_organization_stores_does_not_exist(hospital, rival):
    resource = identified()
    path = f"/Patient/{created(hospital, resource)['id']}"
    refused(rival.send("GET", path), 404)
    refused(rival.send("GET", f"{path}/_history"), 404)
    refused(rival.send("DELETE", path), 404)
    assert found(rival, resource) == []
