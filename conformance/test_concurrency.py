"""Races: https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #concurrency and #trules

Twelve clients at once, a few rounds on the server of the other tests. The long run, `-m soak`, has
twenty rounds on a server with one worker process and on one with four.
"""

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from conformance.conftest import Actor, client_of, served

RIVALS = 12
SYSTEM = "urn:conformance"


@dataclass(frozen=True)
class Crowd:
    """Twelve clients of one actor, and how often they meet."""

    clients: list[Actor]
    rounds: int

    @property
    def one(self) -> Actor:
        return self.clients[0]

    def at_once(self, send) -> list[Any]:
        """What each client gets for what `send` does with it and its number; never a 5xx."""
        with ThreadPoolExecutor(RIVALS) as pool:
            sent = [pool.submit(send, each, number) for number, each in enumerate(self.clients)]
            answers = [each.result() for each in sent]
        assert [each.text for each in answers if each.status_code >= 500] == []
        return answers

    def values(self) -> Iterator[str]:
        """A fresh value for each round."""
        yield from (str(uuid4()) for _ in range(self.rounds))


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(None, id="a few rounds"),
        pytest.param(1, id="one worker", marks=pytest.mark.soak),
        pytest.param(4, id="four workers", marks=pytest.mark.soak),
    ],
)
def crowd(request, tmp_path_factory) -> Iterator[Crowd]:
    if request.param is None:
        server = request.getfixturevalue("server")
        yield Crowd([client_of(server, "hospital-a") for _ in range(RIVALS)], rounds=2)
        return
    with served(request.config, tmp_path_factory, workers=request.param) as server:
        yield Crowd([client_of(server, "hospital-a") for _ in range(RIVALS)], rounds=20)


def patient(value, **content):
    identifier = [{"system": SYSTEM, "value": value}]
    return {"resourceType": "Patient", "identifier": identifier} | content


def criteria(value):
    return f"identifier={SYSTEM}|{value}"


def total(actor, value):
    return actor.send("GET", f"/Patient?{criteria(value)}").json()["total"]


def transaction(*entries):
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def entry(method, url, resource=None, **request):
    built = {"request": {"method": method, "url": url} | request}
    return built | ({"resource": resource} if resource else {})


def codes(answers):
    return sorted(each.status_code for each in answers)


def entry_codes(answers, number=0):
    assert {each.status_code for each in answers} == {200}, [each.text for each in answers]
    told = [each.json()["entry"][number]["response"]["status"] for each in answers]
    return sorted(int(each[:3]) for each in told)


def etags(answers):
    return {each.headers["ETag"] for each in answers}


def create(actor, value, **content):
    return actor.send("POST", "/Patient", patient(value, **content)).json()


def test_of_conditional_creates_one_stores(crowd):
    for value in crowd.values():
        answers = crowd.at_once(
            lambda actor, _, value=value: actor.send(
                "POST", "/Patient", patient(value), If_None_Exist=criteria(value)
            )
        )
        assert codes(answers) == [200] * (RIVALS - 1) + [201]
        assert total(crowd.one, value) == 1


def test_of_conditional_creates_in_transactions_one_stores(crowd):
    for value in crowd.values():
        sent = transaction(entry("POST", "Patient", patient(value), ifNoneExist=criteria(value)))
        answers = crowd.at_once(lambda actor, _, sent=sent: actor.send("POST", "", sent))
        assert entry_codes(answers) == [200] * (RIVALS - 1) + [201]
        assert total(crowd.one, value) == 1


def test_of_conditional_updates_one_creates_and_the_others_update(crowd):
    for value in crowd.values():
        answers = crowd.at_once(
            lambda actor, _, value=value: actor.send(
                "PUT", f"/Patient?{criteria(value)}", patient(value)
            )
        )
        assert codes(answers) == [200] * (RIVALS - 1) + [201]
        assert len(etags(answers)) == RIVALS
        assert total(crowd.one, value) == 1


