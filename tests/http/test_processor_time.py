"""A Bundle may take so much of the processor, and no more."""

from dataclasses import replace

import pytest
from tests.builders import bundle, entry, patient
from tests.http.conftest import Actor, outcome

from psolink.app import create_app


@pytest.fixture
def hurried(settings, app, mongodb, hospital):
    """The same server with no time for any entry."""
    del app  # it has prepared the database
    short = create_app(replace(settings, max_processor_seconds=0), mongodb)
    return Actor(short.test_client(), hospital.token)


def test_entries_of_a_batch_that_come_too_late_are_refused_one_by_one(hurried):
    sent = bundle("batch", entry("POST", "Patient", patient()), entry("GET", "Patient/none"))
    answered = hurried.post("", sent).get_json()["entry"]
    assert [each["response"]["status"][:3] for each in answered] == ["422", "422"]
    [issue] = answered[1]["response"]["outcome"]["issue"]
    assert (issue["code"], issue["expression"]) == ("too-costly", ["Bundle.entry[1]"])


def test_a_transaction_that_takes_too_long_stores_nothing(hurried, hospital):
    sent = bundle("transaction", entry("PUT", "Patient/too-late", patient(id="too-late")))
    answer = hurried.post("", sent)
    [issue] = outcome(answer)
    assert (answer.status_code, issue["code"]) == (422, "too-costly")
    assert hospital.get("/Patient/too-late").status_code == 404


def test_a_request_without_entries_is_not_timed(hurried):
    assert hurried.post("/Patient", patient()).status_code == 201
