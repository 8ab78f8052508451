"""What a client may ask for at intake, and what the server stamps."""

import pytest

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.outcome import IssueCode
from psolink.pswp import intake, labels, record
from psolink.pswp.designations import DESIGNATIONS
from psolink.pswp.labels import COMPARTMENT, CONFIDENTIALITY, DESIGNATION, POLICY
from psolink.pswp.party import Party
from psolink.pswp.record import PswpRecord
from psolink.store.values import Access

PROFILE = f"{CANONICAL}/StructureDefinition/pswp-adverse-event"
MAY_ASK = {
    "provider": {
        "pswp-pending",
        "pswp-deliberation",
        "pswp-fact-of-reporting",
        "undetermined",
        "not-pswp-original",
        "not-pswp-external",
    },
    "pso": {
        "pswp-pso-developed",
        "pswp-deliberation",
        "pswp-fact-of-reporting",
        "undetermined",
        "not-pswp-original",
        "not-pswp-external",
    },
    "other": {"undetermined", "not-pswp-original", "not-pswp-external"},
    "operator": {"undetermined", "not-pswp-original", "not-pswp-external"},
}


def found(resource: JsonObject, party: Party) -> list[tuple[str, str | None]]:
    return [
        (str(issue.code), issue.expression)
        for issue in intake.check(resource, party, at="AdverseEvent")
    ]


@pytest.mark.parametrize("kind", MAY_ASK)
@pytest.mark.parametrize("code", DESIGNATIONS)
def test_a_party_may_ask_for_its_designations_and_no_others(kind, code, event):
    is_refused = bool(found(event(code), Party("x", kind)))
    assert is_refused == (code not in MAY_ASK[kind])


def test_a_refused_designation_is_named_with_what_sets_it(event, hospital):
    [issue] = intake.check(event("pswp-reported"), hospital, at="AdverseEvent")
    assert issue.expression == "AdverseEvent.meta.security[0]"
    assert "$pswp-report" in issue.diagnostics
    assert "pswp-pending" in issue.diagnostics


SECURITY = "AdverseEvent.meta.security"
FAULTY_LABELS = [
    pytest.param(
        [{"system": DESIGNATION, "code": "pswp-deliberation"}], "duplicate", id="two designations"
    ),
    pytest.param(
        [{"system": DESIGNATION, "code": "pswp-pending"}], "duplicate", id="the same one twice"
    ),
    pytest.param(
        [{"system": COMPARTMENT, "code": "PSES:hospital-b"}],
        "business-rule",
        id="the compartment of another provider",
    ),
    pytest.param(
        [{"system": COMPARTMENT, "code": "PSO:pso-p"}], "business-rule", id="a PSO's compartment"
    ),
    pytest.param([{"system": COMPARTMENT}], "business-rule", id="a compartment without a code"),
    pytest.param(
        [{"system": POLICY, "code": "CONTRACT"}], "business-rule", id="a policy of its choice"
    ),
    pytest.param(
        [{"system": CONFIDENTIALITY, "code": "N"}], "business-rule", id="too low a confidentiality"
    ),
    pytest.param(
        [{"system": CONFIDENTIALITY, "code": "X"}], "business-rule", id="no such confidentiality"
    ),
]


@pytest.mark.parametrize(("more", "code"), FAULTY_LABELS)
def test_a_label_that_the_server_would_not_write_is_refused_where_it_stands(
    more, code, event, hospital
):
    assert found(event("pswp-pending", *more), hospital) == [(code, f"{SECURITY}[1]")]


def test_two_confidentialities_of_one_item_are_refused(event, hospital):
    twice = [{"system": CONFIDENTIALITY, "code": code} for code in "RV"]
    assert found(event("pswp-pending", *twice), hospital) == [("duplicate", f"{SECURITY}[2]")]


@pytest.mark.parametrize("code", ["pswp-secret", 7, None, ["pswp-pending"]])
def test_an_unknown_designation_is_refused(code, event, hospital):
    asking = event(None, {"system": DESIGNATION, "code": code})
    assert found(asking, hospital) == [("code-invalid", f"{SECURITY}[0]")]


@pytest.mark.parametrize(
    ("resource_type", "says"),
    [
        ("Patient", "NX-CHART"),
        ("Encounter", "NX-CHART"),
        ("MedicationAdministration", "NX-CHART"),
        ("Claim", "NX-BILL"),
        ("ExplanationOfBenefit", "NX-BILL"),
        ("ValueSet", "cannot be patient safety work product"),
    ],
)
@pytest.mark.parametrize("code", ["pswp-pending", "undetermined"])
def test_original_records_are_never_work_product(resource_type, says, code, event, hospital):
    sent = event(code) | {"resourceType": resource_type}
    [issue] = intake.check(sent, hospital, at=resource_type)
    assert issue.code is IssueCode.BUSINESS_RULE
    assert issue.expression == f"{resource_type}.meta.security[0]"
    assert says in issue.diagnostics


def test_an_original_record_may_say_that_it_is_one(event, hospital):
    sent = event("not-pswp-original") | {"resourceType": "Patient"}
    assert found(sent, hospital) == []


def test_a_companion_can_be_work_product(event, hospital, now):
    sent = event("pswp-pending") | {"resourceType": "QuestionnaireResponse"}
    assert found(sent, hospital) == []
    assert intake.label_new(sent, hospital, now=now).access.pswp


def test_a_companion_without_a_designation_is_ordinary(event, hospital, now):
    sent = event() | {"resourceType": "QuestionnaireResponse"}
    labelled = intake.label_new(sent, hospital, now=now)
    assert labelled.resource == sent
    assert labelled.access == Access("hospital-a", ("hospital-a",), 3, pswp=False)


