import pytest

from psolink.mapping import Mapper


@pytest.fixture(scope="session")
def mapper() -> Mapper:
    return Mapper.load()
