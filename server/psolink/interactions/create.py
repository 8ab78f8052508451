"""Create, with or without a condition.

https://hl7.org/fhir/R4/http.html#create and https://hl7.org/fhir/R4/http.html#ccreate
"""

from collections.abc import Sequence

from psolink.fhir_json import JsonObject
from psolink.interactions import conditional_create, content
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.integrity import checked
from psolink.interactions.result import Result
from psolink.interactions.save import new_put

Criteria = Sequence[tuple[str, str]]


def create(
    ctx: Context, resource_type: str, body: JsonObject, *, if_none_exist: Criteria | None = None
) -> Result:
    """Store `body` under a new id, unless a resource matches `if_none_exist`."""
    content.check_type(resource_type, body)
    issues = content.check(ctx, body)

    def attempt() -> Result:
        match = conditional_create.match(ctx, resource_type, if_none_exist)
        if match.found:
            return Result(200, match.found.content, match.found, is_located=True)
        now = ctx.services.now()
        resource = body | {"id": ctx.services.new_id()}
        put = new_put(ctx, resource, now=now, reservations=match.reservations)
        [put] = checked(ctx, [put])
        [stored] = ctx.store.commit([put], now=now)
        return Result(201, stored.content, stored, is_located=True, issues=(*issues, *put.remarks))

    return until_current(attempt)
