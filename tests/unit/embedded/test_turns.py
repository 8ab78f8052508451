"""Reads take turns."""

from threading import Event, Thread

import pytest

from psolink.embedded.turns import Turns

WAIT = 10.0


class Reader(Thread):
    """A thread that takes a turn, notes that it has it, and keeps it until it is let go."""

    def __init__(self, turns, name, log):
        super().__init__(name=name, daemon=True)
        self._turns, self._log = turns, log
        self.reads, self.ends = Event(), Event()

    def run(self):
        with self._turns.taken():
            self._log.append(self.name)
            self.reads.set()
            self.ends.wait(WAIT)


def waiting(turns, number):
    """Wait until so many threads wait for their turn."""
    for _ in range(1000):
        if turns.waiting >= number:
            return
        Event().wait(0.01)
    pytest.fail("nobody waits")


def queue(turns, log, *names):
    readers = []
    for name in names:
        readers.append(Reader(turns, name, log))
        readers[-1].start()
        waiting(turns, len(readers))
    return readers


def finish(readers):
    for each in readers:
        each.ends.set()
        each.join(WAIT)


def test_turns_are_given_in_the_order_in_which_they_were_asked_for():
    turns = Turns()
    log: list[str] = []
    with turns.taken():
        readers = queue(turns, log, "a", "b", "c")
        assert log == []
    finish(readers)
    assert log == ["a", "b", "c"]


def test_a_turn_may_hold_another():
    turns = Turns()
    with turns.taken(), turns.taken():
        pass
    finish(queue_of_one(turns))


def queue_of_one(turns):
    log: list[str] = []
    reader = Reader(turns, "next", log)
    reader.start()
    assert reader.reads.wait(WAIT)
    return [reader]


def test_a_turn_ends_with_a_failure():
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    finish(queue_of_one(turns))


def test_a_long_turn_lets_those_go_first_who_wait():
    turns = Turns(slice_seconds=0.0)
    log: list[str] = []
    with turns.taken():
        readers = queue(turns, log, "a", "b")
        for each in readers:
            each.ends.set()
        turns.pass_on()
        log.append("the long one")
    finish(readers)
    assert log == ["a", "b", "the long one"]


def test_a_short_turn_is_not_interrupted():
    turns = Turns(slice_seconds=3600.0)
    log: list[str] = []
    with turns.taken():
        readers = queue(turns, log, "a")
        turns.pass_on()
        log.append("the short one")
    finish(readers)
    assert log == ["the short one", "a"]


def test_who_has_no_turn_passes_none_on():
    turns = Turns(slice_seconds=0.0)
    log: list[str] = []
    readers = queue_of_one(turns)
    readers += queue(turns, log, "waits")
    turns.pass_on()
    assert log == []
    finish(readers)
    assert log == ["waits"]
