"""Copies of the file: made while an engine writes, checked, and put back."""

import threading

import pytest

from psolink.embedded.backup import REPLACED, UnusableBackup, back_up, check, restore
from psolink.embedded.engine import Engine
from psolink.embedded.server import FolderInUse, lock_folder
from psolink.embedded.storage import FILE_NAME


def unseen(_done, _total):
    """Progress that nobody looks at."""


@pytest.fixture
def copy(tmp_path, command):
    command.index("a")
    command.insert(*({"_id": number, "a": "x" * 500} for number in range(200)))
    target = tmp_path / "copy.sqlite"
    assert back_up(tmp_path, target, unseen) == 200
    return target


def test_a_copy_is_one_private_file(copy):
    assert copy.stat().st_mode & 0o077 == 0
    assert sorted(each.name for each in copy.parent.glob("copy*")) == ["copy.sqlite"]


def test_a_copy_made_while_others_write_is_of_one_moment(tmp_path, engine, command):
    command.insert(*({"_id": number, "a": "x" * 4000} for number in range(2_000)))
    stop = threading.Event()

    def write():
        number = 10_000
        while not stop.is_set():
            command("insert", "pairs", documents=[{"_id": number}, {"_id": -number}])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    back_up(tmp_path, tmp_path / "copy.sqlite", unseen)
    stop.set()
    writer.join()
    folder = tmp_path / "other"
    restore(tmp_path / "copy.sqlite", folder, unseen)
    other = Engine.open(folder)
    with other.storage.snapshot() as snapshot:
        counts = {
            str(each.namespace): snapshot.count(each) for each in snapshot.catalogue.within("test")
        }
    other.close()
    assert counts["test.c"] == 2_000
    assert counts.get("test.pairs", 0) % 2 == 0


def test_progress_ends_with_everything(tmp_path, copy):
    seen = []
    back_up(tmp_path, copy, lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 0


def test_what_is_restored_is_what_was_copied(tmp_path, engine, command, copy):
    command("delete", "c", deletes=[{"q": {}, "limit": 0}])
    engine.close()
    assert restore(copy, tmp_path, unseen) == 200
    again = Engine.open(tmp_path)
    with again.storage.snapshot() as snapshot:
        [collection] = snapshot.catalogue.within("test")
        assert snapshot.count(collection) == 200
        assert [index.name for index in collection.indexes] == ["a"]
    again.close()


def test_what_was_there_before_is_kept(tmp_path, engine, command, copy):
    command.insert({"_id": "later"})
    engine.close()
    restore(copy, tmp_path, unseen)
    assert check(tmp_path / REPLACED) == 201


def test_nothing_is_restored_while_an_engine_has_the_folder(tmp_path, copy):
    with lock_folder(tmp_path), pytest.raises(FolderInUse):
        restore(copy, tmp_path, unseen)


def damaged(copy):
    content = bytearray(copy.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(damaged, "damaged", id="a damaged copy"),
        pytest.param(lambda _: b"no database" * 500, "damaged", id="no database"),
        pytest.param(lambda copy: copy.read_bytes()[:5000], "damaged", id="half a copy"),
        pytest.param(lambda _: b"", "none of the embedded engine", id="an empty file"),
    ],
)
def test_what_is_no_sound_copy_is_refused_and_changes_nothing(
    tmp_path, engine, copy, content, what
):
    engine.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    copy.write_bytes(content(copy))
    with pytest.raises(UnusableBackup, match=what):
        restore(copy, tmp_path, unseen)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_folder_without_a_database_has_nothing_to_copy(tmp_path):
    with pytest.raises(UnusableBackup, match="holds no database"):
        back_up(tmp_path / "empty", tmp_path / "copy", unseen)
