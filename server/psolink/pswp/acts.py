"""What a Provenance says of an act on work product: which act, and whose work product it is.

StructureDefinition/pswp-provenance.
"""

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import labels
from psolink.pswp.party import Party, reference

_ACTIVITY = f"{CANONICAL}/CodeSystem/pswp-activity"
_AGENT_TYPES = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def act(code: str) -> JsonObject:
    """Return the coding of an act, such as `report`."""
    return {"system": _ACTIVITY, "code": code}


def custodian(party: Party) -> JsonObject:
    """Return the agent in whose evaluation system the item lies."""
    return _agent(_AGENT_TYPES, "custodian", party)


def receiver(party: Party) -> JsonObject:
    """Return the agent who received the item."""
    return _agent(_PARTICIPATION, "IRCP", party)


def as_entry(provenance: JsonObject, party: Party) -> JsonObject:
    """Return the Provenance of making what is new, and of its entry where its designation is of one.

    What does not lie in an evaluation system has not been entered there, 42 CFR 3.20.
    """
    designation = labels.designation_of(provenance)
    if designation is None or not designation.is_entry_dated:
        return provenance
    activity = provenance["activity"]
    return provenance | {
        "activity": activity | {"coding": [*activity["coding"], act("pses-entry")]},
        "agent": [*provenance["agent"], custodian(party)],
    }


def _agent(system: str, code: str, party: Party) -> JsonObject:
    return {
        "type": {"coding": [{"system": system, "code": code}]},
        "who": reference(party.organization),
    }
