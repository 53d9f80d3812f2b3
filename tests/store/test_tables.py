"""How the file is opened."""

from pathlib import Path

import pytest

from exporter.store.tables import VERSION, DamagedError, NewerError, connect


def test_a_file_is_made_and_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        connection = connect(tmp_path / "state.db")
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "a commit is on the disk"
        connection.close()


def test_a_damaged_page_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    connection = connect(path)
    connection.executemany("INSERT INTO states VALUES (?, 'x', 0, 0)", [(f"{n}" * 50,) for n in range(500)])
    connection.close()
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        connect(path)


def test_a_later_version_is_seen(tmp_path: Path) -> None:
    connection = connect(tmp_path / "state.db")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(NewerError):
        connect(tmp_path / "state.db")
