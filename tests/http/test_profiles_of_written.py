"""What the operations write claims our profiles, and keeps them."""

import copy
import json

import pytest
from tests.builders import designated, identifier, report_to
from tests.http.conftest import outcome

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL
from psolink.terminology import Terminology
from psolink.validation.profiles import shipped_profiles
from psolink.validation.special_codes import GRAMMARS

ACTIVITY = f"{CANONICAL}/CodeSystem/pswp-activity"
REPORT = json.loads((artifact_dir("mappings") / "examples" / "medication-loinc.json").read_text())
FORM = {"questionnaire": f"{CANONICAL}/Questionnaire/common-formats-medication-1-2"}
EVERY = {"AdverseEvent", "Provenance", "QuestionnaireResponse"}


@pytest.fixture(scope="module")
def profiles():
    return shipped_profiles(load_definitions(), Terminology.load(rules=GRAMMARS))


@pytest.fixture
def submitted(hospital):
    """The resources that a report comes to, by type."""

    def submit(event_id, **content):
        report = copy.deepcopy(REPORT) | content
        report["item"][0]["item"][0]["answer"] = [{"valueString": event_id}]
        answer = hospital.post("/$submit-common-formats", report)
        assert answer.status_code == 200, answer.text
        found = [each["resource"] for each in answer.get_json()["entry"]]
        return {each["resourceType"]: each for each in found}

    return submit


def claims(resource):
    return resource["meta"].get("profile", [])


def acts(provenance):
    codings = provenance["activity"]["coding"]
    return [each["code"] for each in codings if each["system"] == ACTIVITY]


def broken(profiles, resource):
    return [issue for url in claims(resource) for issue in profiles.validate(resource, url)]


@pytest.mark.parametrize(
    ("content", "claiming"),
    [
        pytest.param({"identifier": identifier("w-1"), **FORM}, EVERY, id="a whole report"),
        pytest.param({}, EVERY - {"QuestionnaireResponse"}, id="a report without a number"),
        pytest.param(
            {**FORM, "subject": {"reference": "Practitioner/7"}},
            {"Provenance"},
            id="a report without a number about a practitioner",
        ),
        pytest.param(
            {
                "identifier": identifier("w-4"),
                **FORM,
                "meta": {
                    "profile": [f"{CANONICAL}/StructureDefinition/pswp-questionnaire-response"]
                },
            },
            EVERY,
            id="a report that claims its profile itself",
        ),
    ],
)
def test_what_a_submission_writes_keeps_what_it_claims(
    submitted, profiles, request, content, claiming
):
    found = submitted(request.node.callspec.id, **content)
    assert {kind for kind, each in found.items() if claims(each)} == claiming
    assert [len(claims(found[kind])) for kind in sorted(claiming)] == [1] * len(claiming)
    assert not [issue for each in found.values() for issue in broken(profiles, each)]


def test_a_report_that_breaks_the_profile_it_claims_is_refused_where_it_does(hospital):
    claim = f"{CANONICAL}/StructureDefinition/pswp-questionnaire-response"
    sent = REPORT | {"identifier": identifier("w-6"), "meta": {"profile": [claim]}}
    [issue] = outcome(hospital.post("/$submit-common-formats", sent))
    assert issue["expression"] == ["QuestionnaireResponse.questionnaire"]


def test_the_provenance_of_a_submission_tells_of_its_entry(submitted):
    assert acts(submitted("entry")["Provenance"]) == ["pses-entry"]


def test_what_is_no_work_product_was_not_entered(submitted):
    asked = {"system": f"{CANONICAL}/CodeSystem/pswp-designation", "code": "not-pswp-original"}
    found = submitted("original", meta={"security": [asked]})
    assert (acts(found["Provenance"]), claims(found["Provenance"])) == ([], [])


def test_the_provenance_of_a_report_keeps_its_profile(hospital, profiles):
    event = hospital.create(designated("pswp-pending"))
    hospital.post(f"/AdverseEvent/{event['id']}/$pswp-report", report_to("pso-p"))
    [entry] = hospital.get(f"/Provenance?target=AdverseEvent/{event['id']}").get_json()["entry"]
    told = entry["resource"]
    assert claims(told) == [f"{CANONICAL}/StructureDefinition/pswp-provenance"]
    assert not broken(profiles, told)


def test_a_reported_submission_still_keeps_what_it_claims(hospital, submitted, profiles):
    found = submitted("reported", identifier=identifier("w-5"), **FORM)
    hospital.post(f"/AdverseEvent/{found['AdverseEvent']['id']}/$pswp-report", report_to("pso-p"))
    after = [hospital.get(f"/{each['resourceType']}/{each['id']}") for each in found.values()]
    resources = [each.get_json() for each in after]
    assert {each["resourceType"] for each in resources if claims(each)} == EVERY
    assert not [issue for each in resources for issue in broken(profiles, each)]
