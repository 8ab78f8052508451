"""What many tests share: a database engine, a server on it, clients of its actors."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from psolink.embedded.launcher import EngineProcess
from psolink.store.startup import connect

# The same examples in every run: a failure that comes and goes tells nobody anything.
settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--mongodb-uri", help="run on this MongoDB replica set instead of the embedded engine"
    )
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew; read the diff"
    )


@pytest.fixture(scope="session")
def mongodb_uri(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    given = request.config.getoption("--mongodb-uri")
    if given:
        yield given
        return
    with EngineProcess.start(tmp_path_factory.mktemp("engine")) as engine:
        yield engine.uri


@pytest.fixture(scope="session")
def mongodb(mongodb_uri: str):
    with connect(mongodb_uri) as client:
        yield client


@pytest.fixture
def database(mongodb) -> Iterator[str]:
    """The name of a database that nobody else uses and that goes away."""
    name = f"test-{uuid4()}"
    yield name
    mongodb.drop_database(name)


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Compare text with a reviewed file under tests/golden."""
    folder = Path(__file__).parent / "golden"
    is_update = request.config.getoption("--update-golden")

    def check(name: str, text: str) -> None:
        path = folder / name
        if is_update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert path.is_file(), f"{name} is missing: look at the result, then use --update-golden"
        assert text == path.read_text()

    return check
