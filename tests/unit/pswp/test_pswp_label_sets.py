"""The label set of each designation, in full."""

import pytest

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import intake, labels, report
from psolink.pswp.designations import DESIGNATIONS
from psolink.pswp.labels import Labelled
from psolink.pswp.party import Party
from psolink.store.values import Access

V3 = "http://terminology.hl7.org/CodeSystem"
OURS = f"{CANONICAL}/CodeSystem"
HANDLING = [
    {"system": f"{V3}/v3-ActCode", "code": "CPLYJPP"},
    {"system": f"{V3}/v3-ActCode", "code": "NORDSCLW"},
    {"system": f"{V3}/v3-ActCode", "code": "AUDTR"},
    {"system": f"{V3}/v3-ActCode", "code": "PERSISTLABEL"},
    {"system": f"{V3}/v3-ActReason", "code": "PATSFTY"},
]


def full_set(confidentiality: str, designation: str, *compartments: str) -> list[JsonObject]:
    return [
        {"system": f"{V3}/v3-Confidentiality", "code": confidentiality},
        {"system": f"{OURS}/pswp-designation", "code": designation},
        {"system": f"{OURS}/pswp-policy", "code": "PSQIA"},
        *({"system": f"{OURS}/pswp-compartment", "code": each} for each in compartments),
        *HANDLING,
    ]


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("provider", "pswp-pending", ("R", "PSES:x")),
        ("provider", "pswp-deliberation", ("V", "PSES:x")),
        ("provider", "pswp-fact-of-reporting", ("R", "PSES:x")),
        ("provider", "undetermined", ("R", "PSES:x")),
        ("pso", "pswp-pso-developed", ("R", "PSO:x")),
        ("pso", "undetermined", ("R", "PSO:x")),
        ("other", "undetermined", ("R", "PSES:x")),
    ],
)
def test_work_product_gets_the_full_set(kind, code, expected, event, now):
    confidentiality, compartment = expected
    labelled = intake.label_new(event(code), Party("x", kind), now=now)
    assert labelled.resource["meta"]["security"] == full_set(confidentiality, code, compartment)


@pytest.mark.parametrize("code", ["not-pswp-original", "not-pswp-external"])
def test_what_is_no_work_product_gets_confidentiality_and_designation(code, event, hospital, now):
    labelled = intake.label_new(event(code), hospital, now=now)
    assert labelled.resource["meta"]["security"] == [
        {"system": f"{V3}/v3-Confidentiality", "code": "N"},
        {"system": f"{OURS}/pswp-designation", "code": code},
    ]
    assert not labelled.access.pswp


def test_a_reported_item_lies_in_both_compartments(stored, pso, now):
    reported = report.report(
        *_parts(stored()), recipient=pso, mode="transmitted", receipt=None, now=now
    )
    assert reported.resource["meta"]["security"] == full_set(
        "R", "pswp-reported", "PSES:hospital-a", "PSO:pso-p"
    )


def _parts(labelled: Labelled) -> tuple[JsonObject, Access]:
    return labelled.resource, labelled.access


@pytest.mark.parametrize("code", DESIGNATIONS)
def test_whether_a_resource_is_work_product_is_read_from_its_designation(code, event):
    assert labels.is_pswp(event(code)) == DESIGNATIONS[code].pswp


@pytest.mark.parametrize(
    ("resource_type", "codes", "expected"),
    [
        ("AdverseEvent", [], True),
        ("Patient", [], False),
        ("Patient", ["some-later-code"], True),
        ("AdverseEvent", ["not-pswp-original", "pswp-pending"], True),
    ],
)
def test_doubt_counts_as_work_product(resource_type, codes, expected, event):
    asked = [{"system": labels.DESIGNATION, "code": code} for code in codes]
    assert labels.is_pswp(event(None, *asked) | {"resourceType": resource_type}) == expected
