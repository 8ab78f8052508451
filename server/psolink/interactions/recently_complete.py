"""What was found a moment ago, so that it need not be asked again at once."""

import time
from collections.abc import Callable

TRUSTED_SECONDS = 2.0
_REMEMBERED = 4096

Asked = tuple[str, int, bool, bool, str]


class RecentlyComplete:
    """Remembers for whom which criteria missed nothing; the clock counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[Asked, float] = {}

    def holds(self, asked: Asked) -> bool:
        """Tell whether it was so a moment ago."""
        return self._clock() < self._until.get(asked, 0.0)

    def remember(self, asked: Asked) -> None:
        """Take it for so during the next moment."""
        if len(self._until) >= _REMEMBERED:
            self._until.clear()
        self._until[asked] = self._clock() + TRUSTED_SECONDS
