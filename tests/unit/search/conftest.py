import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pymongo.collection import Collection

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.search.criteria import Criteria, parse_criteria
from psolink.search.index_values import IndexValues
from psolink.search.indexes import SEARCH_INDEXES
from psolink.search.lookup import Found, Referred
from psolink.search.registry import SearchParameters
from psolink.store.documents import CODEC

BASE = "https://psolink.example/fhir"
HOSPITAL = "hospital"
TEXTS = ("words", "holders")
"""The arrays of plain texts."""
NOW = datetime(2024, 6, 1, tzinfo=UTC)


class Documents:
    """A lookup in documents that are held in memory; it notes what it was asked."""

    def __init__(self, *held: JsonObject, searchable: Callable[[str], bool] = lambda _: True):
        self.held = held
        self.may_search = searchable
        self.asked: list[JsonObject] = []

    def matches(self, resource_types, query, *, limit):
        self.asked.append(query)
        found = [each for each in self.held if matches(query, each)][:limit]
        return [Found(each["type"], each["id"], tuple(each["holders"])) for each in found]

    def referred(self, resource_type, query, code, *, limit):
        self.asked.append(query)
        return [
            Referred(entry["t"], entry["i"], each["tenant"])
            for each in [each for each in self.held if matches(query, each)][:limit]
            for entry in each.get("reference", ())
            if entry["p"] == code and "i" in entry
        ]

    def kept(self, resource_type, query, array, *, limit):
        self.asked.append(query)
        found = [each for each in self.held if matches(query, each)][:limit]
        return [((each["type"], each["id"]), each.get(array, ())) for each in found]

    def content(self, resource_type, resource_id):
        return next(
            (
                (each["resource"], each["tenant"])
                for each in self.held
                if (each["type"], each["id"]) == (resource_type, resource_id)
            ),
            None,
        )


@pytest.fixture(scope="session")
def parameters() -> SearchParameters:
    own = (artifact_dir("profiles") / "psolink").glob("SearchParameter-*.json")
    return SearchParameters(load_definitions(), [json.loads(each.read_text()) for each in own])


@pytest.fixture(scope="session")
def index_values(parameters: SearchParameters) -> IndexValues:
    return IndexValues(parameters)


@pytest.fixture(scope="session")
def parse(parameters: SearchParameters) -> Callable[..., Criteria]:
    """Return a function from a resource type and pairs to criteria."""

    def criteria(resource_type: str, *pairs: tuple[str, str], **options: Any) -> Criteria:
        defaults: dict[str, Any] = {"base_url": BASE, "clock": lambda: NOW, "lookup": Documents()}
        return parse_criteria(parameters, resource_type, pairs, **defaults | options)

    return criteria


@pytest.fixture(scope="session")
def document(index_values: IndexValues) -> Callable[..., JsonObject]:
    """Return a function from a resource to the document that is searched."""

    def stored(resource: JsonObject, **more: Any) -> JsonObject:
        described = {"type": resource["resourceType"], "id": resource.get("id", "1")}
        described |= {"tenant": HOSPITAL, "holders": [HOSPITAL]}
        return described | index_values.extract(resource, base_url=BASE) | more

    return stored


@pytest.fixture(scope="session")
def one(mongodb) -> Iterator[Collection[dict[str, Any]]]:
    """Return a collection with the indexes of search, for one document at a time."""
    name = f"test-{uuid4()}"
    collection = mongodb[name].get_collection("resources", codec_options=CODEC)
    for index in SEARCH_INDEXES:
        collection.create_index(list(index.keys), name=index.name)
    yield collection
    mongodb.drop_database(name)


@pytest.fixture(scope="session")
def finds(parse: Callable[..., Criteria], document: Callable[..., JsonObject], one):
    """Return a function that tells whether one criterion finds a resource, on a database."""
    kept: JsonObject = {}

    def found(resource: JsonObject, name: str, value: str, **options: Any) -> bool:
        made = document(resource, _id="one", updated=NOW)
        options = {"lookup": Documents(made)} | options
        criteria = parse(resource["resourceType"], (name, value), **options)
        if made != kept:
            one.replace_one({"_id": "one"}, made, upsert=True)
            kept.clear()
            kept.update(made)
        on_engine = len(list(one.find(criteria.filter)))
        assert on_engine == matches(criteria.filter, made), "an index or operator leads astray"
        return bool(on_engine)

    return found


def matches(query: JsonObject, document: JsonObject) -> bool:
    """Tell whether a document matches a filter: the operators that criteria are made of."""
    return all(_clause(name, operand, document) for name, operand in query.items())


def _clause(name: str, operand: Any, document: JsonObject) -> bool:
    if name == "$and":
        return all(matches(each, document) for each in operand)
    if name == "$or":
        return any(matches(each, document) for each in operand)
    if name == "$nor":
        return not any(matches(each, document) for each in operand)
    assert not name.startswith("$"), f"unexpected operator {name}"
    value: Any = document
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, list) and name in TEXTS:
        wanted = operand if isinstance(operand, dict) else {"$in": [operand]}
        inner = wanted.get("$elemMatch", wanted)
        return any(all(_compare(each, inner[each], word) for each in inner) for word in value)
    if not isinstance(operand, dict):
        assert not isinstance(value, list), "arrays are matched by $elemMatch"
        return bool(value == operand)
    return all(_compare(each, wanted, value) for each, wanted in operand.items())


def _compare(name: str, wanted: Any, value: Any) -> bool:
    if name == "$elemMatch":
        return isinstance(value, list) and any(matches(wanted, each) for each in value)
    return COMPARISONS[name](value, wanted)


def _is_not(value: Any, wanted: JsonObject) -> bool:
    return not all(_compare(each, operand, value) for each, operand in wanted.items())


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$not": _is_not,
    "$regex": lambda value, wanted: isinstance(value, str) and bool(re.search(wanted, value)),
    "$in": lambda value, wanted: value in wanted,
    "$gt": lambda value, wanted: value is not None and value > wanted,
    "$gte": lambda value, wanted: value is not None and value >= wanted,
    "$lt": lambda value, wanted: value is not None and value < wanted,
    "$lte": lambda value, wanted: value is not None and value <= wanted,
}


@pytest.fixture(scope="session")
def matcher() -> Callable[[JsonObject, JsonObject], bool]:
    return matches
