"""What a terminology server elsewhere is asked, and what it answers.

It is never sent more than a code system, a code and the URL of a value set.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from psolink.fhir_json import JsonObject
from psolink.terminology.membership import Membership


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a code is in a value set; without one, whether it is in its code system."""

    system: str
    code: str
    value_set: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is, how the code is displayed, and if that is not known, why."""

    membership: Membership
    display: str | None = None
    reason: str = ""


class TerminologyServer(Protocol):
    """Knows code systems that are not held here."""

    def validate_code(self, question: Question) -> Answer:
        """Return the answer; unknown where there is none to be had soon."""
        ...

    def lookup(self, system: str, code: str) -> JsonObject | None:
        """Return the Parameters of `$lookup`; None if the code is not known there."""
        ...

    def expand(self, value_set: str) -> JsonObject | None:
        """Return the value set with its whole expansion; None if it is not to be had."""
        ...


class NoServer:
    """Where no terminology server is configured."""

    def validate_code(self, _question: Question) -> Answer:
        """Return that it is not known."""
        return Answer(Membership.UNKNOWN, reason="no terminology server is configured")

    def lookup(self, _system: str, _code: str) -> JsonObject | None:
        """Return nothing."""
        return None

    def expand(self, _value_set: str) -> JsonObject | None:
        """Return nothing."""
        return None


class Patience:
    """A terminology server that is asked until a time is used up; then nothing is known."""

    def __init__(
        self,
        server: TerminologyServer,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._clock = clock
        self._ends = clock() + seconds

    def validate_code(self, question: Question) -> Answer:
        """Return the answer of the server while there is time."""
        if self._clock() < self._ends:
            return self._server.validate_code(question)
        return Answer(
            Membership.UNKNOWN, reason="the time for asking the terminology server is used up"
        )

    def lookup(self, system: str, code: str) -> JsonObject | None:
        """Return what the server looks up while there is time."""
        return self._server.lookup(system, code) if self._clock() < self._ends else None

    def expand(self, value_set: str) -> JsonObject | None:
        """Return what the server expands while there is time."""
        return self._server.expand(value_set) if self._clock() < self._ends else None
