"""The operations on terminology, from Parameters to Parameters.

https://hl7.org/fhir/R4/terminology-service.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.terminology.expansion import Page
from psolink.terminology.failures import UnknownTerminology
from psolink.terminology.membership import Membership
from psolink.terminology.service import Terminology
from psolink.terminology.translation import Wanted
from psolink.terminology.verdict import Coding

Given = Mapping[str, Sequence[Any]]
"""The values or resources of the parameters, by name, in the order they were sent."""

_Kind = TypeVar("_Kind")
# Expansions are flat, of defined codes, and have one display for each: these change nothing.
_EXPANSION_IS_SO_ANYWAY = (
    "excludeNested",
    "includeDesignations",
    "includeDefinition",
    "excludePostCoordinated",
    "displayLanguage",
)


def given(parameters: JsonObject) -> Given:
    """Return the parameters of a Parameters resource, of which the structure has been checked."""
    found: dict[str, list[Any]] = {}
    for each in parameters.get("parameter", ()):
        name = each["name"]
        value = [part for key, part in each.items() if key.startswith("value") or key == "resource"]
        if not value:
            raise InvalidRequest(f"The parameter {name!r} needs a value.", "Parameters.parameter")
        found.setdefault(name, []).append(value[0])
    return found


def expand(terminology: Terminology, asked: Given) -> JsonObject:
    """`ValueSet/$expand`: return the value set with its expansion."""
    _only(
        asked,
        "url",
        "valueSet",
        "valueSetVersion",
        "filter",
        "offset",
        "count",
        "activeOnly",
        *_EXPANSION_IS_SO_ANYWAY,
    )
    page = Page(
        text=_one(asked, "filter", str),
        offset=_natural(asked, "offset") or 0,
        count=_natural(asked, "count"),
        active_only=_one(asked, "activeOnly", bool) or False,
    )
    return terminology.expand(_required_value_set(asked), page)


def validate_value_set_code(terminology: Terminology, asked: Given) -> JsonObject:
    """`ValueSet/$validate-code`: return whether the code is in the value set."""
    _only(
        asked,
        *("url", "valueSet", "valueSetVersion", "code", "system", "systemVersion", "display"),
        *("coding", "codeableConcept"),
    )
    if "code" in asked and "system" not in asked:
        raise InvalidRequest("With 'code', send the 'system' that it is from.")
    return _validated(terminology, asked, value_set=_required_value_set(asked))


def validate_code_system_code(terminology: Terminology, asked: Given) -> JsonObject:
    """`CodeSystem/$validate-code`: return whether the code system has the code."""
    _only(asked, "url", "code", "version", "display", "coding", "codeableConcept")
    url = _one(asked, "url", str)
    if "code" in asked and url is None:
        raise InvalidRequest("With 'code', send the 'url' of its code system.")
    return _validated(terminology, asked, code_system=url)


def lookup(terminology: Terminology, asked: Given) -> JsonObject:
    """`CodeSystem/$lookup`: return what is known of a code."""
    _only(asked, "code", "system", "version", "coding", "property", "displayLanguage")
    coding = _codings(asked, "coding")[0]
    if coding.system is None:
        raise InvalidRequest("Send the 'system' that the code is from.")
    return terminology.lookup(
        coding.system,
        coding.code,
        version=coding.version,
        properties=[str(each) for each in asked.get("property", ())],
    )


def subsumes(terminology: Terminology, asked: Given) -> JsonObject:
    """`CodeSystem/$subsumes`: return how code A relates to code B."""
    _only(asked, "codeA", "codeB", "system", "version", "codingA", "codingB")
    ends = [_subsumption_end(asked, which) for which in "AB"]
    if ends[0].system != ends[1].system or ends[0].system is None:
        raise InvalidRequest("The two codes have to be from one system; send it.")
    outcome = terminology.subsumes(
        ends[0].system, ends[0].code, ends[1].code, version=_one(asked, "version", str)
    )
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "outcome", "valueCode": outcome}],
    }


def translate(terminology: Terminology, asked: Given) -> JsonObject:
    """`ConceptMap/$translate`: return what a code becomes elsewhere."""
    _only(
        asked,
        *("url", "conceptMapVersion", "code", "system", "version", "source", "coding"),
        *("codeableConcept", "target", "targetsystem", "reverse"),
    )
    wanted = Wanted(
        source_set=_one(asked, "source", str),
        target_set=_one(asked, "target", str),
        target_system=_one(asked, "targetsystem", str),
        is_reverse=_one(asked, "reverse", bool) or False,
    )
    return terminology.translate(
        _codings(asked, "coding", "codeableConcept"),
        concept_map=_versioned(asked, "url", "conceptMapVersion"),
        wanted=wanted,
    )


def _validated(
    terminology: Terminology,
    asked: Given,
    *,
    value_set: str | JsonObject | None = None,
    code_system: str | None = None,
) -> JsonObject:
    codings = _codings(asked, "coding", "codeableConcept")
    verdict = terminology.validate_code(codings, value_set=value_set, code_system=code_system)
    if verdict.membership is Membership.UNKNOWN:
        raise UnknownTerminology(verdict.message)
    return verdict.to_parameters()


def _codings(asked: Given, *names: str) -> list[Coding]:
    """Return the codings that are asked about; there is one way to send them, or it is refused."""
    ways = [name for name in ("code", *names) if name in asked]
    if len(ways) != 1:
        listed = ", ".join(("code", *names))
        raise InvalidRequest(
            f"Send the code in one of {listed}; found {', '.join(ways) or 'none'}."
        )
    if ways == ["codeableConcept"]:
        concept = _one(asked, "codeableConcept", dict) or {}
        found = [_coding(each) for each in concept.get("coding", ()) if "code" in each]
        if found:
            return found
        raise InvalidRequest("The codeableConcept has no coding with a code.")
    if ways == ["coding"]:
        return [_coding(_one(asked, "coding", dict) or {})]
    return [
        Coding(
            _one(asked, "code", str) or "",
            _one(asked, "system", str),
            _one(asked, "display", str),
            _one(asked, "version", str) or _one(asked, "systemVersion", str),
        )
    ]


def _coding(coding: JsonObject) -> Coding:
    if "code" not in coding:
        raise InvalidRequest("The coding has no code.")
    return Coding(
        coding["code"], coding.get("system"), coding.get("display"), coding.get("version")
    )


def _subsumption_end(asked: Given, which: str) -> Coding:
    coding = _one(asked, f"coding{which}", dict)
    code = _one(asked, f"code{which}", str)
    if (coding is None) == (code is None):
        raise InvalidRequest(f"Send one of code{which} and coding{which}.")
    return _coding(coding) if coding else Coding(code or "", _one(asked, "system", str))


def _required_value_set(asked: Given) -> str | JsonObject:
    resource = _one(asked, "valueSet", dict)
    url = _versioned(asked, "url", "valueSetVersion")
    if (resource is None) == (url is None):
        raise InvalidRequest("Send the value set: its 'url', or the resource as 'valueSet'.")
    found: str | JsonObject | None = resource or url
    if not found:
        raise InvalidRequest("The value set is empty.")
    return found


def _versioned(asked: Given, name: str, version_name: str) -> str | None:
    url, version = _one(asked, name, str), _one(asked, version_name, str)
    return f"{url}|{version}" if url and version else url


def _natural(asked: Given, name: str) -> int | None:
    found = _one(asked, name, int)
    if found is not None and (found < 0 or found is True or found is False):
        raise InvalidRequest(f"The parameter {name!r} is a whole number from 0, found {found}.")
    return found


def _one(asked: Given, name: str, kind: type[_Kind]) -> _Kind | None:
    """Return the value of a parameter; raise if there are several, or it is of another kind."""
    values = asked.get(name, ())
    if len(values) > 1:
        raise InvalidRequest(f"The parameter {name!r} may be given once.")
    if values and not isinstance(values[0], kind):
        raise InvalidRequest(f"The parameter {name!r} has a value of another type than expected.")
    return values[0] if values else None


def _only(asked: Given, *known: str) -> None:
    unknown = sorted(asked.keys() - set(known))
    if unknown:
        raise InvalidRequest(
            f"The parameter {unknown[0]!r} is not supported; supported are {', '.join(known)}."
        )
