"""A wheel and an sdist carry the data that the server reads."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from psolink.artifacts import artifact_dir

ROOT = Path(__file__).parent.parent.parent
DATA = ("profiles", "mappings", "conformance")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def data_files() -> set[str]:
    tracked = subprocess.run(
        ["git", "ls-files", *DATA], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(tracked.stdout.splitlines())


def test_the_wheel_has_the_data_inside_the_package(built):
    [wheel] = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"psolink/{name}" for name in data_files()} <= names
    assert {"psolink/py.typed", "psolink/cli.py"} <= names


def test_the_sdist_has_the_data_beside_the_sources(built):
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert data_files() <= names
    assert {"server/psolink/cli.py", "LICENSE", "NOTICE", "README.md"} <= names


def test_an_editable_install_finds_the_data_of_the_checkout():
    assert [artifact_dir(name) for name in DATA] == [ROOT / name for name in DATA]
