"""Races: https://hl7.org/fhir/R4/http.html#ccreate, #concurrency and #trules"""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

RIVALS = 12
SYSTEM = "urn:conformance"


def patient(value):
    return {"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": value}]}


def total(actor, value):
    return actor.send("GET", f"/Patient?identifier={SYSTEM}|{value}").json()["total"]


def at_once(send):
    with ThreadPoolExecutor(RIVALS) as pool:
        return [each.result() for each in [pool.submit(send, n) for n in range(RIVALS)]]


@pytest.mark.parametrize("round_", range(5))
def test_of_simultaneous_conditional_creates_one_stores(hospital, round_):
    value = str(uuid4())
    condition = f"identifier={SYSTEM}|{value}"
    answers = at_once(
        lambda _: hospital.send("POST", "/Patient", patient(value), If_None_Exist=condition)
    )
    assert sorted(each.status_code for each in answers) == [200] * (RIVALS - 1) + [201]
    assert total(hospital, value) == 1


@pytest.mark.parametrize("round_", range(5))
def test_of_simultaneous_conditional_creates_in_transactions_one_stores(hospital, round_):
    value = str(uuid4())
    request = {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={SYSTEM}|{value}"}
    entry = {"fullUrl": f"urn:uuid:{uuid4()}", "resource": patient(value), "request": request}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    answers = at_once(lambda _: hospital.send("POST", "", bundle))
    assert {each.status_code for each in answers} == {200}
    statuses = sorted(each.json()["entry"][0]["response"]["status"][:3] for each in answers)
    assert statuses == ["200"] * (RIVALS - 1) + ["201"]
    assert total(hospital, value) == 1


def test_of_simultaneous_updates_of_one_version_one_wins(hospital):
    created = hospital.send("POST", "/Patient", patient(str(uuid4()))).json()
    path = f"/Patient/{created['id']}"
    answers = at_once(
        lambda n: hospital.send("PUT", path, created | {"active": n % 2 == 0}, If_Match='W/"1"')
    )
    assert sorted(each.status_code for each in answers) == [200] + [412] * (RIVALS - 1)
