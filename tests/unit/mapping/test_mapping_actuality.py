"""Whether the event happened: what the report says, what can be derived, and when nothing can."""

import pytest
from tests.unit.mapping.reports import coded, details, event_of, extract, group, item, report, said

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper
from psolink.outcome import IssueCode, Severity

GIVEN = details(item("DE336", coded("A15")))
NOT_GIVEN = details(item("DE336", coded("A18")))


@pytest.mark.parametrize(
    ("items", "actuality"),
    [
        pytest.param([item("DE3", coded("A3"))], "actual", id="an incident"),
        pytest.param([item("DE3", coded("A6"))], "potential", id="a near miss"),
        pytest.param([item("DE3", coded("A9"))], "potential", id="an unsafe condition"),
        pytest.param([item("DE288", coded("A1260")), GIVEN], "potential", id="a medication risk"),
        pytest.param([item("DE288", coded("A1257"))], "actual", id="an incorrect action"),
        pytest.param([item("DE288", coded("A1263"))], "actual", id="an adverse reaction"),
        pytest.param([item("DE288", coded("UNK")), GIVEN], "actual", id="given to the patient"),
        pytest.param([item("DE291", coded("A585")), NOT_GIVEN], "actual", id="what was done"),
        pytest.param(
            [item("DE288", coded("A1257")), item("DE3", coded("A6"))],
            "potential",
            id="the kind of concern goes before its derivation",
        ),
    ],
)
def test_actuality_of(items: list[JsonObject], actuality: str, mapper: Mapper):
    assert event_of(mapper, report(*items))["actuality"] == actuality


def test_a_derived_actuality_is_told_with_its_answer(mapper: Mapper):
    response = report(group("Medication", item("DE288", coded("A1260"))))
    (issue,) = extract(mapper, response).issues[:1]
    assert (issue.severity, issue.code) == (Severity.INFORMATION, IssueCode.INFORMATIONAL)
    assert "derived from DE288" in issue.diagnostics
    assert issue.expression == "QuestionnaireResponse.item[0].item[0].answer[0]"


def test_a_stated_actuality_is_not_called_derived(mapper: Mapper):
    response = report(item("DE3", coded("A3")), item("DE288", coded("A1257")))
    assert "actuality" not in str(extract(mapper, response).issues)


@pytest.mark.parametrize(
    ("response", "code", "expression"),
    [
        pytest.param(
            report(item("DE21", coded("A48"))),
            IssueCode.REQUIRED,
            "QuestionnaireResponse.item",
            id="the report does not say whether it happened",
        ),
        pytest.param(
            report(item("DE288", coded("UNK")), NOT_GIVEN),
            IssueCode.REQUIRED,
            "QuestionnaireResponse.item",
            id="nothing tells whether it happened",
        ),
        pytest.param(
            report(item("q1", said("Yes"))),
            IssueCode.REQUIRED,
            "QuestionnaireResponse.item",
            id="it is another questionnaire",
        ),
        pytest.param(
            report(item("DE3", coded("A3")), status="entered-in-error"),
            IssueCode.BUSINESS_RULE,
            "QuestionnaireResponse.status",
            id="it was entered in error",
        ),
        pytest.param(
            {"resourceType": "Patient"}, IssueCode.INVALID, "resourceType", id="it is a Patient"
        ),
    ],
)
def test_nothing_is_derived_if(
    response: JsonObject, code: IssueCode, expression: str, mapper: Mapper
):
    extraction = extract(mapper, response)
    assert extraction.resources == ()
    assert extraction.mapped == ()
    (error,) = [issue for issue in extraction.issues if issue.is_error]
    assert (error.code, error.expression) == (code, expression)


def test_the_bundle_of_a_refused_report_has_only_the_outcome(mapper: Mapper):
    entries = extract(mapper, report()).bundle()["entry"]
    assert [entry["resource"]["resourceType"] for entry in entries] == ["OperationOutcome"]
