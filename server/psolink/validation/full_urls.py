"""The full URLs of a Bundle: that they are there, absolute, and agree with what they stand for.

https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl
"""

import re

from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode
from psolink.validation.scope import At, Scope
from psolink.validation.wording import show

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_RESTFUL = re.compile(r"https?://\S+?/(([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64})(?:/_history/\S*)?")
_OF_REQUESTS = frozenset({"batch", "transaction", "batch-response", "transaction-response"})


def check(bundle: JsonObject, at: At, scope: Scope) -> None:
    """Note the full URLs that are missing or say something else than their resource."""
    entries = bundle.get("entry")
    type_ = bundle.get("type")
    is_needed = isinstance(type_, str) and type_ not in _OF_REQUESTS
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        match entry:
            case {"fullUrl": str(url)}:
                place: At = ((at, "entry", index), "fullUrl", None)
                _check_url(url, entry.get("resource"), place, scope)
            case {"resource": {"resourceType": str(name), "id": str(id_)}} if is_needed:
                diagnostics = (
                    f"The entry holds {name}/{id_[:64]} and needs the fullUrl that it has where it "
                    f"comes from, such as https://example.org/fhir/{name}/{id_[:64]}."
                )
                scope.add(IssueCode.REQUIRED, ((at, "entry", index), "fullUrl", None), diagnostics)


def _check_url(url: str, resource: object, at: At, scope: Scope) -> None:
    if not _ABSOLUTE.fullmatch(url):
        if url.strip():
            diagnostics = f"Expected an absolute URL or urn:uuid:, found {show(url)}."
            scope.add(IssueCode.VALUE, at, diagnostics)
        return
    restful = _RESTFUL.fullmatch(url)
    if restful is None or not isinstance(resource, dict):
        return
    name, id_ = resource.get("resourceType"), resource.get("id")
    if not isinstance(name, str) or not isinstance(id_, str) or restful[1] == f"{name}/{id_}":
        return
    diagnostics = (
        f"The fullUrl ends in {show(restful[1])}, and the resource is {show(f'{name}/{id_}')}"
    )
    scope.add(IssueCode.VALUE, at, f"{diagnostics}; give both the same type and id.")
