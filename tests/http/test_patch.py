"""https://hl7.org/fhir/R4/http.html#patch"""

import base64
from decimal import Decimal
from uuid import uuid4

import pytest
from tests.builders import (
    DESIGNATION,
    adverse_event,
    bundle,
    designated,
    entry,
    identifier,
    patient,
)
from tests.http.conftest import assert_refused

from psolink.formats.json_codec import render

JSON_PATCH = "application/json-patch+json"
XML_PATCH = "application/xml-patch+xml"
FHIR = "http://hl7.org/fhir"
EXTENSION = {"part": [{"name": "url", "valueUri": "urn:x"}, {"name": "value", "valueString": "y"}]}


def json_patch(actor, path, *operations, **headers):
    body = b"[" + b",".join(render(each) for each in operations) + b"]"
    return actor.send("PATCH", path, body, Content_Type=JSON_PATCH, **headers)


def xml_patch(actor, path, operations, **headers):
    body = f'<diff xmlns:f="{FHIR}">{operations}</diff>'.encode()
    return actor.send("PATCH", path, body, Content_Type=XML_PATCH, **headers)


def operation(kind, path, **parts):
    built = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    for name, value in parts.items():
        match value:
            case int():
                built.append({"name": name, "valueInteger": value})
            case dict():
                built.append({"name": name} | value)
            case _:
                built.append({"name": name, "valueString": value})
    return {"name": "operation", "part": built}


def parameters(*operations):
    return {"resourceType": "Parameters", "parameter": list(operations)}


def fhirpath_patch(actor, path, *operations, **headers):
    return actor.send("PATCH", path, parameters(*operations), **headers)


def binary(media_type, content):
    data = base64.b64encode(content).decode()
    return {"resourceType": "Binary", "contentType": media_type, "data": data}


@pytest.fixture
def known(hospital):
    return hospital.create(
        patient(
            gender="female",
            active=True,
            birthDate="1970-01-01",
            name=[{"family": "Adams", "given": ["Ann", "Bea"]}],
            identifier=[identifier(str(uuid4()))],
        )
    )


@pytest.fixture
def path(known):
    return f"/Patient/{known['id']}"


def standing(resource):
    return resource["meta"]["security"], resource["meta"]["extension"]


def without_meta(resource):
    return {name: value for name, value in resource.items() if name != "meta"}


def to_male(actor, path, **headers):
    change = {"op": "replace", "path": "/gender", "value": "male"}
    return json_patch(actor, path, change, **headers)


FORMS = [
    pytest.param(to_male, id="JSON Patch"),
    pytest.param(
        lambda actor, path, **headers: xml_patch(
            actor, path, '<replace sel="f:Patient/f:gender/@value">male</replace>', **headers
        ),
        id="XML Patch",
    ),
    pytest.param(
        lambda actor, path, **headers: fhirpath_patch(
            actor,
            path,
            operation("replace", "Patient.gender", value={"valueCode": "male"}),
            **headers,
        ),
        id="FHIRPath Patch",
    ),
]


@pytest.mark.parametrize("send", FORMS)
def test_a_patch_changes_what_it_says_and_nothing_else(hospital, known, path, send):
    answer = send(hospital, path)
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert without_meta(answer.get_json()) == without_meta(known | {"gender": "male"})
    assert hospital.get(path).get_json() == answer.get_json()


@pytest.mark.parametrize("send", FORMS)
def test_a_patch_by_criteria_changes_the_one_match(hospital, known, path, send):
    value = known["identifier"][0]["value"]
    assert send(hospital, f"/Patient?identifier={value}").status_code == 200
    assert hospital.get(path).get_json()["gender"] == "male"


def test_a_patch_by_criteria_refuses_none_and_many(hospital):
    value = str(uuid4())
    assert_refused(to_male(hospital, f"/Patient?identifier={value}"), 404, "not-found")
    for _ in range(2):
        hospital.create(patient(identifier=[identifier(value)], gender="other"))
    assert_refused(to_male(hospital, f"/Patient?identifier={value}"), 412, "multiple-matches")


@pytest.mark.parametrize("send", FORMS)
def test_a_patch_holds_to_the_version_that_its_client_names(hospital, path, send):
    assert_refused(send(hospital, path, If_Match='W/"7"'), 412, "conflict")
    assert send(hospital, path, If_Match='W/"1"').status_code == 200


