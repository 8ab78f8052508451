"""What answers are read as, and which are not read at all."""

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.mapping.reports import (
    coded,
    event_of,
    extract,
    incident,
    item,
    kept_reason,
    loinc,
    medications_of,
    report,
    said,
    warnings,
)

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper
from psolink.mapping.systems import ANSWER, BY_NAME, LOINC, RXNORM
from psolink.outcome import IssueCode, Severity


def codes(event: JsonObject) -> set[str]:
    return {coding["code"] for each in event["category"] for coding in each["coding"]}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(coded("A1197"), id="the answer code"),
        pytest.param(coded("A1197", None), id="the answer code without a system"),
        pytest.param(coded("A1197", "https://sender.example/codes"), id="a system of the sender's"),
        pytest.param(loinc("LA20271-5"), id="the LOINC answer code"),
        pytest.param(coded("LA20271-5", None), id="the LOINC answer code without a system"),
        pytest.param(said("A1197"), id="the answer code as a string"),
        pytest.param(said(" LA20271-5 "), id="the LOINC answer code as a string"),
    ],
)
def test_a_choice_is_read_from(answer: JsonObject, mapper: Mapper):
    assert "A1197" in codes(event_of(mapper, incident(item("DE270", answer))))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(coded("A9999"), IssueCode.CODE_INVALID, id="an unknown code"),
        pytest.param(coded("A3"), IssueCode.CODE_INVALID, id="a code of another question"),
        pytest.param(coded("A1197", LOINC), IssueCode.CODE_INVALID, id="not a code of LOINC"),
        pytest.param(
            coded("A1197", BY_NAME["NullFlavor"]), IssueCode.CODE_INVALID, id="a foreign system"
        ),
        pytest.param(
            {"valueCoding": {"display": "Medications"}}, IssueCode.CODE_INVALID, id="words alone"
        ),
        pytest.param({"valueCoding": "A1197"}, IssueCode.VALUE, id="a coding that is none"),
        pytest.param({"valueBoolean": True}, IssueCode.VALUE, id="a boolean"),
        pytest.param({"valueInteger": 1197}, IssueCode.VALUE, id="a number"),
        pytest.param({}, IssueCode.VALUE, id="nothing"),
        pytest.param(
            {"valueString": "A1197", "valueBoolean": True}, IssueCode.VALUE, id="two values"
        ),
    ],
)
def test_a_choice_is_kept_with_a_warning_if_it_is(
    answer: JsonObject, code: IssueCode, mapper: Mapper
):
    (kept,) = extract(mapper, incident(item("DE270", answer))).unmapped
    assert (kept.link_id, kept.code, kept.severity) == ("DE270", code, Severity.WARNING)


def test_the_words_of_another_answer_are_kept_with_it(mapper: Mapper):
    event = event_of(mapper, incident(item("DE315", said("Programming of the pump"))))
    found = event["category"][-1]
    assert found["coding"][0]["code"] == "A66"
    assert found["text"] == "Process stage of origin: Other: Programming of the pump"


def test_words_are_no_answer_where_the_form_takes_none(mapper: Mapper):
    extraction = extract(mapper, incident(item("DE288", said("It went wrong"))))
    assert "valueCoding" in kept_reason(extraction, "DE288")


@pytest.mark.parametrize(
    ("given", "actuality"), [(True, "actual"), (False, None)], ids=["yes", "no"]
)
def test_yes_and_no_are_read_from_a_boolean(given: bool, actuality: str | None, mapper: Mapper):
    extraction = extract(mapper, report(item("DE336", {"valueBoolean": given})))
    found = [event.get("actuality") for _, event in extraction.resources[:1]]
    assert found == ([actuality] if actuality else [])


def test_unknown_is_the_null_flavor(mapper: Mapper):
    event = event_of(mapper, incident(item("DE288", loinc("LA4489-6"))))
    coding = {"system": BY_NAME["NullFlavor"], "code": "UNK"}
    assert coding in event["event"]["coding"]


def test_a_loinc_answer_that_is_not_established_is_read_by_its_display(mapper: Mapper):
    coding = {"system": LOINC, "code": "LA99999-1", "display": "near miss"}
    extraction = extract(mapper, report(item("74495-3/74079-5", {"valueCoding": coding})))
    assert extraction.resources[0][1]["actuality"] == "potential"
    assert "display" in warnings(extraction)[0].diagnostics


def test_a_display_does_not_overrule_an_established_loinc_code(mapper: Mapper):
    coding = {"system": LOINC, "code": "LA99999-1", "display": "Medications"}
    extraction = extract(mapper, incident(item("DE270", {"valueCoding": coding})))
    assert "LA99999-1" in kept_reason(extraction, "DE270")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(said("161"), id="a string"),
        pytest.param({"valueInteger": 161}, id="an integer"),
        pytest.param({"valueDecimal": Decimal(161)}, id="a decimal"),
        pytest.param(coded("161", RXNORM), id="a coding"),
    ],
)
def test_an_rxcui_is_read_from(answer: JsonObject, mapper: Mapper):
    (medication,) = medications_of(mapper, incident(item("DE319", answer)))
    assert medication["code"]["coding"] == [{"system": RXNORM, "code": "161"}]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(said("acetaminophen"), id="words"),
        pytest.param(said("161 "[::-1] + "x"), id="a number and more"),
        pytest.param(coded("161", ANSWER), id="a coding of another system"),
        pytest.param({"valueBoolean": True}, id="a boolean"),
        pytest.param(said("   "), id="blanks"),
        pytest.param({"valueString": None}, id="null"),
    ],
)
def test_an_rxcui_is_kept_if_it_is(answer: Any, mapper: Mapper):
    extraction = extract(mapper, incident(item("DE319", answer)))
    assert [each.link_id for each in extraction.unmapped] == ["DE319"]
    assert warnings(extraction)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"valueInteger": True}, id="a boolean that says it is a number"),
        pytest.param({"valueString": ["EV-1"]}, id="a list"),
    ],
)
def test_words_are_not_made_up_from(answer: Any, mapper: Mapper):
    assert "identifier" not in event_of(mapper, incident(item("DE2", answer)))


def test_a_coding_without_a_code_is_none_of_the_answers(mapper: Mapper):
    extraction = extract(mapper, incident(item("x/DE3", {"valueCoding": {"display": "A3"}})))
    assert "without a code" in kept_reason(extraction, "x/DE3")


def test_a_coding_says_nothing_where_words_are_expected(mapper: Mapper):
    answer = {"valueCoding": {"system": None, "code": "EV-1"}}
    assert "identifier" not in event_of(mapper, incident(item("DE2", answer)))


def test_a_message_does_not_quote_the_words_of_an_answer(mapper: Mapper):
    extraction = extract(
        mapper, incident(item("DE15", said("secret")), item("DE319", said("secret")))
    )
    assert len(extraction.unmapped) == 2
    assert "secret" not in str(extraction.issues)
