"""The closed lists of codes behind required bindings.

https://hl7.org/fhir/R4/valueset.html#compositions
"""

from collections.abc import Iterable, Iterator

from psolink.definitions.package import BuildFailed
from psolink.definitions.tables import CodeTable, TypeRow
from psolink.fhir_json import JsonObject

SPECIAL = frozenset(
    {
        "http://hl7.org/fhir/ValueSet/currencies",
        "http://hl7.org/fhir/ValueSet/mimetypes",
        "http://hl7.org/fhir/ValueSet/ucum-units",
        "http://loinc.org/vs/LL379-9",
    }
)
"""Required value sets whose codes the package does not list: grammars, ISO 4217 and LOINC."""


class Unexpandable(BuildFailed):
    """A value set is composed in a way that R4's required value sets were not, so far."""


def expand_required(definitions: Iterable[JsonObject], types: Iterable[TypeRow]) -> CodeTable:
    """Return the codes of every value set that an element of `types` is bound to."""
    by_url = {each["url"]: each for each in definitions if "url" in each}
    wanted = _required(types)
    return CodeTable(
        special=tuple(sorted(wanted & SPECIAL)),
        value_sets={url: _expand(url, by_url) for url in wanted - SPECIAL},
    )


def _required(types: Iterable[TypeRow]) -> set[str]:
    return {
        element.binding.value_set
        for row in types
        for element in row.elements
        if element.binding is not None and element.binding.strength == "required"
    }


def _expand(url: str, by_url: dict[str, JsonObject]) -> dict[str, frozenset[str]]:
    value_set = by_url.get(url)
    if value_set is None or "exclude" in value_set["compose"]:
        raise Unexpandable(f"the value set {url} is missing or excludes codes")
    codes: dict[str, frozenset[str]] = {}
    for include in value_set["compose"]["include"]:
        system = include.get("system", "")
        codes[system] = codes.get(system, frozenset()) | _included(url, include, by_url)
    return codes


def _included(url: str, include: JsonObject, by_url: dict[str, JsonObject]) -> frozenset[str]:
    if "concept" in include:
        return frozenset(concept["code"] for concept in include["concept"])
    system = by_url.get(include.get("system", ""))
    if system is None or system["content"] != "complete" or include.keys() - {"system", "version"}:
        raise Unexpandable(f"the value set {url} includes more than complete code systems")
    return frozenset(_codes(system["concept"]))


def _codes(concepts: Iterable[JsonObject]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))
