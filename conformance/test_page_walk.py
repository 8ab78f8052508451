"""A walk through pages while others write: https://hl7.org/fhir/R4/http.html#paging

Whatever comes, changes and goes meanwhile, what exists throughout is seen exactly once. The walker
writes between two pages, so that every page meets a change, and two other clients write at the same
time. The long run, `-m soak`, has more of all of it.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from conformance.conftest import Actor, client_of

TAGS = "urn:psolink:conformance:walk"
FAMILIES = ("Abel", "Émile", None, "abel", "Zorn")
BIRTHS = ("1950", None, "1950-06", "1950-06-01", "1950-06-02", None, "2001-01-01")
SORTS = (
    *("_id", "_lastUpdated", "-_lastUpdated", "family", "-family", "birthdate", "-birthdate"),
    "birthdate,-family",
)


@dataclass(frozen=True)
class Scale:
    """How many patients stay, how many a page has, and how often each other client writes.

    A walk of more pages than `most_pages` has no end.
    """

    staying: int
    count: int
    turns: int
    most_pages: int


SCALES = [
    pytest.param(Scale(staying=40, count=6, turns=15, most_pages=60), id="short"),
    pytest.param(
        Scale(staying=600, count=7, turns=400, most_pages=1500), id="long", marks=pytest.mark.soak
    ),
]


def patient(tag: str, number: int) -> dict[str, Any]:
    family, birth = FAMILIES[number % len(FAMILIES)], BIRTHS[number % len(BIRTHS)]
    made: dict[str, Any] = {"resourceType": "Patient"}
    made["meta"] = {"tag": [{"system": TAGS, "code": tag}]}
    made |= {"name": [{"family": family}]} if family else {}
    return made | ({"birthDate": birth} if birth else {})


class Rival:
    """Another client: each turn one patient comes, one changes its place, and one goes."""

    def __init__(self, actor: Actor, tag: str) -> None:
        self._actor = actor
        self._tag = tag
        self._own: deque[str] = deque()
        self._turns = 0
        for _ in range(6):
            self.come()

    def come(self) -> None:
        answer = self._actor.send("POST", "/Patient", patient(self._tag, self._turns))
        assert answer.status_code == 201, answer.text
        self._own.append(answer.json()["id"])

    def turn(self) -> None:
        self._turns += 1
        self.come()
        changed, gone = self._own[-2], self._own.popleft()
        moved = patient(self._tag, self._turns + 3) | {"id": changed}
        answer = self._actor.send("PUT", f"/Patient/{changed}", moved)
        assert answer.status_code == 200, answer.text
        answer = self._actor.send("DELETE", f"/Patient/{gone}")
        assert answer.status_code in (200, 204), answer.text


@dataclass(frozen=True)
class Place:
    """Patients that stay as they are, and clients that write among them."""

    clients: list[Actor]
    tag: str
    scale: Scale
    staying: frozenset[str]
    since: str

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Walk by the links to the end; write between the pages, and while they are read."""
        walker, *others = self.clients
        rival = Rival(walker, self.tag)
        with ThreadPoolExecutor(len(others)) as pool:
            ended = Event()
            writing = [pool.submit(self._write, each, ended) for each in others]
            try:
                yield from walked(walker, path, rival.turn, self.scale.most_pages)
            finally:
                ended.set()
            assert all(each.result() > 0 for each in writing)

    def _write(self, actor: Actor, ended: Event) -> int:
        # Bounded: what changes goes to the end of some orders, and a walk must come to that end.
        rival, turns = Rival(actor, self.tag), 0
        while turns < self.scale.turns and not (turns and ended.is_set()):
            rival.turn()
            turns += 1
        return turns


def walked(
    actor: Actor, path: str, between: Callable[[], None], most_pages: int
) -> Iterator[dict[str, Any]]:
    answer = actor.send("GET", path)
    for _ in range(most_pages):
        assert answer.status_code == 200, answer.text
        bundle: dict[str, Any] = answer.json()
        yield bundle
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        if "next" not in links:
            return
        between()
        answer = actor.follow(links["next"])
    pytest.fail("the pages have no end")


@pytest.fixture(params=SCALES)
def place(request, server) -> Place:
    scale, tag = request.param, str(uuid4())
    clients = [client_of(server, "hospital-a") for _ in range(3)]
    entry = [
        {"resource": patient(tag, number), "request": {"method": "POST", "url": "Patient"}}
        for number in range(scale.staying)
    ]
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    answer = clients[0].send("POST", "", sent, Prefer="return=representation")
    assert answer.status_code == 200, answer.text
    stored = [each["resource"] for each in answer.json()["entry"]]
    since = min(each["meta"]["lastUpdated"] for each in stored)
    return Place(clients, tag, scale, frozenset(each["id"] for each in stored), since)


def check_once(place: Place, seen: Counter[str]) -> None:
    staying = {each: seen[each] for each in place.staying}
    assert staying == dict.fromkeys(place.staying, 1)


@pytest.mark.parametrize("sort", [None, *SORTS], ids=lambda sort: sort or "no order")
def test_a_search_meets_what_stays_exactly_once(place, sort):
    order = f"&_sort={sort}" if sort else ""
    path = f"/Patient?_tag={TAGS}|{place.tag}&_count={place.scale.count}{order}"
    pages = list(place.pages(path))
    check_once(place, Counter(each["resource"]["id"] for each in entries(pages)))
    assert all(len(page.get("entry", ())) <= place.scale.count for page in pages)


def test_the_history_of_a_type_tells_each_version_once(place):
    path = f"/Patient/_history?_since={place.since}&_count={place.scale.count}"
    told = list(entries(place.pages(path)))
    versions = Counter((each["fullUrl"], each["response"]["etag"]) for each in told)
    assert [each for each, times in versions.items() if times > 1] == []
    check_once(place, Counter(each["resource"]["id"] for each in told if "resource" in each))


def entries(pages):
    return (each for page in pages for each in page.get("entry", ()))
