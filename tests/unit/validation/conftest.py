import pytest

from psolink.definitions import load_definitions
from psolink.validation import Validator


@pytest.fixture(scope="session")
def validator() -> Validator:
    return Validator(load_definitions())
