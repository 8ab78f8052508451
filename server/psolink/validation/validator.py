"""Validate resources by the base rules of R4: structure, formats, codes, references, invariants.

https://hl7.org/fhir/R4/validation.html
"""

from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode, Severity
from psolink.validation.compiler import Compiler
from psolink.validation.faults import Fault
from psolink.validation.invariants import Invariants
from psolink.validation.scope import MAX_ISSUES, EnoughFound, Scope


class Validator:
    """Judges resources by the tables it was made with.

    With `best_practice`, it also warns where R4 only recommends, such as a narrative (dom-6).
    """

    def __init__(self, definitions: Definitions, *, best_practice: bool = False) -> None:
        self._resources = Compiler(definitions).resources
        self._invariants = Invariants(definitions, best_practice=best_practice)

    def validate(self, resource: JsonObject, *, at: str | None = None) -> list[Issue]:
        """Return all issues; an empty list means that nothing is wrong.

        `at` is the FHIRPath of the resource where it is part of another one.
        """
        root = at or self._resources.known(resource.get("resourceType")) or "Resource"
        scope = Scope()
        try:
            self._resources.check(resource, (None, root, None), scope)
            self._invariants.check(resource, (None, root, None), scope)
        except EnoughFound:
            scope.issues.append(_enough())
        except RecursionError:
            diagnostics = "The resource is nested too deep to be checked; flatten it."
            scope.issues.append(
                Issue(IssueCode.TOO_COSTLY, diagnostics, root, fault=Fault.TOO_MANY)
            )
        return scope.issues


def _enough() -> Issue:
    return Issue(
        IssueCode.TOO_COSTLY,
        f"The first {MAX_ISSUES} faults are listed; mend them, then look for more.",
        None,
        Severity.INFORMATION,
        Fault.TOO_MANY,
    )
