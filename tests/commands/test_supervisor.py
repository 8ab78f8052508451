"""The supervisor of a server's processes, with parts and a clock of our own."""

from collections.abc import Sequence

import pytest

from psolink.commands import supervisor
from psolink.commands.supervisor import PartFailed, Supervisor


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Lamp:
    """A part that lives until it is put out, and may refuse to start."""

    def __init__(self, name: str, diary: list[str], refusals: Sequence[bool] = ()) -> None:
        self.name = name
        self.is_lit = False
        self._diary = diary
        self._refusals = list(refusals)

    def start(self) -> None:
        if self._refusals and self._refusals.pop(0):
            raise PartFailed("no oil")
        self.is_lit = True
        self._diary.append(f"start {self.name}")

    def is_alive(self) -> bool:
        return self.is_lit

    def stop(self) -> None:
        self.is_lit = False
        self._diary.append(f"stop {self.name}")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def diary():
    return []


@pytest.fixture
def watch(clock):
    return Supervisor(clock)


def put_out(lamp, watch, clock, *, after):
    """Let the lamp burn for a while and go out; return how long it stays out."""
    clock.now += after
    watch.look()
    lamp.is_lit = False
    watch.look()
    began = clock.now
    while not lamp.is_lit:
        clock.now += 0.0625  # a step without rounding
        watch.look()
    return clock.now - began


def test_what_ends_is_started_again(watch, clock, diary):
    lamp = Lamp("a", diary)
    watch.start(lamp)
    put_out(lamp, watch, clock, after=supervisor.STEADY_SECONDS)
    assert diary == ["start a", "start a"]


def test_what_ends_soon_after_its_start_waits_longer_each_time(watch, clock, diary):
    lamp = Lamp("a", diary)
    watch.start(lamp)
    delays = [put_out(lamp, watch, clock, after=supervisor.STEADY_SECONDS)]
    delays += [put_out(lamp, watch, clock, after=0.1) for _ in range(9)]
    assert delays == sorted(delays)
    assert delays[0] < 0.2 < delays[3]
    assert delays[-1] == pytest.approx(supervisor.LONGEST_DELAY_SECONDS, abs=0.1)


def test_the_delay_is_short_again_after_a_steady_time(watch, clock, diary):
    lamp = Lamp("a", diary)
    watch.start(lamp)
    put_out(lamp, watch, clock, after=supervisor.STEADY_SECONDS)
    for _ in range(4):
        put_out(lamp, watch, clock, after=0.1)
    assert put_out(lamp, watch, clock, after=supervisor.STEADY_SECONDS) < 0.2


def test_a_part_that_was_never_steady_is_given_up(watch, clock, diary):
    lamp = Lamp("a", diary)
    watch.start(lamp)
    for _ in range(supervisor.MOST_FAILED_STARTS - 1):
        put_out(lamp, watch, clock, after=0.1)
    lamp.is_lit = False
    with pytest.raises(PartFailed, match="a ended 5 times"):
        watch.look()


def test_a_part_that_once_worked_is_never_given_up(watch, clock, diary):
    lamp = Lamp("a", diary, refusals=[False] + [True] * 20)
    watch.start(lamp)
    put_out(lamp, watch, clock, after=supervisor.STEADY_SECONDS)
    assert diary == ["start a", "start a"]


def test_the_other_parts_burn_on(watch, clock, diary):
    one, other = Lamp("a", diary), Lamp("b", diary)
    watch.start(one)
    watch.start(other)
    put_out(one, watch, clock, after=supervisor.STEADY_SECONDS)
    assert diary == ["start a", "start b", "start a"]


def test_the_last_part_ends_first(watch, diary):
    for name in "abc":
        watch.start(Lamp(name, diary))
    watch.stop()
    assert diary[3:] == ["stop c", "stop b", "stop a"]


def test_a_part_that_does_not_start_at_first_is_not_watched(watch, diary):
    with pytest.raises(PartFailed, match="no oil"):
        watch.start(Lamp("a", diary, refusals=[True]))
    watch.stop()
    assert diary == []
