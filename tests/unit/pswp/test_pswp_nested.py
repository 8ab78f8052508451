"""Work product inside other resources."""

import pytest
from tests.builders import adverse_event, designated

from psolink.pswp import intake
from psolink.pswp.party import Party

PROVIDER = Party("hospital", "provider")
LABELLED = {"resourceType": "Observation", "meta": designated("pswp-pending")["meta"]}


def inside(kind, resource):
    return {
        "Basic": {"resourceType": "Basic", "contained": [resource]},
        "Bundle": {"resourceType": "Bundle", "entry": [{"resource": resource}]},
        "Parameters": {
            "resourceType": "Parameters",
            "parameter": [{"part": [{"resource": resource}]}],
        },
    }[kind]


@pytest.mark.parametrize("kind", ["Basic", "Bundle", "Parameters"])
@pytest.mark.parametrize(
    "resource", [adverse_event(), designated("pswp-pending"), LABELLED, designated("x")]
)
def test_work_product_inside_another_resource_is_refused(kind, resource):
    outer = inside(kind, inside("Bundle", resource))
    found = list(intake.check(outer, PROVIDER, at=kind))
    assert any(issue.is_error and "resource" in (issue.expression or "") for issue in found)
    assert list(intake.check_update(outer, {"resourceType": kind}, at=kind))


@pytest.mark.parametrize("kind", ["Basic", "Bundle", "Parameters"])
@pytest.mark.parametrize("resource", [{"resourceType": "Patient"}, designated("not-pswp-original")])
def test_ordinary_data_inside_another_resource_is_taken(kind, resource):
    assert not list(intake.check(inside(kind, resource), PROVIDER, at=kind))


def test_an_event_that_is_work_product_itself_may_contain_some():
    outer = designated("pswp-pending", contained=[LABELLED | {"id": "o"}])
    assert not list(intake.check(outer, PROVIDER, at="AdverseEvent"))
