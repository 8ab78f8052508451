"""A part of a resource, as `_summary` and `_elements` ask for it.

Mandatory elements stay, so that the rest is a valid resource; a tag says that it is not whole.

https://hl7.org/fhir/R4/search.html#summary
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from psolink.definitions import Definitions
from psolink.definitions.model import Element
from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.search.result_parameters import ResultParameters, read_result_parameters
from psolink.search.search_type import MalformedValue

_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}
_ALWAYS = frozenset({"resourceType", "id", "meta"})

Keeps = Callable[[Element], bool]


def subset(definitions: Definitions, resource: JsonObject, form: ResultParameters) -> JsonObject:
    """Return `resource`, or the part of it that is asked for."""
    resource_type = str(resource["resourceType"])
    if form.elements:
        named = _named(form.elements, resource_type)
        return _tagged(_top(definitions, resource, lambda each: _is_named(each, named)))
    match form.summary:
        case "true":
            return _tagged(_summary(definitions, resource, resource_type))
        case "text":
            return _tagged(_top(definitions, resource, lambda each: each.name == "text"))
        case "data":
            return _tagged({name: each for name, each in resource.items() if name != "text"})
        case _:
            return resource


def shown(ctx: Context, result: Result, pairs: Sequence[tuple[str, str]]) -> Result:
    """Return the result of a read with the part of its resource that is asked for."""
    wanted = [pair for pair in pairs if pair[0] in ("_summary", "_elements")]
    if not wanted or result.resource is None:
        return result
    try:
        form, _ = read_result_parameters(wanted)
    except MalformedValue as error:
        raise InvalidRequest(f"{error}.") from None
    if form.summary == "count":
        raise InvalidRequest("_summary=count is for searches: one resource is not counted.")
    return replace(result, resource=subset(ctx.services.definitions, result.resource, form))


def _named(elements: Collection[str], resource_type: str) -> frozenset[str]:
    """Return the names that concern the type: of `Patient.name` only the last for a Patient."""
    plain = {each for each in elements if not each[:1].isupper()}
    of_type = {
        each.removeprefix(f"{resource_type}.")
        for each in elements
        if each.startswith(f"{resource_type}.")
    }
    # Elements within elements come with the element of the resource that they are in.
    return frozenset(each.partition(".")[0] for each in plain | of_type)


def _is_named(element: Element, names: frozenset[str]) -> bool:
    return element.name in names or (element.choice_of or "") in names


def _top(definitions: Definitions, resource: JsonObject, keeps: Keeps) -> JsonObject:
    elements = definitions.types[str(resource["resourceType"])].elements
    kept = {name for name, each in elements.items() if each.min or keeps(each)} | _ALWAYS
    return {name: value for name, value in resource.items() if name.removeprefix("_") in kept}


def _summary(definitions: Definitions, value: JsonObject, type_name: str) -> JsonObject:
    """Return the elements that the definition marks for a summary, at every depth."""
    found: JsonObject = {}
    elements = definitions.types[type_name].elements
    for name, each in value.items():
        element = elements.get(name.removeprefix("_"))
        if name in _ALWAYS:
            found[name] = each
        elif element is not None and (element.is_summary or element.min):
            found[name] = _within(definitions, each, element)
    return found


def _within(definitions: Definitions, value: object, element: Element) -> object:
    """Return the value; of backbone elements only what belongs to a summary."""
    if "." not in element.type:
        return value
    if isinstance(value, list):
        return [_within(definitions, each, element) for each in value]
    return _summary(definitions, value, element.type) if isinstance(value, dict) else value


def _tagged(resource: JsonObject) -> JsonObject:
    meta = resource.get("meta", {})
    tags = [each for each in meta.get("tag", ()) if each.get("code") != _SUBSETTED["code"]]
    head = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    return (
        head
        | {"meta": meta | {"tag": [*tags, _SUBSETTED]}}
        | {name: value for name, value in resource.items() if name not in _ALWAYS}
    )
