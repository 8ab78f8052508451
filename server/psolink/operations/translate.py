"""`ConceptMap/$translate`: what a code becomes in another system.

https://hl7.org/fhir/R4/conceptmap-operation-translate.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.parameters import given
from psolink.terminology import parameters


def translate(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return the answer of the terminology that this server holds, or asks for elsewhere."""
    return Result(200, parameters.translate(ctx.services.terminology, given(ctx, body)))
