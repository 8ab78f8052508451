"""Which codes a value set has, as far as it can be told from what is at hand.

https://hl7.org/fhir/R4/valueset.html#compositions
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.terminology import Membership as Answer
from psolink.terminology import Terminology


class Membership(Protocol):
    """Answers whether a code is in a value set."""

    def has(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Tell whether it is; None where that is not known here."""
        ...


_ANSWERS: Mapping[Answer, bool | None] = {
    Answer.YES: True,
    Answer.NO: False,
    Answer.UNKNOWN: None,
}


@dataclass(frozen=True, slots=True)
class HeldMembership:
    """Knows what the terminology of the server does, and whom that asks."""

    terminology: Terminology

    def has(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Tell whether a code is in a value set; without a system, whether any such code is."""
        return _ANSWERS[self.terminology.member(value_set, system, code)]


class ListedMembership:
    """Knows the closed value sets of R4, and those that given resources enumerate."""

    def __init__(self, definitions: Definitions, resources: Iterable[JsonObject]) -> None:
        self._definitions = definitions
        known = [each for each in resources if "url" in each]
        self._value_sets = {r["url"]: r for r in known if r["resourceType"] == "ValueSet"}
        self._code_systems = {r["url"]: r for r in known if r["resourceType"] == "CodeSystem"}

    def has(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Tell whether a code is in a value set; without a system, whether any such code is."""
        return self._in_set(value_set.partition("|")[0], system, code, frozenset())

    def _in_set(
        self, url: str, system: str | None, code: str, within: frozenset[str]
    ) -> bool | None:
        if url in within:
            return None
        value_set = self._value_sets.get(url)
        if value_set is None:
            closed = self._definitions.codes(url)
            return None if closed is None else _listed(closed.items(), system, code)
        compose = value_set.get("compose", {})
        inner = within | {url}
        parts = [self._in_part(each, system, code, inner) for each in compose.get("include", ())]
        left_out = [self._in_part(each, system, code, inner) for each in compose.get("exclude", ())]
        outside = _any(left_out)
        return _all((_any(parts), None if outside is None else not outside))

    def _in_part(
        self, part: JsonObject, system: str | None, code: str, within: frozenset[str]
    ) -> bool | None:
        answers: list[bool | None] = []
        for url in part.get("valueSet", ()):
            answers.append(self._in_set(url.partition("|")[0], system, code, within))
        if "system" in part:
            answers.append(self._in_system(part, system, code))
        return _all(answers)

    def _in_system(self, part: JsonObject, system: str | None, code: str) -> bool | None:
        if system is not None and system != part["system"]:
            return False
        if "concept" in part:
            return code in {each["code"] for each in part["concept"]}
        code_system = self._code_systems.get(part["system"])
        if code_system is None or code_system.get("content") != "complete":
            return None
        if code not in set(_codes(code_system)):
            return False
        return None if "filter" in part else True


def _listed(codes: Iterable[tuple[str, frozenset[str]]], system: str | None, code: str) -> bool:
    return any(code in known and system in (None, each) for each, known in codes)


def _codes(owner: JsonObject) -> Iterator[str]:
    for concept in owner.get("concept", ()):
        yield concept["code"]
        yield from _codes(concept)


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return True if True in found else None if None in found else False


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return False if False in found else None if None in found else True
