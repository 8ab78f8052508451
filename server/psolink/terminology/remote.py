"""Ask a terminology server elsewhere about code systems that are not held here.

https://hl7.org/fhir/R4/terminology-service.html

Only a code system, a code and the URL of a value set leave this server; a display, which may be
what somebody typed, does not. It is asked about the code systems it is configured for alone,
because the codes of others may be those of a hospital.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import requests
from urllib3.exceptions import HTTPError

from psolink.fhir_json import JsonObject
from psolink.terminology.breaker import CircuitBreaker
from psolink.terminology.composition import flat
from psolink.terminology.kept_answers import KeptAnswers
from psolink.terminology.membership import Membership
from psolink.terminology.model import ValueSet
from psolink.terminology.remote_answers import Answer, Question

PUBLIC_SYSTEMS = frozenset(
    {
        "http://loinc.org",
        "http://snomed.info/sct",
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "http://unitsofmeasure.org",
        "http://hl7.org/fhir/sid/cvx",
        "http://hl7.org/fhir/sid/icd-10",
        "http://hl7.org/fhir/sid/icd-10-cm",
        "http://hl7.org/fhir/sid/icd-9-cm",
        "http://hl7.org/fhir/sid/ndc",
        "http://www.ama-assn.org/go/cpt",
    }
)
"""Published code systems that R4 names and that are not held here."""

_CODE = re.compile(r"[^\s]+(?: [^\s]+)*")
_LONGEST_CODE = 100
_PART_BYTES = 64 * 1024
_FHIR_JSON = "application/fhir+json"
_LOOKUP_PARTS = frozenset({"name", "version", "display", "designation", "property"})
# Servers say so in these where a false result means that they do not have the code system.
_UNKNOWN_SYSTEM = frozenset({"x-unknown-system", "x-caused-by-unknown-system"})
_JSON = msgspec.json.Decoder(JsonObject)
_CLIENT_ERRORS = range(400, 500)
_ABOUT_THE_SERVER = frozenset({401, 403, 408, 429})


_Sent = Mapping[str, tuple[str, object]]
"""Parameters: the element that the value is in, and the value, by name."""


class _NotAnswered(Exception):
    """The server gave no answer that can be used; the text says why and quotes nothing."""


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """Where the server is, and how much of it is put up with."""

    base_url: str
    systems: frozenset[str] = PUBLIC_SYSTEMS
    timeout_seconds: float = 2.0
    largest_bytes: int = 4 * 1024 * 1024
    most_codes: int = 5_000
    kept_answers: int = 10_000
    kept_seconds: float = 3_600
    failures: int = 3
    pause_seconds: float = 30


class RemoteTerminology:
    """A terminology server over HTTP: bounded in time and size, and left alone while it fails."""

    def __init__(self, options: RemoteOptions, clock: Callable[[], float] = time.monotonic) -> None:
        self._options = options
        self._clock = clock
        self._session = requests.Session()
        self._breaker = CircuitBreaker(
            clock, failures=options.failures, pause_seconds=options.pause_seconds
        )
        seconds = options.kept_seconds
        self._answers = KeptAnswers[Question, Answer](
            clock, size=options.kept_answers, seconds=seconds
        )
        # A resource that is kept may be large, so that few are.
        self._resources = KeptAnswers[tuple[str, ...], JsonObject](clock, size=32, seconds=seconds)

    def validate_code(self, question: Question) -> Answer:
        """Return the answer; unknown where there is none to be had soon."""
        kept = self._answers.get(question)
        if kept is not None:
            return kept
        if not self._may_send(question.system, question.code):
            return _unknown("the terminology server is not asked about this code system")
        try:
            answer = _answer(self._asked(*_validation(question)))
        except _NotAnswered as failure:
            return _unknown(f"the terminology server {failure}")
        self._answers.keep(question, answer)
        return answer

    def lookup(self, system: str, code: str) -> JsonObject | None:
        """Return the Parameters of `$lookup`; None if the code is not known there."""
        if not self._may_send(system, code):
            return None
        sent = {"system": ("valueUri", system), "code": ("valueCode", code)}
        found = self._kept(("lookup", system, code), "CodeSystem/$lookup", sent)
        if found is None or found.get("resourceType") != "Parameters":
            return None
        return {"resourceType": "Parameters", "parameter": _known_parts(found)}

    def expand(self, value_set: str) -> JsonObject | None:
        """Return the value set with its whole expansion; None if it is not to be had."""
        sent = {
            "url": ("valueUri", value_set),
            "count": ("valueInteger", self._options.most_codes),
        }
        found = self._kept(("expand", value_set), "ValueSet/$expand", sent)
        return found if found is not None and _is_whole(found) else None

    def _may_send(self, system: str, code: str) -> bool:
        is_code = len(code) <= _LONGEST_CODE and _CODE.fullmatch(code) is not None
        return is_code and system in self._options.systems

    def _kept(self, key: tuple[str, ...], operation: str, sent: _Sent) -> JsonObject | None:
        found = self._resources.get(key)
        if found is None:
            try:
                found = self._asked(operation, sent)
            except _NotAnswered:
                return None
            if found is not None:
                self._resources.keep(key, found)
        return found

    def _asked(self, operation: str, sent: _Sent) -> JsonObject | None:
        """Return what the operation results in, None if the server does not know of what it asks."""
        if not self._breaker.may_ask():
            raise _NotAnswered("did not answer lately and is left alone for a while")
        try:
            found = self._posted(operation, sent)
        except _NotAnswered:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return found

    def _posted(self, operation: str, sent: _Sent) -> JsonObject | None:
        parameter = [{"name": name, element: value} for name, (element, value) in sent.items()]
        seconds = self._options.timeout_seconds
        deadline = self._clock() + seconds
        try:
            with self._session.post(
                f"{self._options.base_url.rstrip('/')}/{operation}",
                data=msgspec.json.encode({"resourceType": "Parameters", "parameter": parameter}),
                headers={"Content-Type": _FHIR_JSON, "Accept": _FHIR_JSON},
                timeout=(seconds, seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _read(response.status_code, self._body(response, deadline))
        except (requests.RequestException, HTTPError) as error:
            raise _NotAnswered("does not answer") from error

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        # `iter_content` would wait for a whole chunk, however slowly its bytes come.
        while part := response.raw.read1(_PART_BYTES, decode_content=True):
            body += part
            if len(body) > self._options.largest_bytes:
                raise _NotAnswered("answers at too great a length")
            if self._clock() > deadline:
                raise _NotAnswered("takes too long to answer")
        return bytes(body)


def _validation(question: Question) -> tuple[str, _Sent]:
    code = {"code": ("valueCode", question.code)}
    if question.value_set is None:
        return "CodeSystem/$validate-code", {"url": ("valueUri", question.system)} | code
    sent = {"url": ("valueUri", question.value_set), "system": ("valueUri", question.system)}
    return "ValueSet/$validate-code", sent | code


def _read(status: int, body: bytes) -> JsonObject | None:
    if status in _CLIENT_ERRORS and status not in _ABOUT_THE_SERVER:
        return None
    if status != requests.codes.ok:
        raise _NotAnswered(f"answers with status {status}")
    try:
        return _JSON.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        raise _NotAnswered("answers with something else than FHIR JSON") from None


def _answer(found: JsonObject | None) -> Answer:
    """Return the answer that the Parameters of `$validate-code` are."""
    values = {
        name: part for part in _parameters(found) if isinstance(name := part.get("name"), str)
    }
    result = values.get("result", {}).get("valueBoolean")
    if not isinstance(result, bool) or _UNKNOWN_SYSTEM & values.keys():
        return _unknown("the terminology server does not know it either")
    display = values.get("display", {}).get("valueString")
    shown = display if isinstance(display, str) else None
    return Answer(Membership.YES if result else Membership.NO, shown)


def _known_parts(found: JsonObject) -> list[JsonObject]:
    return [part for part in _parameters(found) if part.get("name") in _LOOKUP_PARTS]


def _parameters(found: JsonObject | None) -> list[JsonObject]:
    parameter = found.get("parameter") if found else None
    return (
        [each for each in parameter if isinstance(each, dict)]
        if isinstance(parameter, list)
        else []
    )


def _is_whole(value_set: JsonObject) -> bool:
    """Tell whether a value set has an expansion with all of its codes."""
    try:
        expansion = msgspec.convert(value_set, ValueSet).expansion
    except msgspec.ValidationError:
        return False
    total = value_set.get("expansion", {}).get("total")
    return expansion is not None and total in (None, len(list(flat(expansion.contains))))


def _unknown(reason: str) -> Answer:
    return Answer(Membership.UNKNOWN, reason=reason)