@pytest.mark.parametrize("send", FORMS)
def test_a_patch_of_what_is_not_there_is_refused(hospital, rival, known, path, send):
    unknown = send(hospital, "/Patient/nobody")
    assert_refused(unknown, 404, "not-found")
    hidden = send(rival, path)
    assert hidden.data.replace(known["id"].encode(), b"nobody") == unknown.data
    hospital.delete(path)
    assert_refused(send(hospital, path), 410, "deleted")


def test_json_patch_keeps_the_digits_of_decimals(hospital):
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "weight"},
        "valueQuantity": {"value": Decimal("70.10"), "unit": "kg"},
    }
    created = hospital.create(observation)
    answer = json_patch(
        hospital,
        f"/Observation/{created['id']}",
        {"op": "test", "path": "/valueQuantity/value", "value": Decimal("70.1")},
        {"op": "add", "path": "/component", "value": [{"code": {"text": "x"}}]},
        {"op": "copy", "from": "/valueQuantity", "path": "/component/0/valueQuantity"},
        {"op": "replace", "path": "/valueQuantity/value", "value": Decimal("71.00")},
    )
    assert b'"value":71.00' in answer.data
    assert b'"value":70.10' in answer.data


def test_json_patch_does_its_operations_in_order(hospital, path):
    answer = json_patch(
        hospital,
        path,
        {"op": "add", "path": "/name/0/given/-", "value": "Cleo"},
        {"op": "move", "from": "/name/0/given/0", "path": "/name/0/given/2"},
        {"op": "remove", "path": "/birthDate"},
        {"op": "test", "path": "/name/0/given/2", "value": "Ann"},
    )
    assert answer.get_json()["name"][0]["given"] == ["Bea", "Cleo", "Ann"]
    assert "birthDate" not in answer.get_json()


