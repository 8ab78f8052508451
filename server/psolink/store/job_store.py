"""The seam of the jobs: what interactions ask of long work and of how it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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

    def advance(self, lease: Lease, done: int) -> None:
        """Note how many steps were taken."""
        ...

    def finish(self, lease: Lease, content: bytes, *, now: datetime) -> None:
        """Keep the result, and clear what went in and what each step came to."""
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
