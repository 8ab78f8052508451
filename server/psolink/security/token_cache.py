"""Remembers tokens whose signature was verified, so that a busy client costs one check."""

from threading import Lock

from psolink.security.principal import Principal


class VerifiedTokens:
    """At most `capacity` tokens by digest, each until its last moment; the oldest give way."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._known: dict[bytes, tuple[Principal, float]] = {}
        self._writing = Lock()

    def get(self, digest: bytes, now: float) -> Principal | None:
        """Return whom the token stands for; None: it must be verified."""
        principal, until = self._known.get(digest, (None, 0.0))
        return principal if now < until else None

    def add(self, digest: bytes, principal: Principal, until: float) -> None:
        """Remember a verified token until the moment from which it is no longer accepted."""
        with self._writing:
            while len(self._known) >= self._capacity:
                del self._known[next(iter(self._known))]
            self._known[digest] = (principal, until)

    def __len__(self) -> int:
        return len(self._known)
