"""Judge resources by profiles.

https://hl7.org/fhir/R4/profiling.html
"""

from psolink.validation.profiles.library import Profiles, ProfileUnusable
from psolink.validation.profiles.membership import ListedMembership, Membership
from psolink.validation.profiles.packages import PackageUnreadable, read_resources

__all__ = [
    "ListedMembership",
    "Membership",
    "PackageUnreadable",
    "ProfileUnusable",
    "Profiles",
    "read_resources",
]
