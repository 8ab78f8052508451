"""Who makes a request, and what that party may do and read at most."""

from dataclasses import dataclass
from enum import StrEnum

from psolink.security.scopes import Scopes

CONFIDENTIALITY = "ULMNRV"
"""Codes of confidentiality from the lowest to the highest; the position of a code is its rank.

https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html
"""


class OrganizationKind(StrEnum):
    """What an organization is to the exchange of patient safety work product."""

    PROVIDER = "provider"
    PSO = "pso"
    OTHER = "other"
    OPERATOR = "operator"


class Role(StrEnum):
    """What a client is trusted with beyond its scopes."""

    PSES = "pses"
    PSO = "pso"
    AUDITOR = "auditor"
    ADMIN = "admin"


_CLEARANCE = {OrganizationKind.PROVIDER: Role.PSES, OrganizationKind.PSO: Role.PSO}


@dataclass(frozen=True, slots=True)
class Principal:
    """A client that acts for an organization. `level` is the highest rank it may read."""

    organization: str
    kind: OrganizationKind
    client_id: str
    scopes: Scopes
    level: int
    roles: frozenset[str]

    @property
    def holds_pswp_clearance(self) -> bool:
        """True for the PSES of a provider and for the PSO itself, and for nobody else."""
        return _CLEARANCE.get(self.kind) in self.roles

    @property
    def rights(self) -> str:
        """What decides how much of its organization's resources it sees; the same for the same.

        What was read or counted with other rights would tell of what these do not see.
        """
        return f"{self.level} {self.holds_pswp_clearance} {self.scopes}"

    def may(self, interaction: str, resource_type: str) -> bool:
        """Tell whether the scopes cover the interaction (a letter of `cruds`) with the type."""
        return self.scopes.allow(interaction, resource_type)
