"""Which operations there are, at which level."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.interactions.capabilities import OperationEntry
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.expand import expand
from psolink.operations.extract import extract
from psolink.operations.lookup import lookup
from psolink.operations.pswp_report import pswp_report
from psolink.operations.submit_common_formats import submit_common_formats
from psolink.operations.subsumes import subsumes
from psolink.operations.translate import translate
from psolink.operations.validate_code import validate_code_system_code, validate_value_set_code

Perform = Callable[[Context, JsonObject, Called], Result]
ANY_TYPE = "Resource"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    `resource_type` is None at system level and `ANY_TYPE` where it is called on every type;
    `on_instance` says that it is called on a resource. `perform` gets the context, the body and
    what it was called on.
    """

    name: str
    resource_type: str | None
    on_instance: bool
    definition: str
    perform: Perform
    affects_state: bool = True


def _r4(name: str, resource_type: str, perform: Perform) -> Operation:
    """Return an operation of R4 that only answers, and so may be asked by GET as well."""
    return Operation(
        name,
        resource_type,
        on_instance=False,
        definition=f"http://hl7.org/fhir/OperationDefinition/{resource_type}-{name}",
        perform=perform,
        affects_state=False,
    )


OPERATIONS = (
    _r4("expand", "ValueSet", expand),
    _r4("validate-code", "ValueSet", validate_value_set_code),
    _r4("validate-code", "CodeSystem", validate_code_system_code),
    _r4("lookup", "CodeSystem", lookup),
    _r4("subsumes", "CodeSystem", subsumes),
    _r4("translate", "ConceptMap", translate),
    Operation(
        "extract",
        "QuestionnaireResponse",
        on_instance=False,
        definition="http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract",
        perform=extract,
    ),
    Operation(
        "submit-common-formats",
        None,
        on_instance=False,
        definition=f"{CANONICAL}/OperationDefinition/submit-common-formats",
        perform=submit_common_formats,
    ),
    Operation(
        "pswp-report",
        "AdverseEvent",
        on_instance=True,
        definition=f"{CANONICAL}/OperationDefinition/pswp-report",
        perform=pswp_report,
    ),
)


def find(name: str, resource_type: str | None, *, on_instance: bool) -> Operation | None:
    """Return the operation of that name at that level, if there is one."""
    kinds = (None,) if resource_type is None else (resource_type, ANY_TYPE)
    by_kind = {
        each.resource_type: each
        for each in OPERATIONS
        if (each.name, each.on_instance) == (name, on_instance)
    }
    return next((by_kind[kind] for kind in kinds if kind in by_kind), None)


def listed() -> Sequence[OperationEntry]:
    """Return the operations as the CapabilityStatement lists them, each once.

    Those of every type are listed with the system's.
    """
    entries = (
        OperationEntry(
            each.name,
            each.definition,
            None if each.resource_type == ANY_TYPE else each.resource_type,
        )
        for each in OPERATIONS
    )
    return list(dict.fromkeys(entries))
