"""`$validate-code`: whether a code is in a value set, or in a code system.

https://hl7.org/fhir/R4/valueset-operation-validate-code.html and
https://hl7.org/fhir/R4/codesystem-operation-validate-code.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.parameters import given
from psolink.terminology import parameters


def validate_value_set_code(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return whether the code is in the value set."""
    answer = parameters.validate_value_set_code(ctx.services.terminology, given(ctx, body))
    return Result(200, answer)


def validate_code_system_code(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return whether the code system has the code."""
    answer = parameters.validate_code_system_code(ctx.services.terminology, given(ctx, body))
    return Result(200, answer)
