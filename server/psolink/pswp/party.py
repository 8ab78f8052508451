"""The organizations that hold and exchange work product."""

from dataclasses import dataclass

from psolink.fhir_json import CANONICAL, JsonObject

ORGANIZATION_SYSTEM = f"{CANONICAL}/sid/organization"
"""The identifier system of the organizations that this server knows."""

PROVIDER, PSO, OTHER = "provider", "pso", "other"


@dataclass(frozen=True, slots=True)
class Party:
    """An organization, and what it is to the Patient Safety Act.

    `kind` is `provider`, `pso` or `other`; any other word counts as `other`.
    """

    organization: str
    kind: str

    @property
    def compartment(self) -> str:
        """The code of the compartment of what this organization holds."""
        return f"{'PSO' if self.kind == PSO else 'PSES'}:{self.organization}"


def reference(organization: str) -> JsonObject:
    """Return the logical reference to an organization.

    https://hl7.org/fhir/R4/references.html#logical
    """
    return {
        "type": "Organization",
        "identifier": {"system": ORGANIZATION_SYSTEM, "value": organization},
    }


def referred(value: object) -> str | None:
    """Return the organization that a logical reference names; None where it names none."""
    match value:
        case {"identifier": {"system": system, "value": str(organization)}} if (
            system == ORGANIZATION_SYSTEM
        ):
            return organization
    return None
