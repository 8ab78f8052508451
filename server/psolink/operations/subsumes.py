"""`CodeSystem/$subsumes`: how one code relates to another.

https://hl7.org/fhir/R4/codesystem-operation-subsumes.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.parameters import given
from psolink.terminology import parameters


def subsumes(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return the answer of the terminology that this server holds, or asks for elsewhere."""
    return Result(200, parameters.subsumes(ctx.services.terminology, given(ctx, body)))
