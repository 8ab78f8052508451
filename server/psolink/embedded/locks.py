"""Which open transaction, or which batch of writes, may change a document or a unique key."""

import threading
import time
from collections import defaultdict
from collections.abc import Hashable


class Blocked(Exception):
    """Another owner holds the lock; the statement has to wait and begin again."""

    def __init__(self, resource: Hashable) -> None:
        super().__init__("locked by a transaction")
        self.resource = resource


class LockTable:
    """Locks on resources, each held by one owner until the owner releases all of its locks."""

    def __init__(self) -> None:
        self._owners: dict[Hashable, object] = {}
        self._held: defaultdict[object, list[Hashable]] = defaultdict(list)
        self._changed = threading.Condition()

    def acquire(self, resource: Hashable, owner: object) -> bool:
        """Take the lock if nobody else holds it, and tell whether `owner` has it now."""
        with self._changed:
            holder = self._owners.setdefault(resource, owner)
            if holder is owner and resource not in self._held[owner]:
                self._held[owner].append(resource)
            return holder is owner

    def release_all(self, owner: object) -> None:
        """Give up every lock of `owner`."""
        with self._changed:
            for resource in self._held.pop(owner, ()):
                del self._owners[resource]
            self._changed.notify_all()

    def wait(self, resource: Hashable, seconds: float) -> bool:
        """Wait until nobody holds the lock, and tell whether that came in time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while resource in self._owners:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._changed.wait(remaining)
            return True
