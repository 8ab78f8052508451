"""Terminology: what codes mean, which are allowed where, and what they become elsewhere.

https://hl7.org/fhir/R4/terminology-module.html
"""

from psolink.terminology.composition import Limits
from psolink.terminology.core_resources import CoreResources
from psolink.terminology.expansion import Page
from psolink.terminology.failures import (
    FilterNotSupported,
    InvalidTerminology,
    TooCostly,
    UnknownTerminology,
)
from psolink.terminology.membership import Membership
from psolink.terminology.remote_answers import (
    Answer,
    NoServer,
    Patience,
    Question,
    TerminologyServer,
)
from psolink.terminology.service import Rule, Terminology
from psolink.terminology.tables import TerminologyTables
from psolink.terminology.translation import Wanted
from psolink.terminology.verdict import Coding, Verdict

__all__ = [
    "Answer",
    "Coding",
    "CoreResources",
    "FilterNotSupported",
    "InvalidTerminology",
    "Limits",
    "Membership",
    "NoServer",
    "Page",
    "Patience",
    "Question",
    "Rule",
    "Terminology",
    "TerminologyServer",
    "TerminologyTables",
    "TooCostly",
    "UnknownTerminology",
    "Verdict",
    "Wanted",
]