@pytest.mark.parametrize(
    "label",
    [{"system": COMPARTMENT, "code": "PSES:hospital-a"}, {"system": POLICY, "code": "PSQIA"}],
)
def test_ordinary_data_cannot_carry_the_servers_labels(label, event, hospital):
    sent = event(None, label) | {"resourceType": "Patient"}
    assert found(sent, hospital) == [("business-rule", f"{SECURITY}[0]")]


def test_an_event_without_a_designation_is_undetermined_work_product(event, hospital, now):
    sent = event()
    del sent["meta"]
    labelled = intake.label_new(sent, hospital, now=now)
    assert found(sent, hospital) == []
    assert labels.codes(labelled.resource, DESIGNATION) == ["undetermined"]
    assert labelled.access == Access("hospital-a", ("hospital-a",), 4, pswp=True)
    assert record.read(labelled.resource) == PswpRecord(
        "undetermined", None, "intake", "hospital-a"
    )


@pytest.mark.parametrize(
    ("code", "rank"), [("U", 0), ("L", 1), ("M", 2), ("N", 3), ("R", 4), ("V", 5), ("?", 5)]
)
def test_the_owner_labels_the_confidentiality_of_ordinary_data(code, rank, event, hospital, now):
    sent = event(None, {"system": CONFIDENTIALITY, "code": code}) | {"resourceType": "Patient"}
    assert found(sent, hospital) == []
    assert intake.label_new(sent, hospital, now=now).access.level == rank


def test_the_highest_confidentiality_counts(event, hospital, now):
    both = [{"system": CONFIDENTIALITY, "code": code} for code in "VN"]
    sent = event(None, *both) | {"resourceType": "Patient"}
    assert intake.label_new(sent, hospital, now=now).access.level == 5


def test_work_product_may_be_very_restricted_from_the_start(event, hospital, now):
    sent = event("pswp-pending", {"system": CONFIDENTIALITY, "code": "V"})
    assert found(sent, hospital) == []
    assert intake.label_new(sent, hospital, now=now).access.level == 5


def test_deliberation_is_very_restricted(stored):
    assert stored("pswp-deliberation").access.level == 5


def test_labels_and_extensions_of_others_stay_as_sent(event, hospital, now):
    theirs = {"system": "https://hospital-a.example/labels", "code": "ward", "display": "Ward"}
    sensitive = {"system": labels.ACT_CODE, "code": "PSY"}
    extension = {"url": "https://hospital-a.example/origin", "valueCode": "ehr"}
    tag = {"system": "https://hospital-a.example/tags", "code": "t"}
    sent = event("pswp-pending", theirs, sensitive, tag=[tag], extension=[extension])
    meta = intake.label_new(sent, hospital, now=now).resource["meta"]
    assert meta["security"][-2:] == [theirs, sensitive]
    assert meta["extension"][0] == extension
    assert meta["tag"] == [tag]


CLAIM_FAULTS = [
    pytest.param({}, None, [("required", SECURITY)], id="no designation"),
    pytest.param({"identifier": None}, "pswp-pending", [("required", "AdverseEvent.identifier")], id="no identifier"),
    pytest.param(
        {"subject": {"reference": "https://x.example/fhir/Practitioner/1/_history/2"}},
        "pswp-pending",
        [("structure", "AdverseEvent.subject")],
        id="a practitioner as subject",
    ),
    pytest.param(
        {"subject": {"type": "RelatedPerson", "identifier": {"value": "1"}}},
        "pswp-pending",
        [("structure", "AdverseEvent.subject")],
        id="a related person as subject",
    ),
    pytest.param({"subject": {"reference": "urn:uuid:5f6e2b8c-4ff0-4a0b-9d0a-0d5f9d0f7c11"}}, "pswp-pending", [], id="a subject in the same Bundle"),
    pytest.param({"subject": []}, "pswp-pending", [], id="a subject that is no reference"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "designation", "issues"), CLAIM_FAULTS)
def test_who_claims_the_profile_must_keep_it(more, designation, issues, event, hospital):
    for claimed in (PROFILE, f"{PROFILE}|0.1.0"):
        assert found(event(designation, profile=[claimed]) | more, hospital) == issues


def test_the_profile_is_for_adverse_events(event, hospital):
    sent = event("pswp-pending", profile=[PROFILE]) | {"resourceType": "Observation"}
    assert found(sent, hospital) == [("structure", "AdverseEvent.meta.profile")]


@pytest.mark.parametrize(
    "meta",
    [[], "x", {"security": "x"}, {"security": ["x", None]}, {"extension": {}}, {"profile": 1}],
)
def test_a_meta_of_the_wrong_shape_is_left_to_the_structure_check(meta, event, hospital):
    assert found(event() | {"meta": meta}, hospital) == []


@pytest.mark.parametrize(
    ("source", "kind", "code"),
    [
        ("pswp-deliberation", "provider", "pswp-deliberation"),
        ("not-pswp-external", "provider", "not-pswp-external"),
        (None, "provider", "pswp-pending"),
        (None, "pso", "pswp-pso-developed"),
        (None, "other", "undetermined"),
    ],
)
def test_what_is_derived_asks_for_the_designation_of_its_source(source, kind, code, event):
    derived = intake.with_designation_like(event(), event(source), Party("x", kind))
    assert labels.codes(derived, DESIGNATION) == [code]
    assert found(derived, Party("x", kind)) == []


def test_a_derived_original_record_asks_for_nothing(event, hospital):
    patient = {"resourceType": "Patient"}
    assert intake.with_designation_like(patient, event("pswp-pending"), hospital) == patient
