"""When a thread waits for the next request of its connection."""

import io
import socket
from types import SimpleNamespace

import pytest

from psolink.commands.web_worker import WebWorker

THREADS = 2
REQUEST = b"GET / HTTP/1.1\r\n"


class Worker(WebWorker):
    """A worker that never started: what it decides by, and nothing else."""

    def __init__(self, connections):
        self.nr_conns, self.alive = connections, True
        self.cfg = SimpleNamespace(threads=THREADS)


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def connection(ours, read=b""):
    return SimpleNamespace(
        sock=ours, parser=SimpleNamespace(unreader=SimpleNamespace(buf=io.BytesIO(read)))
    )


def test_the_next_request_is_waited_for(ends):
    ours, theirs = ends
    theirs.sendall(REQUEST)
    assert Worker(THREADS).follows(connection(ours))


def test_it_is_not_waited_for_long(ends):
    ours, _ = ends
    assert not Worker(THREADS).follows(connection(ours))


def test_with_more_connections_than_threads_another_one_comes_first(ends):
    ours, theirs = ends
    theirs.sendall(REQUEST)
    assert not Worker(THREADS + 1).follows(connection(ours))


def test_what_was_read_beyond_the_request_is_for_gunicorn_to_take_up(ends):
    ours, theirs = ends
    theirs.sendall(REQUEST)
    assert not Worker(THREADS).follows(connection(ours, REQUEST))


def test_a_worker_that_ends_takes_no_more(ends):
    ours, theirs = ends
    theirs.sendall(REQUEST)
    worker = Worker(THREADS)
    worker.alive = False
    assert not worker.follows(connection(ours))