def test_of_conditional_updates_in_transactions_one_creates(crowd):
    for value in crowd.values():
        sent = transaction(entry("PUT", f"Patient?{criteria(value)}", patient(value)))
        answers = crowd.at_once(lambda actor, _, sent=sent: actor.send("POST", "", sent))
        assert entry_codes(answers) == [200] * (RIVALS - 1) + [201]
        assert total(crowd.one, value) == 1


def test_conditional_deletes_delete_once(crowd):
    for value in crowd.values():
        known = create(crowd.one, value)
        answers = crowd.at_once(
            lambda actor, _, value=value: actor.send("DELETE", f"/Patient?{criteria(value)}")
        )
        assert set(codes(answers)) <= {200, 204}
        history = crowd.one.send("GET", f"/Patient/{known['id']}/_history").json()
        assert history["total"] == 2


def test_conditional_deletes_in_transactions_delete_once(crowd):
    for value in crowd.values():
        known = create(crowd.one, value)
        sent = transaction(entry("DELETE", f"Patient?{criteria(value)}"))
        answers = crowd.at_once(lambda actor, _, sent=sent: actor.send("POST", "", sent))
        assert entry_codes(answers) == [204] * RIVALS
        history = crowd.one.send("GET", f"/Patient/{known['id']}/_history").json()
        assert history["total"] == 2


def test_conditional_updates_and_deletes_leave_one_at_most(crowd):
    for value in crowd.values():
        crowd.at_once(
            lambda actor, number, value=value: (
                actor.send("PUT", f"/Patient?{criteria(value)}", patient(value))
                if number % 2
                else actor.send("DELETE", f"/Patient?{criteria(value)}")
            )
        )
        assert total(crowd.one, value) in (0, 1)


def test_of_updates_of_one_version_one_wins(crowd):
    for value in crowd.values():
        known = create(crowd.one, value)
        answers = crowd.at_once(
            lambda actor, number, known=known: actor.send(
                "PUT",
                f"/Patient/{known['id']}",
                known | {"active": number % 2 == 0},
                If_Match='W/"1"',
            )
        )
        assert codes(answers) == [200] + [412] * (RIVALS - 1)


def test_of_updates_of_one_version_in_transactions_one_wins(crowd):
    for value in crowd.values():
        known = create(crowd.one, value)
        sent = transaction(entry("PUT", f"Patient/{known['id']}", known, ifMatch='W/"1"'))
        answers = crowd.at_once(lambda actor, _, sent=sent: actor.send("POST", "", sent))
        assert codes(answers) == [200] + [412] * (RIVALS - 1)


def test_of_creates_under_one_id_one_creates(crowd):
    for value in crowd.values():
        answers = crowd.at_once(
            lambda actor, _, value=value: actor.send(
                "PUT", f"/Patient/{value}", patient(value, id=value), If_None_Match="*"
            )
        )
        assert codes(answers) == [201] + [412] * (RIVALS - 1)


def test_plain_updates_all_get_a_version_of_their_own(crowd):
    for value in crowd.values():
        known = create(crowd.one, value)
        answers = crowd.at_once(
            lambda actor, _, known=known: actor.send("PUT", f"/Patient/{known['id']}", known)
        )
        assert codes(answers) == [200] * RIVALS
        assert etags(answers) == {f'W/"{version}"' for version in range(2, RIVALS + 2)}


def test_patches_lose_nothing_of_each_other(crowd):
    for value in crowd.values():
        known = create(crowd.one, value, name=[{"given": ["Ann"]}])
        answers = crowd.at_once(
            lambda actor, number, known=known: actor.send(
                "PATCH",
                f"/Patient/{known['id']}",
                [{"op": "add", "path": "/name/0/given/-", "value": f"G{number}"}],
                Content_Type="application/json-patch+json",
            )
        )
        assert codes(answers) == [200] * RIVALS
        given = crowd.one.send("GET", f"/Patient/{known['id']}").json()["name"][0]["given"]
        assert sorted(given) == sorted(["Ann", *(f"G{number}" for number in range(RIVALS))])


