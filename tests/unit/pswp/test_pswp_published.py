"""What is published under profiles/psolink is valid R4 and agrees with the code."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib import import_module

import pytest
import yaml
from marshmallow import ValidationError

from psolink.artifacts import artifact_dir
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import (
    intake,
    lifecycle,
    permissions,
    purposes,
    record,
    report,
    resource_types,
)
from psolink.pswp.decision import decide
from psolink.pswp.designations import DESIGNATIONS
from psolink.pswp.facts import Contract, Listing
from psolink.pswp.rules import RULES, DenialReason

FOLDER = artifact_dir("profiles") / "psolink"
JSON_FILES = sorted(FOLDER.rglob("*.json"))
NAMED = [pytest.param(path, id=path.name) for path in JSON_FILES]

BY_HAND = {
    "OperationDefinition-questionnaireresponse-extract",
    "OperationDefinition-reindex-status",
    "OperationDefinition-submit-common-formats",
    "SearchParameter-adverseevent-identifier",
    "SearchParameter-pswp-designation",
}


def codes(published: Callable[[str], JsonObject], name: str) -> list[str]:
    return [each["code"] for each in published(f"CodeSystem-{name}.json")["concept"]]


@pytest.mark.parametrize("path", NAMED)
def test_every_file_is_valid_by_an_independent_implementation(path):
    content = json.loads(path.read_text("utf-8"))
    kind = content["resourceType"]
    module = import_module(f"fhir.resources.R4B.{kind.lower()}")
    parsed = getattr(module, kind).model_validate(content)
    assert parsed.get_resource_type() == kind


@pytest.mark.parametrize("path", [path for path in JSON_FILES if path.parent == FOLDER])
def test_every_definition_has_the_url_that_its_file_is_named_for(path):
    content = json.loads(path.read_text("utf-8"))
    kind, _, name = path.stem.partition("-")
    assert content["url"] == f"{CANONICAL}/{kind}/{name}"
    assert content["status"] == "active"


def test_the_sources_declare_exactly_what_is_published():
    texts = [path.read_text("utf-8") for path in (FOLDER / "fsh").rglob("*.fsh")]
    declared = Counter(
        name
        for text in texts
        for name in re.findall(r"^(?:Id|Instance): *(\S+)$", text, re.MULTILINE)
    )
    published = Counter(
        path.stem.split("-", 1)[1] for path in FOLDER.glob("*.json") if path.stem not in BY_HAND
    )
    assert declared == published


def test_no_code_system_names_a_code_twice():
    for path in FOLDER.glob("CodeSystem-*.json"):
        found = [each["code"] for each in json.loads(path.read_text()).get("concept", ())]
        assert len(found) == len({*found}), path.name


def test_the_designations_are_those_of_the_code_system(published):
    concepts = published("CodeSystem-pswp-designation.json")["concept"]
    assert {
        each["code"]: {entry["code"]: entry["valueBoolean"] for entry in each["property"]}
        for each in concepts
    } == {
        each.code: {
            "pswp": each.standing.pswp,
            "privileged": each.standing.privileged,
            "confidential": each.standing.confidential,
        }
        for each in DESIGNATIONS.values()
    }


def test_designations_use_published_codes(published):
    pathways, states = codes(published, "pswp-pathway"), codes(published, "pswp-lifecycle")
    for each in DESIGNATIONS.values():
        assert each.pathway is None or each.pathway in pathways
        assert each.lifecycle in states
        assert each.reported_as is None or each.reported_as in DESIGNATIONS


def test_every_state_but_the_overlays_has_its_transitions(published):
    overlays = {"legal-hold", "incident"}
    assert {*codes(published, "pswp-lifecycle")} == {*lifecycle.TRANSITIONS} | overlays


def test_the_denial_reasons_are_published(published):
    assert {*DenialReason} <= {*codes(published, "pswp-denial-reason")}


def test_the_catalogue_has_exactly_the_published_permissions(published):
    listed = codes(published, "pswp-disclosure-permission")
    assert {*permissions.shipped().permissions} == {*listed}


def test_the_catalogue_uses_known_roles_and_rules(published):
    roles = {*codes(published, "pswp-party-role"), permissions.ANY}
    for each in permissions.shipped().permissions.values():
        assert {*each.disclosers, *each.recipients} <= roles
        assert {*each.requires} <= {*RULES}


def test_one_permission_is_in_force():
    catalogue = permissions.shipped().permissions
    assert [each.code for each in catalogue.values() if each.is_in_force] == ["psa-prov-pso"]
    assert {*catalogue["psa-prov-pso"].requires} == {*RULES}


BROKEN = [
    pytest.param({"transform": "blur"}, id="unknown transform"),
    pytest.param({"ends": ["everything"]}, id="unknown protection"),
    pytest.param({"requried": ["pso-is-listed"]}, id="misspelt key"),
    pytest.param({"policy": "section 3.206"}, id="policy that is no URL"),
    pytest.param({"disclosers": None}, id="no disclosers"),
]


@pytest.mark.parametrize("change", BROKEN)
def test_a_broken_catalogue_is_refused(change, tmp_path):
    file = yaml.safe_load((FOLDER / "permissions.yaml").read_text("utf-8"))
    file["permissions"]["fda"] |= change
    path = tmp_path / "permissions.yaml"
    path.write_text(yaml.safe_dump(file), "utf-8")
    with pytest.raises(ValidationError):
        permissions.load(path)


def test_a_broken_list_of_types_is_refused(tmp_path):
    path = tmp_path / "resource-types.yaml"
    path.write_text("{always: [AdverseEvent], companion: [], original: {NX-OTHER: []}}", "utf-8")
    with pytest.raises(ValidationError):
        resource_types.load(path)


def test_every_listed_type_exists_and_stands_in_one_group():
    types = resource_types.shipped()
    groups = [*types.always, *types.companion, *types.original]
    assert len(groups) == len({*groups})
    for name in groups:
        assert hasattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name)


def test_some_purposes_rule_out_work_product_and_some_do_not():
    assert purposes.blocking()["state-report"]
    assert not purposes.blocking()["report-to-pso"]


def test_the_extension_lies_in_meta_and_has_the_parts_of_the_record(published):
    definition = published("StructureDefinition-pswp-record.json")
    assert definition["context"] == [{"expression": "Meta", "type": "element"}]
    parts = {
        each["sliceName"]
        for each in definition["snapshot"]["element"]
        if each["path"] == "Extension.extension" and "sliceName" in each
    }
    assert parts == {*record.PARTS}


def test_the_profile_needs_one_designation_label(published):
    elements = published("StructureDefinition-pswp-adverse-event.json")["snapshot"]["element"]
    [label] = [each for each in elements if each["id"] == "AdverseEvent.meta.security:designation"]
    assert (label["min"], label["max"]) == (1, "1")


def test_the_example_is_returned_as_published(published, hospital):
    sent = published("examples/AdverseEvent-as-sent.json")
    returned = published("examples/AdverseEvent-as-returned.json")
    at = datetime.fromisoformat(returned["meta"].pop("lastUpdated"))
    assert returned["meta"].pop("versionId") == "1"
    assert list(intake.check(sent, hospital, at="AdverseEvent")) == []
    labelled = intake.label_new(sent, hospital, now=at).resource
    assert labelled | {"id": "example"} == returned


def test_the_example_can_be_reported(published, hospital, pso, now):
    asked = report.facts(
        published("examples/AdverseEvent-as-returned.json"),
        discloser=hospital,
        recipient=pso,
        purpose_of_use="PATSFTY",
        mode="transmitted",
        contract=Contract(begins=now),
        listing=Listing("listed"),
        now=now,
    )
    assert decide(asked).is_permit


def test_the_example_transaction_can_be_sent_twice_and_is_taken(published, hospital):
    entries = published("examples/Bundle-hospital-event.json")["entry"]
    for each in entries:
        resource = each["resource"]
        identifier = resource["identifier"]
        [first] = identifier if isinstance(identifier, list) else [identifier]
        expected = f"identifier={first['system']}|{first['value']}"
        assert each["request"]["ifNoneExist"] == expected
        assert list(intake.check(resource, hospital, at=resource["resourceType"])) == []


def test_the_example_transaction_refers_to_nothing_outside(published):
    bundle = published("examples/Bundle-hospital-event.json")
    urls = {each["fullUrl"] for each in bundle["entry"]}
    named = set(re.findall(r'"reference": "([^"]+)"', json.dumps(bundle)))
    assert len(urls) == 6
    assert named <= urls