@pytest.mark.parametrize(
    ("operations", "status"),
    [
        pytest.param(b"{}", 400, id="no array"),
        pytest.param(b"[1]", 400, id="no object"),
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b'[{"op":"fly","path":"/gender"}]', 400, id="an unknown operation"),
        pytest.param(b'[{"path":"/gender"}]', 400, id="no operation"),
        pytest.param(b'[{"op":"add","path":"/gender"}]', 400, id="no value"),
        pytest.param(b'[{"op":"add","path":"gender","value":1}]', 400, id="no pointer"),
        pytest.param(b'[{"op":"add","path":7,"value":1}]', 400, id="a number as pointer"),
        pytest.param(b'[{"op":"copy","path":"/x"}]', 400, id="no source"),
        pytest.param(b'[{"op":"copy","path":"/x","from":"y"}]', 400, id="a bad source"),
        pytest.param(b'[{"op":"remove","path":"/photo"}]', 422, id="nothing to remove"),
        pytest.param(b'[{"op":"remove","path":"/name/7"}]', 422, id="no such item"),
        pytest.param(b'[{"op":"remove","path":""}]', 422, id="the whole"),
        pytest.param(b'[{"op":"replace","path":"","value":7}]', 422, id="no resource any more"),
        pytest.param(b'[{"op":"add","path":"/gender/x","value":1}]', 422, id="inside a string"),
        pytest.param(
            b'[{"op":"test","path":"/active","value":1}]', 422, id="a test that does not hold"
        ),
        pytest.param(b'[{"op":"replace","path":"/id","value":"x"}]', 422, id="the id"),
        pytest.param(b'[{"op":"remove","path":"/id"}]', 422, id="away with the id"),
        pytest.param(
            b'[{"op":"replace","path":"/resourceType","value":"Person"}]', 422, id="the type"
        ),
        pytest.param(
            b'[{"op":"replace","path":"/gender","value":"odd"}]', 422, id="an invalid result"
        ),
        pytest.param(
            b"[" + b'{"op":"test","path":"/x","value":1},' * 1000 + b"{}]", 422, id="many"
        ),
        pytest.param(
            b'[{"op":"add","path":"/x","value":[1]}'
            + b',{"op":"copy","from":"/x","path":"/x/-"}' * 60
            + b"]",
            422,
            id="copies that double each other",
        ),
    ],
)
def test_a_json_patch_that_cannot_be_done_changes_nothing(
    hospital, known, path, operations, status
):
    answer = hospital.send("PATCH", path, operations, Content_Type=JSON_PATCH)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["resourceType"] == "OperationOutcome"
    assert "Adams" not in answer.text
    assert hospital.get(path).get_json() == known


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        pytest.param(
            [
                operation(
                    "add",
                    "Patient",
                    name="maritalStatus",
                    value={"valueCodeableConcept": {"text": "m"}},
                )
            ],
            {"maritalStatus": {"text": "m"}},
            id="add a new element",
        ),
        pytest.param(
            [operation("add", "Patient.name[0]", name="given", value={"valueString": "Cleo"})],
            {"name": [{"family": "Adams", "given": ["Ann", "Bea", "Cleo"]}]},
            id="add to a list",
        ),
        pytest.param(
            [operation("add", "Patient", name="deceased", value={"valueBoolean": True})],
            {"deceasedBoolean": True},
            id="add a choice",
        ),
        pytest.param(
            [
                operation(
                    "add",
                    "Patient",
                    name="contact",
                    value={
                        "part": [
                            {"name": "name", "valueHumanName": {"text": "Z"}},
                            {"name": "relationship", "valueCodeableConcept": {"text": "a"}},
                            {"name": "relationship", "valueCodeableConcept": {"text": "b"}},
                        ]
                    },
                )
            ],
            {"contact": [{"name": {"text": "Z"}, "relationship": [{"text": "a"}, {"text": "b"}]}]},
            id="add an element without a named type",
        ),
        pytest.param(
            [
                operation(
                    "add",
                    "Patient.birthDate",
                    name="extension",
                    value=EXTENSION,
                )
            ],
            {"_birthDate": {"extension": [{"url": "urn:x", "valueString": "y"}]}},
            id="add an extension to a primitive",
        ),
        pytest.param(
            [
                operation(
                    "add",
                    "Patient.name.given[1]",
                    name="extension",
                    value=EXTENSION,
                ),
                operation("insert", "Patient.name.given", index=0, value={"valueString": "Cleo"}),
            ],
            {
                "name": [
                    {
                        "family": "Adams",
                        "given": ["Cleo", "Ann", "Bea"],
                        "_given": [
                            None,
                            None,
                            {"extension": [{"url": "urn:x", "valueString": "y"}]},
                        ],
                    }
                ]
            },
            id="extensions move with the items of their list",
        ),
        pytest.param(
            [
                operation("add", "Patient", name="deceased", value={"valueBoolean": True}),
                operation("replace", "Patient.deceased", value={"valueDateTime": "2020"}),
            ],
            {"deceasedDateTime": "2020"},
            id="replace a choice by another type",
        ),
        pytest.param(
            [
                operation(
                    "replace",
                    "Patient.name.where(family = 'Adams').given[0]",
                    value={"valueString": "Zoe"},
                )
            ],
            {"name": [{"family": "Adams", "given": ["Zoe", "Bea"]}]},
            id="replace an item",
        ),
        pytest.param(
            [operation("insert", "Patient.name.given", index=1, value={"valueString": "Cleo"})],
            {"name": [{"family": "Adams", "given": ["Ann", "Cleo", "Bea"]}]},
            id="insert into a list",
        ),
        pytest.param(
            [operation("move", "Patient.name.given", source=0, destination=1)],
            {"name": [{"family": "Adams", "given": ["Bea", "Ann"]}]},
            id="move in a list",
        ),
        pytest.param(
            [operation("delete", "Patient.name.given[0]")],
            {"name": [{"family": "Adams", "given": ["Bea"]}]},
            id="delete an item",
        ),
        pytest.param(
            [
                operation(
                    "add",
                    "Patient",
                    name="maritalStatus",
                    value={"valueCodeableConcept": {"text": "m"}},
                ),
                operation("delete", "Patient.maritalStatus.text"),
            ],
            {},
            id="delete the last of an element and the element with it",
        ),
        pytest.param(
            [
                operation(
                    "add",
                    "Patient.birthDate",
                    name="extension",
                    value=EXTENSION,
                ),
                operation("delete", "Patient.birthDate.extension"),
            ],
            {},
            id="delete the extension of a primitive and keep its value",
        ),
        pytest.param([operation("delete", "Patient.photo")], {}, id="delete what is not there"),
    ],
)
def test_fhirpath_patch(hospital, known, path, operations, expected):
    answer = fhirpath_patch(hospital, path, *operations)
    assert answer.status_code == 200, answer.text
    assert without_meta(answer.get_json()) == without_meta(known) | expected


