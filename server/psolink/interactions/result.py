"""What an interaction answers; the HTTP layer turns it into headers and a body."""

from dataclasses import dataclass

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue
from psolink.store.values import Stored


@dataclass(frozen=True, slots=True)
class Result:
    """`resource` is the body, `stored` the version that headers tell of.

    `is_located` says that the answer names a version that this request wrote or found,
    `is_outcome` that the answer is what was found about the resource at `input_at` of the input.
    """

    status: int
    resource: JsonObject | None = None
    stored: Stored | None = None
    is_located: bool = False
    is_outcome: bool = False
    input_at: str | None = None
    issues: tuple[Issue, ...] = ()
