"""Search, heading by heading: https://hl7.org/fhir/R4/search.html.

The cases are in `search/`; see `search_cases.py` for how to read them.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from conformance.conftest import Actor
from conformance.search_cases import DataSet, Rule, data_sets, filled

DATA_SETS = {each.name: each for each in data_sets()}
RULES = [rule for each in DATA_SETS.values() for rule in each.rules]
TAGS = "urn:psolink:conformance"
MOST_PAGES = 50


class Searched:
    """A data set on the server, and the answers to searches for its resources."""

    def __init__(self, actor: Actor, data_set: DataSet) -> None:
        self._actor = actor
        self._tag = f"{data_set.name}-{uuid4()}"
        self.known: dict[str, str] = {"base": actor.base, "run": self._tag}
        for name, resource in data_set.resources.items():
            self.known[name] = self._created(filled(resource, self.known))

    def names(self, entries: list[dict[str, Any]], mode: str) -> list[str]:
        """Return the names of what was found in that mode, in order."""
        references = {reference: name for name, reference in self.known.items()}
        return [
            references[f"{each['resource']['resourceType']}/{each['resource']['id']}"]
            for each in entries
            if each.get("search", {}).get("mode", "match") == mode
        ]

    def answer(self, rule: Rule) -> Any:
        """Return the response to the search of a case."""
        case = rule.case
        find = filled(case["find"], self.known)
        if not case.get("untagged"):
            find = f"{find}&_tag={TAGS}|{self._tag}".lstrip("&")
        path = filled(rule.path, self.known)
        headers = {"Prefer": "handling=lenient" if case.get("lenient") else "handling=strict"}
        if case.get("post"):
            path = path if path.endswith("_search") else f"{path}/_search"
            return self._actor.post_form(path, find, **headers)
        return self._actor.send("GET", f"{path}?{find}", **headers)

    def pages(self, first: dict[str, Any]) -> list[dict[str, Any]]:
        """Return all pages of a searchset, by its links."""
        found = [first]
        while len(found) < MOST_PAGES:
            links = {each["relation"]: each["url"] for each in found[-1].get("link", ())}
            if "next" not in links:
                return found
            found.append(self._actor.follow(links["next"]).json())
        pytest.fail("the pages have no end")

    def _created(self, resource: dict[str, Any]) -> str:
        tag = {"system": TAGS, "code": self._tag}
        meta = resource.get("meta", {})
        tagged = resource | {"meta": meta | {"tag": [*meta.get("tag", ()), tag]}}
        answer = self._actor.send("POST", f"/{resource['resourceType']}", tagged)
        assert answer.status_code == 201, answer.text
        return f"{resource['resourceType']}/{answer.json()['id']}"


@pytest.fixture(scope="module")
def searched(actors: dict[str, Actor]) -> Callable[[str], Searched]:
    """Find a data set by name; each is put on the server once."""
    made: dict[str, Searched] = {}

    def find(name: str) -> Searched:
        if name not in made:
            made[name] = Searched(actors["hospital-a"], DATA_SETS[name])
        return made[name]

    return find


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name} {rule.case['find']}"[:80])
def test_search(searched, rule):
    data_set = searched(rule.name.partition(".")[0])
    answer = data_set.answer(rule)
    assert answer.status_code == rule.case.get("status", 200), (rule.rule, answer.text)
    if answer.status_code != 200:
        assert answer.json()["resourceType"] == "OperationOutcome"
        return
    first = answer.json()
    assert (first["resourceType"], first["type"]) == ("Bundle", "searchset")
    entries = [entry for page in data_set.pages(first) for entry in page.get("entry", ())]
    check_found(rule, data_set, entries)
    check_bundle(rule, first)


def check_found(rule: Rule, data_set: Searched, entries: list[dict[str, Any]]) -> None:
    case = rule.case
    found = data_set.names(entries, "match")
    assert len(found) == len(set(found)), "found twice"
    if case.get("match") is not None:
        assert sorted(found) == sorted(case["match"]), rule.rule
    assert set(case.get("must", ())) <= set(found), rule.rule
    assert set(found).isdisjoint(case.get("never", ())), rule.rule
    if "order" in case:
        assert found == case["order"], rule.rule
    if "ends" in case:
        assert case["ends"] in (found[0], found[-1]), rule.rule
    if "include" in case:
        assert sorted(data_set.names(entries, "include")) == sorted(case["include"]), rule.rule
    for entry in entries:
        check_elements(case, entry)


def check_elements(case: dict[str, Any], entry: dict[str, Any]) -> None:
    resource = entry.get("resource", {})
    assert set(case.get("has", ())) <= set(resource)
    assert set(case.get("lacks", ())).isdisjoint(resource)
    if "subsetted" in case:
        tags = [each.get("code") for each in resource["meta"].get("tag", ())]
        assert ("SUBSETTED" in tags) is case["subsetted"]


def check_bundle(rule: Rule, first: dict[str, Any]) -> None:
    case = rule.case
    if "total" in case:
        assert first["total"] == case["total"], rule.rule
    if "page" in case:
        assert len(first["entry"]) == case["page"], rule.rule
    if "self_lacks" in case:
        [understood] = [each["url"] for each in first["link"] if each["relation"] == "self"]
        assert case["self_lacks"] not in understood


def test_the_suite_has_its_cases():
    dates = [rule for rule in RULES if rule.name.startswith("date")]
    assert len(RULES) >= 500
    assert len(dates) >= 54
    searches = [(rule.name.partition(".")[0], rule.path, str(rule.case)) for rule in RULES]
    assert len(searches) == len(set(searches)), "a case stands twice"
