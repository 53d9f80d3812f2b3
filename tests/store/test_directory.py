"""The folder: whose it is, and what is set aside in it."""

from pathlib import Path

import pytest

from exporter.core.errors import UsageError
from exporter.store.directory import Directory, Owner


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "a" / "b")
    assert directory.folder.stat().st_mode & 0o777 == 0o700
    directory.close()


def test_who_has_it_is_told(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    directory.publish_url("http://localhost:1/")
    assert Owner.read(tmp_path).url == "http://localhost:1/"
    with pytest.raises(UsageError, match="--state-dir"):
        Directory(tmp_path)
    directory.close()
    Directory(tmp_path).close()


@pytest.mark.parametrize("left", [None, "", "[]", '{"pid": "x"}'])
def test_an_owner_that_left_no_word(tmp_path: Path, left: str | None) -> None:
    if left is not None:
        (tmp_path / "lock").write_text(left)
    assert str(Owner.read(tmp_path)) == ""


def test_all_files_of_a_database_are_set_aside(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"state.db{ending}").write_text(ending)
    aside = directory.set_aside(0.0)
    assert aside == tmp_path / "state.db.19700101T000000.000000Z"
    assert sorted(path.name for path in tmp_path.glob("state.db*")) == [
        f"{aside.name}{end}" for end in ("", "-shm", "-wal")
    ]
    assert directory.set_aside(1.0) is None, "there is nothing left to rename"
    directory.close()
