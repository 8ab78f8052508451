"""The lifecycle of an item: what may follow what."""

from collections.abc import Mapping
from types import MappingProxyType

from psolink.errors import Unprocessable
from psolink.fhir_json import JsonObject
from psolink.pswp import record

TRANSITIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "intake": ("in-pses", "not-pswp"),
        "in-pses": ("reported", "removed", "in-deliberation"),
        "in-deliberation": ("closed", "reported"),
        "reported": ("pso-analysis", "returned", "closed"),
        "pso-analysis": ("feedback-issued", "anonymized", "nonidentified"),
        "feedback-issued": ("closed",),
        "anonymized": ("disclosed",),
        "nonidentified": ("disclosed",),
        "disclosed": ("disclosed",),
        "closed": (),
        "removed": (),
        "transferred": (),
        "returned": (),
        "destroyed": (),
        "not-pswp": (),
    }
)
"""The states that an item can go to from each state; none: it stays there."""


def allows(state: str | None, following: str) -> bool:
    """Tell whether an item in `state` can go to `following`."""
    return state is not None and following in TRANSITIONS.get(state, ())


def advance(state: str | None, following: str) -> str:
    """Return `following`; raise `Unprocessable` where `state` does not lead there."""
    if not allows(state, following):
        leads_to = ", ".join(TRANSITIONS.get(state or "", ())) or "no other state"
        raise Unprocessable(
            f"The item is {state or 'without a lifecycle'}, which leads to {leads_to}; "
            f"it cannot become {following}."
        )
    return following


def may_delete(resource: JsonObject) -> bool:
    """Tell whether a resource may be deleted: what was reported to a PSO stays reported."""
    found = record.read(resource)
    return found is None or found.reported_at is None
