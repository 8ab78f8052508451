"""Profiles, tags and security labels as sets.

https://hl7.org/fhir/R4/resource.html#Meta
"""

from collections.abc import Iterable
from typing import Any

from psolink.errors import InvalidRequest, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.parameters import read_parameters, value
from psolink.outcome import Issue, IssueCode
from psolink.store.values import Stored

PROFILE = "profile"
LABELS = ("security", "tag")
SENT_AT = "Parameters.parameter[0].valueMeta"


def sent(ctx: Context, body: JsonObject) -> JsonObject:
    """Return the Meta that the one parameter of `$meta-add` and `$meta-delete` brings.

    Raise where it says more than profiles, tags and labels, which these operations do not change.
    """
    parameters = read_parameters(ctx, body, frozenset({"meta"}))
    found: JsonObject | None = value(parameters, "meta", "valueMeta")
    if found is None:
        raise InvalidRequest("The parameter meta is needed: a Meta with profile, security or tag.")
    # A client may send back the meta that it read; what changes with every version is passed over.
    faults = [
        Issue(
            IssueCode.BUSINESS_RULE,
            f"meta.{name} is no profile, tag or security label, and only these are added and "
            "deleted here: leave it out.",
            f"{SENT_AT}.{name}",
        )
        for name in ("extension", "source")
        if name in found
    ]
    if faults:
        raise Unprocessable.of(faults)
    return found


def identity(label: Any) -> Any:  # noqa: ANN401 - a profile is a string, the others are Codings
    """Return what makes two labels the same: system and code, or the URL of a profile."""
    if isinstance(label, dict):
        return label.get("system"), label.get("code")
    return label


def distinct(labels: Iterable[Any]) -> list[Any]:
    """Return the labels that differ, in a fixed order."""
    found: dict[Any, Any] = {}
    for each in labels:
        found.setdefault(identity(each), each)
    return [found[key] for key in sorted(found, key=_order)]


def returned(meta: JsonObject, stored: Stored | None = None) -> Result:
    """Return the answer of the three operations."""
    return Result(
        200,
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "return"} | ({"valueMeta": meta} if meta else {})],
        },
        stored,
    )


def _order(key: Any) -> tuple[str, ...]:  # noqa: ANN401 - what `identity` returns
    return tuple(str(each) for each in key) if isinstance(key, tuple) else (str(key),)
