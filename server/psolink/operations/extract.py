"""`$extract`: what a Common Formats report says, as FHIR resources; nothing is stored.

http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract
"""

from psolink.errors import Unprocessable
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.interactions import content
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.mapping import Extraction, MappingContext
from psolink.operations.called import Called
from psolink.operations.parameters import resource_of
from psolink.store.documents import instant


def extract(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return a Bundle of the derived resources, with the outcome that lists every answer kept."""
    report = resource_of(ctx, body, "questionnaire-response", "QuestionnaireResponse")
    return Result(200, extraction(ctx, report, f"urn:uuid:{ctx.services.new_id()}").bundle())


def extraction(ctx: Context, report: JsonObject, response_reference: str) -> Extraction:
    """Return what is derived from a valid report; raise `Unprocessable` where nothing can be."""
    content.check(ctx, report)
    found = ctx.services.mapper.extract(
        report,
        MappingContext(
            organization=ctx.tenant,
            event_identifier_system=event_identifier_system(ctx.tenant),
            new_urn=lambda: f"urn:uuid:{ctx.services.new_id()}",
            recorded=instant(ctx.services.now()),
            response_reference=response_reference,
        ),
    )
    if any(issue.is_error for issue in found.issues):
        raise Unprocessable.of(found.issues)
    return found


def event_identifier_system(organization: str) -> str:
    """Return the system of the event ids (DE2) that an organization assigns."""
    return f"{CANONICAL}/sid/{organization}/event"
