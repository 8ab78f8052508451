"""Conditional read: 304 for who has the current version already.

https://hl7.org/fhir/R4/http.html#cread
"""

from datetime import datetime

from psolink.interactions.preconditions import Precondition
from psolink.interactions.result import Result

NOT_MODIFIED = 304


def unless_known(
    result: Result, condition: Precondition, if_modified_since: datetime | None = None
) -> Result:
    """Return `result`, without its content where the client says that it has this version.

    A version that the client names is what counts; a time only where it names none.
    https://www.rfc-editor.org/rfc/rfc9110#name-precedence-of-preconditions
    """
    if result.stored is None or result.resource is None:
        return result
    condition_of_read = condition.if_none_match
    if condition_of_read is not None:
        known = condition_of_read.name(result.stored.version)
    else:
        known = if_modified_since is not None and result.stored.updated <= if_modified_since
    return Result(NOT_MODIFIED, None, result.stored) if known else result