@pytest.mark.parametrize(
    ("patched", "status"),
    [
        pytest.param(operation("fly", "Patient"), 400, id="an unknown operation"),
        pytest.param(operation("delete", "Patient.name["), 400, id="no FHIRPath"),
        pytest.param(operation("add", "Patient", value={"valueString": "x"}), 400, id="no name"),
        pytest.param(operation("add", "Patient", name="photo"), 400, id="no value"),
        pytest.param(operation("move", "Patient.name.given", source=0), 400, id="no destination"),
        pytest.param(
            operation("insert", "Patient.name", index="1", value={"valueString": "x"}),
            400,
            id="an index that is no number",
        ),
        pytest.param({"name": "op"}, 400, id="another parameter"),
        pytest.param(operation("delete", "Patient.name.given"), 422, id="several to delete"),
        pytest.param(operation("delete", "Patient"), 422, id="the resource itself"),
        pytest.param(
            operation("replace", "Patient.name.count()", value={"valueInteger": 2}),
            422,
            id="a value that is nowhere",
        ),
        pytest.param(
            operation("replace", "Patient.photo", value={"valueString": "x"}), 422, id="nothing"
        ),
        pytest.param(
            operation("add", "Patient", name="gender", value={"valueCode": "male"}),
            422,
            id="a value that is there",
        ),
        pytest.param(
            operation("add", "Patient", name="wings", value={"valueInteger": 2}),
            422,
            id="an unknown element",
        ),
        pytest.param(
            operation("add", "Patient", name="deceased", value={"valueString": "x"}),
            422,
            id="a type that the choice does not have",
        ),
        pytest.param(
            operation("insert", "Patient.name.given", index=5, value={"valueString": "x"}),
            422,
            id="beyond the end",
        ),
        pytest.param(
            operation("insert", "Patient.gender", index=0, value={"valueCode": "x"}),
            422,
            id="insert where no list is",
        ),
        pytest.param(
            operation("move", "Patient.name.given", source=0, destination=2), 422, id="move too far"
        ),
        pytest.param(
            operation("replace", "Patient.gender", value={"valueCode": "odd"}),
            422,
            id="an invalid result",
        ),
        pytest.param(
            operation("replace", "Patient.id", value={"valueId": "other"}), 422, id="the id"
        ),
    ],
)
def test_a_fhirpath_patch_that_cannot_be_done_changes_nothing(
    hospital, known, path, patched, status
):
    good = operation("replace", "Patient.birthDate", value={"valueDate": "1980"})
    answer = fhirpath_patch(hospital, path, good, patched)
    assert answer.status_code == status, answer.text
    assert "Adams" not in answer.text
    assert hospital.get(path).get_json() == known


def test_fhirpath_patch_comes_in_xml_too(hospital, path):
    body = (
        f'<Parameters xmlns="{FHIR}"><parameter><name value="operation"/>'
        '<part><name value="type"/><valueCode value="delete"/></part>'
        '<part><name value="path"/><valueString value="Patient.gender"/></part>'
        "</parameter></Parameters>"
    ).encode()
    answer = hospital.send("PATCH", path, body, Content_Type="application/fhir+xml")
    assert "gender" not in answer.get_json()


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        pytest.param(
            '<add sel="f:Patient/f:name/f:given[2]" pos="after"><f:given value="Cleo"/></add>',
            {"name": [{"family": "Adams", "given": ["Ann", "Bea", "Cleo"]}]},
            id="add after",
        ),
        pytest.param(
            '<add sel="/f:Patient/f:name[f:family/@value=\'Adams\']/f:given[1]" pos="before">'
            '<f:given value="Cleo"/></add>',
            {"name": [{"family": "Adams", "given": ["Cleo", "Ann", "Bea"]}]},
            id="add before what an equation finds",
        ),
        pytest.param(
            '<add sel="f:Patient/f:name"><f:suffix value="MD"/></add>',
            {"name": [{"family": "Adams", "given": ["Ann", "Bea"], "suffix": ["MD"]}]},
            id="add at the end",
        ),
        pytest.param(
            '<add sel="f:Patient/f:name" pos="prepend"><f:text value="Ann"/></add>',
            {"name": [{"text": "Ann", "family": "Adams", "given": ["Ann", "Bea"]}]},
            id="add in front",
        ),
        pytest.param(
            '<add sel="f:Patient/f:name" type="@id">n1</add>',
            {"name": [{"id": "n1", "family": "Adams", "given": ["Ann", "Bea"]}]},
            id="add an attribute",
        ),
        pytest.param(
            '<replace sel="f:Patient/f:name/f:given[1]"><f:given value="Zoe"/></replace>',
            {"name": [{"family": "Adams", "given": ["Zoe", "Bea"]}]},
            id="replace an element",
        ),
        pytest.param(
            '<remove sel="f:Patient/f:name/f:given[1]"/>',
            {"name": [{"family": "Adams", "given": ["Bea"]}]},
            id="remove an element",
        ),
        pytest.param(
            f'<replace xmlns="{FHIR}" sel="Patient/birthDate/@value">1980</replace>',
            {"birthDate": "1980"},
            id="the default namespace counts for names without prefix",
        ),
    ],
)
def test_xml_patch(hospital, known, path, operations, expected):
    answer = xml_patch(hospital, path, operations)
    assert answer.status_code == 200, answer.text
    assert without_meta(answer.get_json()) == without_meta(known) | expected


