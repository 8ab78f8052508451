"""Facts about organizations that hold at a moment, for the rules to decide by."""

from datetime import datetime

from psolink.security.principal import OrganizationKind
from psolink.security.registry import Contract, Organization


def contract_active(contract: Contract | None, now: datetime) -> bool:
    """Tell whether there is a contract and it is in force at `now`."""
    return (
        contract is not None
        and contract.active
        and contract.start <= now
        and (contract.end is None or now < contract.end)
    )


def listed(organization: Organization | None, now: datetime) -> bool:
    """Tell whether this is a PSO that is on the list at `now`.

    The 30 days after a delisting in which new data keep their status are not counted in.
    """
    if organization is None or organization.kind is not OrganizationKind.PSO:
        return False
    listing = organization.listing
    return (
        listing is not None
        and listing.listed_from <= now
        and (listing.delisted_at is None or now < listing.delisted_at)
    )
