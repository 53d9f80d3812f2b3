"""Files that users name are read within bounds, whatever the path leads to."""

import os
import threading
from pathlib import Path

import pytest

from exporter.aio.bounded_file import read_bounded


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    assert read_bounded(path, 100) == b"x" * 100
    with pytest.raises(OSError, match="larger than 99 bytes"):
        read_bounded(path, 99)


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    """Kubernetes mounts secrets as links to links."""
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "key").write_text("k")
    (tmp_path / "key").symlink_to("..data/key")
    assert read_bounded(tmp_path / "key", 10) == b"k"


def test_a_sparse_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match="larger than"):
        read_bounded(path, 1000)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/urandom", "/dev/full", "/dev/null"])
def test_a_device_is_refused(path: str) -> None:
    with pytest.raises(OSError, match="neither a regular file nor a pipe"):
        read_bounded(Path(path), 1000)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_bounded(tmp_path, 1000)


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        read_bounded(tmp_path / "a", 1000)


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """A shell's process substitution, `--config.file <(...)`, is a pipe."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"providers:\n" * 10_000,))
    writer.start()
    assert read_bounded(path, 1_000_000) == b"providers:\n" * 10_000
    writer.join()


def test_a_pipe_that_nobody_writes_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with (
        os.fdopen(os.open(path, os.O_RDWR), "rb", buffering=0),
        pytest.raises(TimeoutError, match="not written and closed in time"),
    ):
        read_bounded(path, 1000, patience=0.05)