@pytest.mark.parametrize(
    ("operations", "status"),
    [
        pytest.param('<fly sel="f:Patient"/>', 400, id="an unknown operation"),
        pytest.param("<remove/>", 400, id="no selector"),
        pytest.param('<remove sel="//f:given"/>', 400, id="a search in all levels"),
        pytest.param('<remove sel="f:Patient/f:name/f:given[last()]"/>', 400, id="a function"),
        pytest.param('<remove sel="ancestor::f:Patient"/>', 400, id="an axis"),
        pytest.param('<remove sel="g:Patient/g:name"/>', 400, id="an undeclared prefix"),
        pytest.param('<remove sel="f:Patient/f:photo"/>', 422, id="nothing there"),
        pytest.param('<remove sel="Patient/name"/>', 422, id="no namespace"),
        pytest.param('<remove sel="f:Patient/f:name/f:given"/>', 422, id="several"),
        pytest.param('<remove sel="f:Patient"/>', 422, id="the resource itself"),
        pytest.param(
            '<add sel="f:Patient/f:gender" type="@value">male</add>', 422, id="an attribute twice"
        ),
        pytest.param('<add sel="f:Patient" type="namespace::p">urn:x</add>', 422, id="a namespace"),
        pytest.param('<add sel="f:Patient"><f:gender value="male"/></add>', 422, id="out of order"),
        pytest.param('<add sel="f:Patient" pos="behind"/>', 422, id="an unknown position"),
        pytest.param(
            '<replace sel="f:Patient/f:gender/@value">odd</replace>', 422, id="an invalid result"
        ),
        pytest.param('<replace sel="f:Patient/f:id/@value">x</replace>', 422, id="the id"),
    ],
)
def test_an_xml_patch_that_cannot_be_done_changes_nothing(
    hospital, known, path, operations, status
):
    answer = xml_patch(hospital, path, operations)
    assert answer.status_code == status, answer.text
    assert hospital.get(path).get_json() == known


def test_xml_patch_reaches_into_narratives(hospital):
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>old <b>x</b> tail</p></div>'
    created = hospital.create(patient(text={"status": "generated", "div": div}))
    answer = xml_patch(
        hospital,
        f"/Patient/{created['id']}",
        '<remove xmlns:h="http://www.w3.org/1999/xhtml" sel="f:Patient/f:text/h:div/h:p/h:b"/>',
    )
    assert "<p>old  tail</p>" in answer.get_json()["text"]["div"]


@pytest.mark.parametrize("entity", ['<!DOCTYPE d [<!ENTITY x "y">]><diff/>', "<diff", "<other/>"])
def test_an_xml_patch_that_is_none_is_refused(hospital, path, entity):
    answer = hospital.send("PATCH", path, entity.encode(), Content_Type=XML_PATCH)
    assert answer.status_code == 400


@pytest.mark.parametrize("media_type", ["text/plain", "application/merge-patch+json", ""])
def test_a_patch_in_another_form_is_refused(hospital, path, media_type):
    answer = hospital.send("PATCH", path, b"{}", Content_Type=media_type)
    assert_refused(answer, 415, "not-supported")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            [{"op": "replace", "path": "/meta/security/1/code", "value": "not-pswp-clinical"}],
            id="another designation",
        ),
        pytest.param([{"op": "remove", "path": "/meta/extension/0"}], id="no record"),
        pytest.param(
            [
                {
                    "op": "add",
                    "path": "/meta/security/0",
                    "value": {"system": DESIGNATION, "code": "pswp-reported"},
                }
            ],
            id="a second designation",
        ),
    ],
)
def test_a_patch_does_not_change_the_standing_of_work_product(hospital, change):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    answer = json_patch(hospital, path, *change)
    assert answer.status_code in (200, 422), answer.text
    after = hospital.get(path).get_json()
    assert standing(after) == standing(created)


