"""Keep answers for a while, and not more of them than fit."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class KeptAnswers(Generic[_Key, _Value]):
    """At most `size` values for `seconds` each; the one not asked for the longest goes first."""

    def __init__(self, clock: Callable[[], float], *, size: int, seconds: float) -> None:
        self._clock = clock
        self._size = size
        self._seconds = seconds
        self._kept: OrderedDict[_Key, tuple[float, _Value]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key) -> _Value | None:
        """Return what is kept under the key, if it is not too old."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if found[0] <= self._clock():
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return found[1]

    def keep(self, key: _Key, value: _Value) -> None:
        """Keep a value under the key."""
        with self._lock:
            self._kept[key] = (self._clock() + self._seconds, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
