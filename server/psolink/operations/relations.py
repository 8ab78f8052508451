"""What the directory says of two organizations, as facts for the PSWP rules."""

from psolink.interactions.context import Context
from psolink.pswp.facts import Contract, Listing
from psolink.pswp.party import OTHER, Party


def party(ctx: Context, organization: str) -> Party:
    """Return an organization as a party; one that is not registered is neither provider nor PSO."""
    found = ctx.services.directory.organization(organization)
    return Party(organization, found.kind.value if found else OTHER)


def contract_facts(ctx: Context, pso: str) -> Contract | None:
    """Return the contract of the caller's organization with a PSO; None where there is none."""
    found = ctx.services.directory.contract(ctx.tenant, pso)
    if found is None or not found.active:
        return None
    return Contract(begins=found.start, ends=found.end, functional=found.functional)


def listing_facts(ctx: Context, pso: str) -> Listing:
    """Return the place of a PSO on the Secretary's list."""
    found = ctx.services.directory.organization(pso)
    if found is None or found.listing is None or found.listing.listed_from > ctx.services.now():
        return Listing()
    if found.listing.delisted_at is None:
        return Listing("listed")
    return Listing("delisted", found.listing.delisted_at)
