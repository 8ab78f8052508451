"""Which operations there are, at which level.

https://hl7.org/fhir/R4/operations.html#defined
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.interactions.capabilities import OperationEntry
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.document import document
from psolink.operations.everything import encounter_everything, patient_everything
from psolink.operations.expand import expand
from psolink.operations.extract import extract
from psolink.operations.lastn import lastn
from psolink.operations.lookup import lookup
from psolink.operations.meta import meta
from psolink.operations.meta_add import meta_add
from psolink.operations.meta_delete import meta_delete
from psolink.operations.pswp_report import pswp_report
from psolink.operations.reindex_status import reindex_status
from psolink.operations.submit_common_formats import submit_common_formats
from psolink.operations.subsumes import subsumes
from psolink.operations.translate import translate
from psolink.operations.validate import validate
from psolink.operations.validate_code import validate_code_system_code, validate_value_set_code

Perform = Callable[[Context, JsonObject, Called], Result]


class Level(StrEnum):
    """What an operation is called on: the whole server, a type, or one resource."""

    SYSTEM = "system"
    TYPE = "type"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. Without a `resource_type` it is called on any type.

    One that affects no state may be called by GET as well. `takes_criteria` says that search
    parameters are among its own.
    """

    name: str
    definition: str
    perform: Perform
    levels: frozenset[Level]
    resource_type: str | None = None
    affects_state: bool = False
    takes_criteria: bool = False

    def is_at(self, level: Level, resource_type: str | None) -> bool:
        """Tell whether it is called at that level of that type."""
        return level in self.levels and self.resource_type in (None, resource_type)


def _r4(
    name: str,
    resource_type: str | None,
    perform: Perform,
    *levels: Level,
    affects_state: bool = False,
    takes_criteria: bool = False,
) -> Operation:
    return Operation(
        name,
        f"http://hl7.org/fhir/OperationDefinition/{resource_type or 'Resource'}-{name}",
        perform,
        frozenset(levels),
        resource_type,
        affects_state,
        takes_criteria,
    )


OPERATIONS = (
    _r4("meta", None, meta, *Level),
    _r4("meta-add", None, meta_add, Level.INSTANCE, affects_state=True),
    _r4("meta-delete", None, meta_delete, Level.INSTANCE, affects_state=True),
    _r4("everything", "Patient", patient_everything, Level.TYPE, Level.INSTANCE),
    _r4("everything", "Encounter", encounter_everything, Level.INSTANCE),
    _r4("document", "Composition", document, Level.TYPE, Level.INSTANCE),
    _r4("lastn", "Observation", lastn, Level.TYPE, takes_criteria=True),
    _r4("validate", None, validate, *Level),
    _r4("expand", "ValueSet", expand, Level.TYPE),
    _r4("validate-code", "ValueSet", validate_value_set_code, Level.TYPE),
    _r4("validate-code", "CodeSystem", validate_code_system_code, Level.TYPE),
    _r4("lookup", "CodeSystem", lookup, Level.TYPE),
    _r4("subsumes", "CodeSystem", subsumes, Level.TYPE),
    _r4("translate", "ConceptMap", translate, Level.TYPE),
    Operation(
        "extract",
        f"{CANONICAL}/OperationDefinition/questionnaireresponse-extract",
        extract,
        frozenset({Level.TYPE}),
        "QuestionnaireResponse",
        affects_state=True,
    ),
    Operation(
        "submit-common-formats",
        f"{CANONICAL}/OperationDefinition/submit-common-formats",
        submit_common_formats,
        frozenset({Level.SYSTEM}),
        affects_state=True,
    ),
    Operation(
        "reindex-status",
        f"{CANONICAL}/OperationDefinition/reindex-status",
        reindex_status,
        frozenset({Level.INSTANCE}),
        "SearchParameter",
    ),
    Operation(
        "pswp-report",
        f"{CANONICAL}/OperationDefinition/pswp-report",
        pswp_report,
        frozenset({Level.INSTANCE}),
        "AdverseEvent",
        affects_state=True,
    ),
)


def find(name: str, level: Level, resource_type: str | None) -> Operation | None:
    """Return the operation of that name at that level, if there is one."""
    return next(
        (each for each in OPERATIONS if each.name == name and each.is_at(level, resource_type)),
        None,
    )


def listed() -> Sequence[OperationEntry]:
    """Return the operations as the CapabilityStatement lists them.

    Those of every type are listed with the system's.
    """
    return [OperationEntry(each.name, each.definition, each.resource_type) for each in OPERATIONS]
