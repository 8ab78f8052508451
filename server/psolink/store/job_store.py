"""The seam of the jobs: what interactions ask of long work, and what a worker does with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from psolink.store.values import Lease


@dataclass(frozen=True, slots=True)
class Job:
    """What there is to know of a job. `state` is waiting, running, done, failed or cancelled.

    `owner` is who asked for it and may ask how it goes. `done` of `total` steps were taken.
    """

    id: str
    kind: str
    owner: str
    state: str
    done: int
    total: int
    attempts: int


class JobStore(Protocol):
    """The jobs of one database. Whoever lost a lease can write nothing more."""

    def submit(
        self, job_id: str, kind: str, owner: str, content: bytes, *, total: int, now: datetime
    ) -> None:
        """Write down a job that waits for a worker."""
        ...

    def find(self, job_id: str, owner: str) -> Job | None:
        """Return a job of this owner; what is somebody else's does not exist."""
        ...

    def cancel(self, job_id: str, owner: str, *, now: datetime) -> bool:
        """End a job of this owner whatever its state, and clear its content."""
        ...

    def claim(
        self, kinds: Sequence[str], token: str, *, now: datetime, lasting: timedelta
    ) -> tuple[Job, Lease] | None:
        """Take the oldest job that waits, or whose worker has not been heard of; None without one."""
        ...

    def beat(self, lease: Lease, *, now: datetime, lasting: timedelta) -> None:
        """Say that the worker lives; raise `LeaseLost` where the job is not its any more."""
        ...

    def release(self, lease: Lease, *, free_at: datetime) -> None:
        """Give a job back, for a worker to go on with it from that moment on."""
        ...

    def advance(self, lease: Lease, done: int) -> None:
        """Note how many steps were taken."""
        ...

    def finish(self, lease: Lease, content: bytes, *, now: datetime) -> None:
        """Keep the result, and clear what went in and what each step came to."""
        ...

    def fail(self, lease: Lease, *, now: datetime) -> None:
        """Give a job up."""
        ...

    def content(self, job_id: str, name: str) -> bytes:
        """Return a part of a job: `input`, `result`, or what a step came to."""
        ...

    def steps(self, job_id: str) -> Mapping[str, bytes]:
        """Return what was kept of the steps, by their names."""
        ...

    def keep(self, lease: Lease, name: str, content: bytes) -> None:
        """Keep what a step came to; raise `LeaseLost` where the job is not the worker's any more."""
        ...

    def purge(self, before: datetime) -> None:
        """Remove the jobs that ended before, with all that is left of them."""
        ...
