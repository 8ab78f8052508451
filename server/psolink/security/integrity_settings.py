"""What each organization wants about references to what is not there."""

from collections.abc import Callable

from psolink.security.registry import Directory
from psolink.settings import ReferentialIntegrity

_SECONDS = 5.0
"""How long a worker remembers what an organization wants: every write asks for it."""


class IntegritySettings:
    """Called with an organization, it returns its own setting, else that of the server."""

    def __init__(
        self,
        directory: Directory,
        default: ReferentialIntegrity,
        seconds: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._default = default
        self._seconds = seconds
        self._known: dict[str, tuple[float, ReferentialIntegrity]] = {}

    def __call__(self, organization: str) -> ReferentialIntegrity:
        """Return the setting that holds for the organization's writes."""
        now = self._seconds()
        known = self._known.get(organization)
        if known is not None and now < known[0]:
            return known[1]
        found = self._directory.organization(organization)
        setting = (found and found.referential_integrity) or self._default
        self._known[organization] = (now + _SECONDS, setting)
        return setting
