"""The worker: what a server does beside requests.

`python -m psolink.commands.worker PARENT` does jobs one after the other, and takes the values of
search parameters that organizations have stored, until a signal comes or the parent ends. A worker
that dies leaves its job to the next one, which takes it over when the lease has run out.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import FrameType
from uuid import uuid4

from psolink.administration import parameter_builder
from psolink.app import job_performers
from psolink.commands import logs
from psolink.commands.orphans import end_with
from psolink.errors import FhirError, places
from psolink.interactions import asynchronous
from psolink.settings import Settings
from psolink.setup import now
from psolink.store.job_store import Job, JobStore
from psolink.store.jobs import Jobs
from psolink.store.startup import DatabaseError, connect
from psolink.store.values import Lease, LeaseLost

log = logging.getLogger(__name__)

KINDS = (asynchronous.KIND,)
LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 5
"""A job whose worker died so often is given up: it may be what kills them."""

_LOOK_SECONDS = 0.5
_PAUSE_SECONDS = 0.02
"""Requests come first: between two parts of the work others have their turn."""

_PURGE_EVERY = timedelta(minutes=1)

Perform = Callable[[Job, Lease], None]
"""Does a job and keeps its result; raises `LeaseLost` where it was taken away."""


@dataclass(slots=True)
class Worker:
    """Does the jobs of some kinds. `performers` are made when the first job comes."""

    jobs: JobStore
    performers: Callable[[], Mapping[str, Perform]]
    kinds: tuple[str, ...]
    retention: timedelta
    beside: Callable[[], bool] = lambda: False
    """Other work, a part of it for each call; returns whether there is more."""
    clock: Callable[[], datetime] = now
    lease: timedelta = LEASE
    _ended: threading.Event = field(default_factory=threading.Event)
    _purged: datetime | None = None

    def run(self) -> None:
        """Work until `end`; where the database is away, wait for it."""
        is_busy = False
        while not self._ended.wait(_PAUSE_SECONDS if is_busy else _LOOK_SECONDS):
            try:
                # A client waits for a job, so that jobs go first.
                is_busy = self.step() or self.beside()
                self.purge()
            except (FhirError, DatabaseError) as error:
                log.warning("the work is tried again: %s", places(error))
                is_busy = False

    def end(self) -> None:
        """Let `run` end after the job in hand."""
        self._ended.set()

    def step(self) -> bool:
        """Do one job; return False where none waits."""
        claimed = self.jobs.claim(self.kinds, str(uuid4()), now=self.clock(), lasting=self.lease)
        if claimed is None:
            return False
        job, lease = claimed
        if job.attempts > MOST_ATTEMPTS:
            log.error("a job of kind %s is given up after %d attempts", job.kind, job.attempts - 1)
            self.jobs.fail(lease, now=self.clock())
            return True
        with self._alive(lease):
            self._perform(job, lease)
        return True

    def purge(self) -> None:
        """Remove what ended longer ago than it is kept, from time to time."""
        moment = self.clock()
        if self._purged is None or moment - self._purged >= _PURGE_EVERY:
            self._purged = moment
            self.jobs.purge(moment - self.retention)

    def _perform(self, job: Job, lease: Lease) -> None:
        try:
            self.performers()[job.kind](job, lease)
        except LeaseLost:
            log.warning("a job of kind %s was cancelled or taken over", job.kind)
        except Exception as error:  # noqa: BLE001 - the worker goes on, and the job is tried again
            log.error("a job of kind %s failed: %s", job.kind, places(error))  # noqa: TRY400 - no values
            with suppress(LeaseLost):
                self.jobs.release(lease, free_at=self.clock() + self.lease)

    @contextmanager
    def _alive(self, lease: Lease) -> Iterator[None]:
        """Beat while a job is done."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(self.lease.total_seconds() / 3):
                try:
                    self.jobs.beat(lease, now=self.clock(), lasting=self.lease)
                except LeaseLost:
                    return
                except FhirError as error:
                    log.warning("a beat failed: %s", places(error))

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def main(parent: int) -> None:
    """Work until a signal comes or the parent ends."""
    end_with(parent)
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    client = connect(settings.mongodb_uri or "")
    worker = Worker(
        jobs=Jobs(client, settings.database),
        performers=cache(lambda: job_performers(settings, client)),
        kinds=KINDS,
        retention=timedelta(seconds=settings.job_retention_seconds),
        beside=parameter_builder(settings, client).advance,
    )

    def end(_signal: int, _frame: FrameType | None) -> None:
        worker.end()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    worker.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
