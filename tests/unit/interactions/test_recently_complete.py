"""What was found a moment ago is trusted, and no longer."""

from psolink.interactions.recently_complete import TRUSTED_SECONDS, RecentlyComplete

ASKED = ("hospital-a", 5, True, True, "{}")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_it_is_trusted_for_a_moment():
    clock = Clock()
    recently = RecentlyComplete(clock)
    assert not recently.holds(ASKED)
    recently.remember(ASKED)
    assert recently.holds(ASKED)
    clock.seconds += TRUSTED_SECONDS
    assert not recently.holds(ASKED)


def test_what_holds_for_one_client_says_nothing_of_another():
    recently = RecentlyComplete(Clock())
    recently.remember(ASKED)
    assert not recently.holds(("hospital-b", *ASKED[1:]))
    assert not recently.holds((*ASKED[:4], "{'p': 1}"))
