"""What a run has written into a file system: two pictures of it, compared."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    """What is kept of a file or folder. The time of a folder changes with every name in it, if only for a moment."""

    mode: int
    owner: int
    size: int
    changed_ns: int


def picture(root: Path) -> dict[str, Entry]:
    """Every file and folder below `root` by its path in it, links not followed."""
    return {str(path.relative_to(root)): _entry(path) for path in (root, *_below(root))}


def differences(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> set[str]:
    """The paths that came, went or changed."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def outside(paths: set[str], folders: tuple[str, ...]) -> set[str]:
    """The paths that are neither one of the folders nor in one."""
    return {path for path in paths if not any(path == each or path.startswith(f"{each}/") for each in folders)}


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        yield from (Path(folder, name) for name in (*folders, *files))


def _entry(path: Path) -> Entry:
    seen = path.lstat()
    return Entry(seen.st_mode, seen.st_uid, seen.st_size, seen.st_mtime_ns)
