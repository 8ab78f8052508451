"""Settings from the environment, and back into that of another process."""

from pathlib import Path

import pytest

from psolink.settings import InvalidSetting, ProfilePolicy, Settings


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(), id="the defaults"),
        pytest.param(Settings(packages=(Path("a.tgz"), Path("/b"))), id="several packages"),
        pytest.param(Settings(profiles=ProfilePolicy.WARN, data=Path("x")), id="a choice"),
    ],
)
def test_another_process_reads_the_same_settings(settings: Settings):
    assert Settings.from_env(settings.to_env()) == settings


def test_a_value_that_is_not_understood_names_its_variable():
    with pytest.raises(InvalidSetting, match="PSOLINK_PROFILES"):
        Settings.from_env({"PSOLINK_PROFILES": "sometimes"})
