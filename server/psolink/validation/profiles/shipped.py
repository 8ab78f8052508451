"""The profiles that come with the server.

https://hl7.org/fhir/R4/profiling.html
"""

from collections.abc import Iterable

from psolink.artifacts import artifact_dir
from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.terminology import Terminology
from psolink.validation.profiles.library import Profiles
from psolink.validation.profiles.membership import HeldMembership
from psolink.validation.profiles.packages import read_resources


def shipped_profiles(
    definitions: Definitions, held: Terminology, installed: Iterable[JsonObject] = ()
) -> Profiles:
    """Return the profiles that an operator installed, and those that ship, which go before them.

    `held` knows the codes that they bind to.
    """
    shipped = read_resources(artifact_dir("profiles") / "psolink")
    return Profiles(definitions, [*installed, *shipped], membership=HeldMembership(held))
