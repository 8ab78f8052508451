from pathlib import Path

import pytest

from psolink.security.private_files import (
    InsecureFile,
    create_private,
    read_private,
    write_private,
)


def test_a_private_file_is_readable_by_its_owner_only(tmp_path: Path):
    write_private(tmp_path / "secret", "text")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_writing_replaces_the_file_and_leaves_nothing_beside_it(tmp_path: Path):
    (tmp_path / "secret").write_text("old")
    write_private(tmp_path / "secret", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("secret", "new")]


def test_a_replaced_file_loses_the_access_that_others_had(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("old")
    secret.chmod(0o644)
    write_private(secret, "new")
    assert secret.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    secret = tmp_path / "secret"
    write_private(secret, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(secret, "new \ud800")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("secret", "old")]


def test_missing_folders_are_made(tmp_path: Path):
    write_private(tmp_path / "data" / "keys" / "secret", "text")
    assert read_private(tmp_path / "data" / "keys" / "secret") == "text"


def test_creating_makes_a_private_file(tmp_path: Path):
    assert create_private(tmp_path / "secret", "text")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_creating_leaves_a_file_that_is_there(tmp_path: Path):
    create_private(tmp_path / "secret", "first")
    assert not create_private(tmp_path / "secret", "second")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("secret", "first")]


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o601])
def test_a_file_that_is_open_to_everyone_is_refused_with_the_remedy(tmp_path: Path, mode: int):
    secret = tmp_path / "secret"
    write_private(secret, "text")
    secret.chmod(mode)
    with pytest.raises(InsecureFile, match="chmod 600"):
        read_private(secret)


def test_a_file_of_owner_and_group_is_read(tmp_path: Path):
    write_private(tmp_path / "secret", "text")
    (tmp_path / "secret").chmod(0o440)
    assert read_private(tmp_path / "secret") == "text"
