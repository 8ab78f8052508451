"""The designations: what each means, who may ask for it, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from psolink.pswp.party import OTHER, PROVIDER, PSO, Party

UNDETERMINED = "undetermined"
FACT_OF_REPORTING = "pswp-fact-of-reporting"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the law gives an item. `pswp`: it is work product, or must be treated as such."""

    pswp: bool
    privileged: bool
    confidential: bool


_PROTECTED = Standing(pswp=True, privileged=True, confidential=True)
_USED_IN_CRIMINAL_CASE = Standing(pswp=True, privileged=True, confidential=False)
_UNPROTECTED = Standing(pswp=False, privileged=False, confidential=False)


@dataclass(frozen=True, slots=True)
class Designation:
    """One row of the table; the codes are those of CodeSystem/pswp-designation.

    `confidentiality` is the least that an item is labelled with. `lifecycle`, `pathway` and
    `is_entry_dated` say what is put on record when it is created so. `set_by` says how it comes
    about. `reported_as` is the designation after a report; None: it cannot be reported.
    """

    code: str
    standing: Standing
    confidentiality: str
    lifecycle: str
    set_by: str
    pathway: str | None = None
    is_entry_dated: bool = False
    reported_as: str | None = None
    askable_by: frozenset[str] = frozenset()

    @property
    def pswp(self) -> bool:
        """True for work product and what must be treated as such."""
        return self.standing.pswp


_ANYONE = frozenset({PROVIDER, PSO, OTHER})
_WITH_A_PSES = frozenset({PROVIDER, PSO})
_ENTER, _REPORT, _DISCLOSE = "$pswp-enter", "$pswp-report", "$pswp-disclose"
_CREATION = "asking for it when the resource is created"

_TABLE = (
    Designation(
        "pswp-pending",
        _PROTECTED,
        "R",
        "in-pses",
        _ENTER,
        pathway="reporting",
        is_entry_dated=True,
        reported_as="pswp-reported",
        askable_by=frozenset({PROVIDER}),
    ),
    Designation("pswp-reported", _PROTECTED, "R", "reported", _REPORT, pathway="reporting"),
    Designation(
        "pswp-deliberation",
        _PROTECTED,
        # Deliberation is very restricted: what it says could do harm in a proceeding.
        "V",
        "in-deliberation",
        _ENTER,
        pathway="deliberation",
        is_entry_dated=True,
        reported_as="pswp-deliberation",
        askable_by=_WITH_A_PSES,
    ),
    Designation(
        FACT_OF_REPORTING,
        _PROTECTED,
        "R",
        "in-pses",
        _ENTER,
        pathway="fact-of-reporting",
        is_entry_dated=True,
        reported_as=FACT_OF_REPORTING,
        askable_by=_WITH_A_PSES,
    ),
    Designation(
        "pswp-pso-developed",
        _PROTECTED,
        "R",
        "pso-analysis",
        _CREATION,
        pathway="pso-developed",
        askable_by=frozenset({PSO}),
    ),
    Designation("pswp-anonymized", _PROTECTED, "R", "anonymized", _DISCLOSE),
    Designation(
        "pswp-privileged-not-confidential", _USED_IN_CRIMINAL_CASE, "R", "disclosed", _DISCLOSE
    ),
    Designation("nonidentifiable-held", _PROTECTED, "L", "nonidentified", "$pswp-nonidentify"),
    Designation("nonidentifiable-released", _UNPROTECTED, "L", "disclosed", _DISCLOSE),
    Designation("not-pswp-original", _UNPROTECTED, "N", "not-pswp", _CREATION, askable_by=_ANYONE),
    Designation("not-pswp-external", _UNPROTECTED, "N", "not-pswp", _CREATION, askable_by=_ANYONE),
    Designation("not-pswp-removed", _UNPROTECTED, "N", "removed", "$pswp-dropout"),
    Designation(UNDETERMINED, _PROTECTED, "R", "intake", _CREATION, askable_by=_ANYONE),
)

DESIGNATIONS: Mapping[str, Designation] = MappingProxyType({each.code: each for each in _TABLE})


def askable(party: Party) -> list[str]:
    """Return the designations that the party may ask for when it creates a resource."""
    kind = party.kind if party.kind in _ANYONE else OTHER
    return [each.code for each in _TABLE if kind in each.askable_by]
