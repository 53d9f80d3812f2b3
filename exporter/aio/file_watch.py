"""Notices that files changed, by looking at them once a second.

Looking beats being told here: what Kubernetes mounts changes by a link two folders up, network file systems and
single-file mounts tell nothing, and editors put a new file in the place of the old. `stat` follows every link, costs
microseconds and needs no library.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

EVERY = 1.0
"""Seconds between two looks. A change is reported once two looks agree, so that no half-written file is read."""

Mark = tuple[int, ...] | None
"""What changes when a file does; None where there is none."""


class FileWatch:
    """Tells `changed` which of `files` changed. `files` is asked anew each time, as a reload may name others."""

    def __init__(
        self, files: Callable[[], Iterable[Path]], changed: Callable[[frozenset[Path]], Awaitable[object]]
    ) -> None:
        self._files = files
        self._changed = changed
        self._known: dict[Path, Mark] = {}
        self._seen: Mapping[Path, Mark] = {}

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.find_changes()
            await asyncio.sleep(EVERY)

    def mark_known(self, files: Iterable[Path]) -> None:
        """Take these files as they are now for known: they are about to be read."""
        self._known |= mark_files(files)

    async def find_changes(self) -> None:
        """Look once. On a thread, as a file system may hang."""
        found = await asyncio.to_thread(mark_files, tuple(self._files()))
        before, self._seen = self._seen, found
        self._known = {path: self._known.get(path, mark) for path, mark in found.items()}
        settled = {
            path: mark for path, mark in found.items() if mark != self._known[path] and before.get(path, ()) == mark
        }
        if settled:
            self._known |= settled
            await self._changed(frozenset(settled))


def mark_files(files: Iterable[Path]) -> dict[Path, Mark]:
    """Return the mark of each file."""
    return {path: _mark(path) for path in files}


def _mark(path: Path) -> Mark:
    try:
        told = path.stat()
    except OSError:
        return None
    return (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
