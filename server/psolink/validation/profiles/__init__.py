"""Judge resources by profiles.

https://hl7.org/fhir/R4/profiling.html
"""

from psolink.validation.profiles.claims import Claim, claims
from psolink.validation.profiles.library import Profiles, ProfileUnusable
from psolink.validation.profiles.membership import HeldMembership, ListedMembership, Membership
from psolink.validation.profiles.packages import PackageUnreadable, check_package, read_resources
from psolink.validation.profiles.shipped import shipped_profiles

__all__ = [
    "Claim",
    "HeldMembership",
    "ListedMembership",
    "Membership",
    "PackageUnreadable",
    "ProfileUnusable",
    "Profiles",
    "check_package",
    "claims",
    "read_resources",
    "shipped_profiles",
]