def test_patches_in_transactions_lose_nothing_of_each_other(crowd):
    for value in crowd.values():
        create(crowd.one, value, name=[{"given": ["Ann"]}])

        def send(actor, number, value=value):
            change = f'[{{"op":"add","path":"/name/0/given/-","value":"G{number}"}}]'
            binary = {
                "resourceType": "Binary",
                "contentType": "application/json-patch+json",
                "data": b64encode(change.encode()).decode(),
            }
            return actor.send(
                "POST", "", transaction(entry("PATCH", f"Patient?{criteria(value)}", binary))
            )

        assert entry_codes(crowd.at_once(send)) == [200] * RIVALS
        found = crowd.one.send("GET", f"/Patient?{criteria(value)}").json()["entry"][0]
        assert len(found["resource"]["name"][0]["given"]) == RIVALS + 1


def test_crossing_transactions_all_get_through(crowd):
    for value in crowd.values():
        pair = [create(crowd.one, f"{value}-{end}") for end in "ab"]

        def send(actor, number, pair=pair):
            order = pair if number % 2 else pair[::-1]
            return actor.send(
                "POST", "", transaction(*(entry("PUT", f"Patient/{e['id']}", e) for e in order))
            )

        assert codes(crowd.at_once(send)) == [200] * RIVALS
        for each in pair:
            answer = crowd.one.send("GET", f"/Patient/{each['id']}")
            assert answer.headers["ETag"] == f'W/"{RIVALS + 1}"'


def test_crossing_conditional_creates_store_each_once(crowd):
    for value in crowd.values():
        pair = [f"{value}-a", f"{value}-b"]

        def send(actor, number, pair=pair):
            order = pair if number % 2 else pair[::-1]
            entries = (
                entry("POST", "Patient", patient(each), ifNoneExist=criteria(each))
                for each in order
            )
            return actor.send("POST", "", transaction(*entries))

        assert codes(crowd.at_once(send)) == [200] * RIVALS
        assert [total(crowd.one, each) for each in pair] == [1, 1]


def test_one_resource_twice_in_a_transaction_is_refused(crowd):
    for value in crowd.values():
        known = create(crowd.one, value)
        twice = [
            entry("PUT", f"Patient/{known['id']}", known | {"active": b}) for b in (True, False)
        ]
        answers = crowd.at_once(
            lambda actor, _, twice=twice: actor.send("POST", "", transaction(*twice))
        )
        assert set(codes(answers)) <= {400, 409, 422}
        assert crowd.one.send("GET", f"/Patient/{known['id']}").headers["ETag"] == 'W/"1"'


def test_a_stale_version_in_a_transaction_stores_nothing(crowd):
    for value in crowd.values():
        known = create(crowd.one, value)
        sent = transaction(
            entry("POST", "Patient", patient(f"{value}-marker")),
            entry("PUT", f"Patient/{known['id']}", known, ifMatch='W/"7"'),
        )
        answers = crowd.at_once(lambda actor, _, sent=sent: actor.send("POST", "", sent))
        assert codes(answers) == [412] * RIVALS
        assert total(crowd.one, f"{value}-marker") == 0


def test_an_invalid_entry_in_the_middle_stores_nothing(crowd):
    for value in crowd.values():
        sent = transaction(
            entry("POST", "Patient", patient(f"{value}-first")),
            entry("POST", "Patient", patient(value, birthDate="2020-02-30")),
            entry("POST", "Patient", patient(f"{value}-last")),
        )
        answers = crowd.at_once(lambda actor, _, sent=sent: actor.send("POST", "", sent))
        assert set(codes(answers)) <= {400, 422}
        assert [total(crowd.one, f"{value}-{each}") for each in ("first", "last")] == [0, 0]
