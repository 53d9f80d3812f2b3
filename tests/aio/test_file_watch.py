"""Files that change: told once they look the same twice, however they were replaced."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from exporter.aio.file_watch import FileWatch


@dataclass
class Watched:
    """A watch over files, and what it told."""

    files: list[Path]
    told: list[frozenset[Path]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = FileWatch(lambda: self.files, self.changed)

    async def changed(self, files: frozenset[Path]) -> None:
        self.told.append(files)

    async def looks(self, times: int) -> list[frozenset[Path]]:
        for _ in range(times):
            await self.watch.find_changes()
        return self.told


def rewritten(path: Path) -> None:
    path.write_text("something longer")


def replaced(path: Path) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text("b")
    fresh.replace(path)


def removed(path: Path) -> None:
    path.unlink()


def touched(path: Path) -> None:
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("change", [rewritten, replaced, removed, touched])
async def test_a_change_is_told_once(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "exporter.yml"
    path.write_text("a")
    watched = Watched([path])
    assert await watched.looks(3) == []
    change(path)
    assert await watched.looks(1) == []
    assert await watched.looks(4) == [frozenset({path})]


async def test_a_file_that_is_still_being_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "exporter.yml"
    path.write_text("a")
    watched = Watched([path])
    await watched.looks(2)
    for size in (2, 3, 4):
        path.write_text("a" * size)
        assert await watched.looks(1) == []
    assert await watched.looks(1) == [frozenset({path})]


async def test_what_kubernetes_mounts_changes_by_a_link_above_it(tmp_path: Path) -> None:
    """A ConfigMap: the file links to `..data/file`, `..data` to a folder of one version, and that link is swapped."""
    for version in ("..2024_1", "..2024_2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "exporter.yml").write_text(version)
    (tmp_path / "..data").symlink_to("..2024_1")
    path = tmp_path / "exporter.yml"
    path.symlink_to("..data/exporter.yml")
    watched = Watched([path])
    await watched.looks(2)
    (tmp_path / "..data_tmp").symlink_to("..2024_2")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    assert await watched.looks(2) == [frozenset({path})]


async def test_a_file_that_appears_later_is_told(tmp_path: Path) -> None:
    path = tmp_path / "exporter.yml"
    watched = Watched([path])
    await watched.looks(2)
    path.write_text("a")
    assert await watched.looks(2) == [frozenset({path})]


async def test_files_that_change_together_are_told_together(tmp_path: Path) -> None:
    pair = [tmp_path / "tls.crt", tmp_path / "tls.key"]
    for path in pair:
        path.write_text("a")
    watched = Watched(pair)
    await watched.looks(1)
    for path in pair:
        path.write_text("bb")
    assert await watched.looks(2) == [frozenset(pair)]


async def test_a_file_that_joins_is_known_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("a")
    watched = Watched([])
    await watched.looks(2)
    watched.files.append(path)
    assert await watched.looks(3) == []


async def test_a_change_between_the_reading_and_the_first_look_is_told(tmp_path: Path) -> None:
    path = tmp_path / "exporter.yml"
    path.write_text("a")
    watched = Watched([path])
    watched.watch.mark_known([path])
    path.write_text("bb")
    assert await watched.looks(2) == [frozenset({path})]


async def test_it_looks_again_and_again(tmp_path: Path) -> None:
    looked = asyncio.Event()
    looks: list[int] = []

    def files() -> list[Path]:
        looks.append(1)
        if len(looks) == 2:
            looked.set()
        return []

    watching = asyncio.create_task(FileWatch(files, Watched([]).changed).run())
    await looked.wait()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
