"""`CodeSystem/$lookup`: what is known of a code.

https://hl7.org/fhir/R4/codesystem-operation-lookup.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.parameters import given
from psolink.terminology import parameters


def lookup(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return the answer of the terminology that this server holds, or asks for elsewhere."""
    return Result(200, parameters.lookup(ctx.services.terminology, given(ctx, body)))
