"""https://hl7.org/fhir/R4/async.html and https://hl7.org/fhir/R5/async-bundle.html"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from tests.builders import adverse_event, bundle, entry, identifier, patient
from tests.http.conftest import Actor, assert_refused

from psolink.api.gateway import Gateway
from psolink.commands.worker import LEASE, MOST_ATTEMPTS, Worker
from psolink.interactions import asynchronous
from psolink.security.scopes import Scopes
from psolink.setup import access_tokens, now
from psolink.store.jobs import Jobs

ASYNC = "respond-async"
RETENTION = timedelta(hours=1)


class Killed(BaseException):
    """What a kill looks like from inside: nothing of the program runs any more."""


@dataclass
class Clock:
    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self):
        return now() + self.ahead


@dataclass
class Desk:
    """What is behind the server: its parts, a clock, and workers made of them."""

    shared: Gateway
    clock: Clock = field(default_factory=Clock)

    @property
    def worker(self) -> Worker:
        return self.worker_with()

    def worker_with(self, store: Any = None, jobs: Jobs | None = None) -> Worker:
        """A worker with a store or jobs of its own, which may die at some point."""
        queue = jobs or cast("Jobs", self.shared.jobs)

        def perform(job, lease):
            asynchronous.run(self.shared.services, store or self.shared.store, queue, job, lease)

        return Worker(queue, lambda: {"bundle": perform}, ("bundle",), RETENTION, clock=self.clock)


@pytest.fixture
def desk(app):
    desk = Desk(app.extensions["psolink"])
    # What other tests of this module left behind.
    while desk.worker.step():
        pass
    return desk


def named(value):
    return patient(identifier=[identifier(value)])


def submit(actor, sent, **headers):
    answer = actor.post("", sent, Prefer=", ".join([ASYNC, *headers.values()]))
    assert answer.status_code == 202, answer.text
    assert not answer.data
    return answer.headers["Content-Location"].partition("/fhir")[2]


def outcome_of(actor, where):
    """The entry that tells what became of the request."""
    answer = actor.get(where)
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert (body["type"], len(body["entry"])) == ("batch-response", 1)
    return body["entry"][0]


def total(actor, value):
    return actor.get(f"/Patient?identifier={value}").get_json()["total"]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_is_accepted_at_once_and_done_by_a_worker(hospital, desk, kind):
    value = str(uuid4())
    sent = bundle(kind, entry("POST", "Patient", named(value)), entry("GET", "Patient?_count=1"))
    where = submit(hospital, sent)
    waiting = hospital.get(where)
    assert (waiting.status_code, waiting.headers["X-Progress"]) == (202, "waiting")
    assert total(hospital, value) == 0
    assert desk.worker.step()
    told = outcome_of(hospital, where)
    assert told["response"]["status"] == "200 OK"
    assert told["resource"]["type"] == f"{kind}-response"
    statuses = [each["response"]["status"] for each in told["resource"]["entry"]]
    assert statuses == ["201 Created", "200 OK"]
    assert total(hospital, value) == 1


def test_the_answer_is_as_the_client_prefers(hospital, desk):
    where = submit(
        hospital, bundle("batch", entry("POST", "Patient", patient())), more="return=representation"
    )
    desk.worker.step()
    assert "resource" in outcome_of(hospital, where)["resource"]["entry"][0]


def test_a_transaction_that_is_refused_says_why(hospital, desk):
    value = str(uuid4())
    sent = bundle(
        "transaction",
        entry("POST", "Patient", named(value)),
        entry("POST", "Patient", patient(gender="odd")),
    )
    where = submit(hospital, sent)
    desk.worker.step()
    response = outcome_of(hospital, where)["response"]
    assert response["status"] == "400 Bad Request"
    assert response["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1].resource.gender"]
    assert total(hospital, value) == 0


def test_the_result_keeps_the_digits_of_decimals(hospital, desk):
    observation = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
        b'"valueQuantity":{"value":1.50}}'
    )
    sent = (
        b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":'
        + observation
        + b',"request":{"method":"POST","url":"Observation"}}]}'
    )
    answer = hospital.send("POST", "", sent, Prefer=f"{ASYNC}; return=representation")
    desk.worker.step()
    assert (
        b'"value":1.50'
        in hospital.get(answer.headers["Content-Location"].partition("/fhir")[2]).data
    )


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(bundle("collection"), id="another Bundle"),
        pytest.param(patient(), id="no Bundle"),
    ],
)
def test_what_is_neither_batch_nor_transaction_is_not_accepted(hospital, sent):
    assert hospital.post("", sent, Prefer=ASYNC).status_code == 400


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nobody_else_learns_of_a_job(actors, hospital, desk, actor, method):
    where = submit(hospital, bundle("batch", entry("POST", "AdverseEvent", adverse_event())))
    desk.worker.step()
    hidden = actors[actor].send(method, where)
    unknown = actors[actor].send(method, f"/_jobs/{uuid4()}")
    assert hidden.status_code == 404
    assert hidden.data == unknown.data
    assert hospital.get(where).status_code == 200


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "another"},
        {"level": 3},
        {"roles": frozenset()},
        {"scopes": Scopes.parse("system/Patient.c")},
    ],
    ids=["another client", "a lower level", "no clearance any more", "other scopes"],
)
def test_a_job_is_only_for_the_client_that_sent_it_with_the_rights_that_it_had(
    app, settings, hospital, desk, other
):
    where = submit(hospital, bundle("batch", entry("POST", "Patient", patient())))
    desk.worker.step()
    tokens = access_tokens(settings)
    principal = replace(tokens.verify(hospital.token), **other)
    actor = Actor(app.test_client(), tokens.issue(principal).token)
    assert_refused(actor.get(where), 404, "not-found")


def test_a_job_may_do_no_more_than_its_client(app, settings, hospital, desk):
    tokens = access_tokens(settings)
    principal = replace(tokens.verify(hospital.token), scopes=Scopes.parse("system/Patient.rs"))
    reader = Actor(app.test_client(), tokens.issue(principal).token)
    where = submit(reader, bundle("batch", entry("POST", "Patient", patient())))
    desk.worker.step()
    told = outcome_of(reader, where)["resource"]["entry"][0]["response"]
    assert told["status"] == "403 Forbidden"


def test_a_cancelled_job_is_not_done_and_not_there(hospital, desk):
    value = str(uuid4())
    where = submit(hospital, bundle("transaction", entry("POST", "Patient", named(value))))
    assert hospital.delete(where).status_code == 202
    assert not desk.worker.step()
    assert_refused(hospital.get(where), 404, "not-found")
    assert_refused(hospital.delete(where), 404, "not-found")
    assert total(hospital, value) == 0


class StoreThatEnds:
    """A store whose commit is the last thing that a process does, before or after it took effect."""

    def __init__(self, beneath, *, after, at=1):
        self._beneath, self._after, self._left = beneath, after, at

    def __getattr__(self, name):
        return getattr(self._beneath, name)

    def commit(self, *args, **kwargs):
        self._left -= 1
        if self._left:
            return self._beneath.commit(*args, **kwargs)
        if self._after:
            self._beneath.commit(*args, **kwargs)
        raise Killed


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_job_whose_worker_was_killed_is_done_once(hospital, desk, kind, after):
    values = [str(uuid4()) for _ in range(3)]
    where = submit(hospital, bundle(kind, *(entry("POST", "Patient", named(v)) for v in values)))
    killed = desk.worker_with(
        StoreThatEnds(desk.shared.store, after=after, at=2 if kind == "batch" else 1)
    )
    with pytest.raises(Killed):
        killed.step()
    assert not desk.worker.step(), "the lease has not run out"
    desk.clock.ahead += LEASE
    assert desk.worker.step()
    told = outcome_of(hospital, where)["resource"]["entry"]
    assert [each["response"]["status"] for each in told] == ["201 Created"] * 3
    assert [total(hospital, value) for value in values] == [1, 1, 1]
    for each, value in zip(told, values, strict=True):
        location = each["response"]["location"]
        path = "/" + location.rpartition("/fhir/")[2].removesuffix("/_history/1")
        assert hospital.get(path).get_json()["identifier"][0]["value"] == value


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_worker_that_lost_its_lease_writes_nothing(hospital, desk, kind):
    value = str(uuid4())
    where = submit(hospital, bundle(kind, entry("POST", "Patient", named(value))))

    class StoreThatIsSlow(StoreThatEnds):
        def commit(self, *args, **kwargs):
            # Another worker takes the job over and does it, while this one has not written yet.
            desk.clock.ahead += LEASE
            assert desk.worker.step()
            return self._beneath.commit(*args, **kwargs)

    desk.worker_with(StoreThatIsSlow(desk.shared.store, after=False)).step()
    assert total(hospital, value) == 1
    assert (
        outcome_of(hospital, where)["resource"]["entry"][0]["response"]["status"] == "201 Created"
    )


def test_a_job_that_is_cancelled_while_it_runs_stores_nothing_more(hospital, desk):
    values = [str(uuid4()) for _ in range(2)]
    where = submit(hospital, bundle("batch", *(entry("POST", "Patient", named(v)) for v in values)))

    class StoreThatIsCancelled(StoreThatEnds):
        def commit(self, *args, **kwargs):
            stored = self._beneath.commit(*args, **kwargs)
            hospital.delete(where)
            return stored

    desk.worker_with(StoreThatIsCancelled(desk.shared.store, after=False)).step()
    assert [total(hospital, value) for value in values] == [1, 0]
    assert_refused(hospital.get(where), 404, "not-found")


def test_a_job_that_kills_its_workers_is_given_up(hospital, desk):
    where = submit(hospital, bundle("transaction", entry("POST", "Patient", patient())))
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            desk.worker_with(StoreThatEnds(desk.shared.store, after=False)).step()
        desk.clock.ahead += LEASE
    assert desk.worker.step()
    assert_refused(hospital.get(where), 500, "exception")


def test_the_server_failing_is_told_without_its_cause(hospital, desk):
    class StoreThatFails(StoreThatEnds):
        def commit(self, *args, **kwargs):
            raise ZeroDivisionError("secret")

    where = submit(hospital, bundle("transaction", entry("POST", "Patient", patient())))
    for _ in range(MOST_ATTEMPTS + 1):
        desk.worker_with(StoreThatFails(desk.shared.store, after=False)).step()
        desk.clock.ahead += LEASE
    answer = hospital.get(where)
    assert_refused(answer, 500, "exception")
    assert "secret" not in answer.text


def test_progress_is_told_while_a_batch_runs(hospital, desk):
    told = []
    where = submit(hospital, bundle("batch", *[entry("POST", "Patient", patient())] * 2))

    class JobsThatAreAsked(Jobs):
        def advance(self, lease, done):
            super().advance(lease, done)
            told.append(hospital.get(where).headers["X-Progress"])

    asked = JobsThatAreAsked.__new__(JobsThatAreAsked)
    asked.__dict__ |= desk.shared.jobs.__dict__
    desk.worker_with(jobs=asked).step()
    assert told == ["1 of 2 entries", "2 of 2 entries"]


def test_what_a_job_held_is_cleared_after_a_while(hospital, mongodb, settings, desk):
    where = submit(hospital, bundle("batch", entry("POST", "Patient", patient())))
    desk.worker.step()
    desk.worker.purge()
    assert hospital.get(where).status_code == 200
    desk.clock.ahead += RETENTION * 2
    desk.worker.purge()
    assert_refused(hospital.get(where), 404, "not-found")
    parts = mongodb[settings.database]["job_parts"]
    assert parts.count_documents({"job": where.rpartition("/")[2]}) == 0


def test_the_input_is_cleared_when_a_job_is_done(hospital, mongodb, settings, desk):
    where = submit(hospital, bundle("batch", entry("POST", "Patient", patient())))
    desk.worker.step()
    parts = mongodb[settings.database]["job_parts"]
    found = parts.find({"job": where.rpartition("/")[2]})
    assert [each["name"] for each in found] == ["result"]