def test_a_patch_does_not_change_what_the_server_keeps_in_meta(hospital, known, path):
    answer = json_patch(
        hospital,
        path,
        {"op": "replace", "path": "/meta/versionId", "value": "77"},
        {"op": "replace", "path": "/meta/lastUpdated", "value": "2000-01-01T00:00:00Z"},
    )
    meta = answer.get_json()["meta"]
    assert meta["versionId"] == "2"
    assert meta["lastUpdated"] > known["meta"]["lastUpdated"]


def test_patches_take_effect_in_bundles(hospital, known):
    value = known["identifier"][0]["value"]
    other = hospital.create(patient(gender="female"))
    third = hospital.create(patient(gender="female"))
    for kind in ("batch", "transaction"):
        gender = "male" if kind == "batch" else "other"
        sent = bundle(
            kind,
            entry(
                "PATCH",
                f"Patient?identifier={value}",
                binary(
                    JSON_PATCH,
                    b"[" + render({"op": "replace", "path": "/gender", "value": gender}) + b"]",
                ),
            ),
            entry(
                "PATCH",
                f"Patient/{other['id']}",
                parameters(operation("replace", "Patient.gender", value={"valueCode": gender})),
            ),
            entry(
                "PATCH",
                f"Patient/{third['id']}",
                binary(
                    XML_PATCH,
                    f'<diff xmlns="{FHIR}"><replace sel="Patient/gender/@value">{gender}</replace></diff>'.encode(),
                ),
            ),
        )
        answer = hospital.post("", sent)
        told = [each["response"]["status"] for each in answer.get_json()["entry"]]
        assert told == ["200 OK"] * 3
        for resource in (known, other, third):
            assert hospital.get(f"/Patient/{resource['id']}").get_json()["gender"] == gender


def test_a_patch_in_a_transaction_may_refer_to_another_entry(hospital):
    event = hospital.create(adverse_event())
    urn = f"urn:uuid:{uuid4()}"
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("POST", "Patient", patient(), fullUrl=urn),
            entry(
                "PATCH",
                f"AdverseEvent/{event['id']}",
                parameters(
                    operation(
                        "replace",
                        "AdverseEvent.subject",
                        value={"valueReference": {"reference": urn}},
                    )
                ),
                ifMatch='W/"1"',
            ),
        ),
    )
    assert answer.status_code == 200, answer.text
    location = answer.get_json()["entry"][0]["response"]["location"]
    changed = hospital.get(f"/AdverseEvent/{event['id']}").get_json()
    assert changed["subject"]["reference"] in location


@pytest.mark.parametrize(
    ("target", "faulty", "status"),
    [
        ("Patient/{id}", binary(JSON_PATCH, b"[{}]"), 400),
        ("Patient/{id}", binary("text/plain", b"x"), 415),
        ("Patient/{id}", patient(), 400),
        ("Patient/{id}", binary(JSON_PATCH, b'[{"op":"remove","path":"/photo"}]'), 422),
        ("Patient/{id}", binary(JSON_PATCH, b'[{"op":"add","path":"/gender","value":"o"}]'), 422),
        ("Patient/nobody", binary(JSON_PATCH, b"[]"), 404),
    ],
)
def test_a_patch_that_cannot_be_done_refuses_the_whole_transaction(
    hospital, known, target, faulty, status
):
    value = str(uuid4())
    marker = patient(identifier=[identifier(value)])
    url = target.format(id=known["id"])
    sent = bundle("transaction", entry("POST", "Patient", marker), entry("PATCH", url, faulty))
    assert hospital.post("", sent).status_code == status
    assert hospital.get(f"/Patient?identifier={value}").get_json()["total"] == 0
    alone = hospital.post("", bundle("batch", entry("PATCH", url, faulty))).get_json()
    assert alone["entry"][0]["response"]["status"].startswith(str(status))


def test_the_paths_of_a_fhirpath_patch_take_a_bounded_number_of_steps_together(hospital, path):
    ten = " | ".join(map(str, range(10)))
    costly = f"Patient.where(({ten}).select({ten}).select({ten}).empty())"
    assert fhirpath_patch(hospital, path, operation("delete", costly)).status_code == 200
    answer = fhirpath_patch(hospital, path, *[operation("delete", costly)] * 300)
    assert_refused(answer, 422, "processing")
