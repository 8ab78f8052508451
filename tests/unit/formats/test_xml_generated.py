"""FHIR XML keeps resources of every type, and survives anything that is sent as XML."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.unit.formats.generated_resources import ResourceGenerator

from psolink.artifacts import artifact_dir
from psolink.definitions import Definitions, load_definitions
from psolink.errors import InvalidRequest, PayloadTooLarge
from psolink.fhir_json import JsonObject
from psolink.formats import json_codec
from psolink.formats.json_codec import JsonLimits
from psolink.formats.xml_codec import XmlCodec
from psolink.outcome import Issue, IssueCode
from psolink.validation import Validator

DEFINITIONS = load_definitions()
CODEC = XmlCodec(DEFINITIONS)
LIMITS = JsonLimits()
TYPES = sorted(DEFINITIONS.resource_types)
SEEDS = range(6)
PUBLISHED = sorted(
    path
    for folder in ("profiles", "mappings")
    for path in artifact_dir(folder).rglob("*.json")
    if "resourceType" in json.loads(path.read_bytes())
)

resources = st.builds(
    lambda type_name, random: ResourceGenerator(DEFINITIONS, random).resource(type_name),
    st.sampled_from(TYPES),
    st.randoms(use_true_random=False),
)


def generated(type_name: str, seed: int) -> JsonObject:
    return ResourceGenerator(DEFINITIONS, Random(f"{type_name} {seed}")).resource(type_name)


def is_kept(resource: JsonObject, exact) -> bool:
    written = CODEC.render(resource)
    read = CODEC.parse(written, limits=LIMITS)
    from_pretty = CODEC.parse(CODEC.render(resource, pretty=True), limits=LIMITS)
    return exact(read) == exact(from_pretty) == exact(resource) and CODEC.render(read) == written


@pytest.mark.parametrize("type_name", TYPES)
def test_resources_of_every_type_are_kept_both_ways(type_name: str, exact):
    for seed in SEEDS:
        resource = generated(type_name, seed)
        from_json = json_codec.parse(json_codec.render(resource), limits=LIMITS)
        assert exact(from_json) == exact(resource)
        assert is_kept(resource, exact)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(resources)
def test_any_resource_is_kept_both_ways(resource: JsonObject):
    written = CODEC.render(resource)
    read = CODEC.parse(written, limits=LIMITS)
    assert read == resource
    assert CODEC.render(read) == written


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.name)
def test_what_is_published_is_kept_both_ways(path: Path, exact):
    resource = json_codec.parse(path.read_bytes(), limits=LIMITS)
    assert is_kept(resource, exact)


@pytest.mark.parametrize("type_name", TYPES)
def test_elements_stand_in_the_order_of_the_definition(type_name: str):
    for seed in SEEDS:
        root = etree.fromstring(CODEC.render(generated(type_name, seed)))
        assert_ordered(root, etree.QName(root).localname, DEFINITIONS)


def assert_ordered(node: etree._Element, type_name: str, definitions: Definitions) -> None:
    """Walk the tree by the definitions alone; the codec has no part in it."""
    if type_name == "Resource":
        (node,) = node
        type_name = etree.QName(node).localname
    elements = definitions.types[type_name].elements
    names = [etree.QName(child).localname for child in node]
    order = list(elements)
    assert names == sorted(names, key=order.index)
    for child, name in zip(node, names, strict=True):
        if elements[name].type != "xhtml":
            assert_ordered(child, elements[name].type, definitions)


@pytest.mark.parametrize("type_name", TYPES)
def test_the_structure_of_generated_resources_is_valid(type_name: str, validator: Validator):
    for seed in SEEDS:
        errors = filter(is_structural, validator.validate(generated(type_name, seed)))
        assert list(errors) == []


def is_structural(issue: Issue) -> bool:
    return issue.is_error and issue.code != IssueCode.INVARIANT


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(DEFINITIONS)


def is_read_or_refused(body: bytes) -> bool:
    """Tell whether it was read; whatever was read can be written, and is read again the same."""
    try:
        resource = CODEC.parse(body, limits=LIMITS)
    except (InvalidRequest, PayloadTooLarge):
        return False
    assert CODEC.parse(CODEC.render(resource), limits=LIMITS) == resource
    return True


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b"\x00")
@example(b"<")
@example(b"<?xml")
@example(b"<?xml version='1.0' encoding='utf-8'")
@example(b"<!DOCTYPE")
@example(b"<a" * 5000)
@example(b"<a>" * 5000)
@example(b"<a:b xmlns:a=''/>")
def test_no_bytes_crash_the_reader(body: bytes):
    is_read_or_refused(body)


PIECES = st.sampled_from(
    [
        *("<", ">", "/>", "</", '"', "'", "=", " ", "\n", "&", "&#0;", "&lt;", "<!--", "-->", "<?"),
        *("]]>", "<![CDATA[", "<!DOCTYPE a>", "<!ENTITY", ' xmlns=""', ' xmlns:a="urn:a"', "a:"),
        *("<name>", "</name>", "<given/>", "<div>", "<Patient>", ' value="1"', ' id="a"', "\x00"),
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(TYPES),
    st.integers(0, 5),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=4),
)
def test_no_mutation_crashes_the_reader(
    type_name: str, seed: int, mutations: list[tuple[float, int, str]]
):
    body = CODEC.render(generated(type_name, seed))
    for where, removed, piece in mutations:
        start = int(where * len(body))
        body = body[:start] + piece.encode() + body[start + removed :]
    is_read_or_refused(body)


@pytest.mark.parametrize("depth", [100, 255, 300, 3000, 100_000])
def test_depth_bombs_are_refused(depth: int):
    name = b"extension"
    opened, closed = b'<%s url="a">' % name * depth, b"</%s>" % name * depth
    body = b'<Basic xmlns="http://hl7.org/fhir">%s%s</Basic>' % (opened, closed)
    assert not is_read_or_refused(body)


def test_a_narrative_may_be_deeper_than_the_resource():
    deep = "<p>" * 200 + "a" + "</p>" * 200
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{deep}</div>'
    resource = {"resourceType": "Basic", "text": {"status": "additional", "div": div}}
    assert CODEC.parse(CODEC.render(resource), limits=LIMITS) == resource
