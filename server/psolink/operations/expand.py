"""`ValueSet/$expand`: the codes of a value set.

https://hl7.org/fhir/R4/valueset-operation-expand.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.parameters import given
from psolink.terminology import parameters


def expand(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return the answer of the terminology that this server holds, or asks for elsewhere."""
    return Result(200, parameters.expand(ctx.services.terminology, given(ctx, body)))
