"""Read files that users name: bounded in size and in time, whatever the path leads to."""

import errno
import os
import select
import stat
from pathlib import Path

from exporter.core.clock import SystemClock

PIPE_PATIENCE = 5.0
"""Seconds to wait for the writer of a pipe, such as a shell's process substitution."""

_PIECE = 1 << 16


def read_bounded(path: Path, most: int, patience: float = PIPE_PATIENCE) -> bytes:
    """Return the content of a file of at most `most` bytes.

    Regular files and pipes are read; a pipe must be written and closed within `patience` seconds. Raises OSError, whose
    `strerror` completes "cannot be read (...)": for a larger file, a directory, a device, a silent pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise OSError(errno.EINVAL, "neither a regular file nor a pipe", str(path))
        return _read(descriptor, most, path, patience if stat.S_ISFIFO(mode) else None)
    finally:
        os.close(descriptor)


def _read(descriptor: int, most: int, path: Path, patience: float | None) -> bytes:
    """Read to the end; `patience` None is for a file, which never makes one wait."""
    give_up_at = None if patience is None else SystemClock().monotonic_ns() / 1e9 + patience
    pieces: list[bytes] = []
    size = 0
    while True:
        if give_up_at is not None and not _wait_readable(descriptor, give_up_at):
            raise TimeoutError(errno.ETIMEDOUT, "a pipe that is not written and closed in time", str(path))
        piece = os.read(descriptor, min(_PIECE, most + 1 - size))
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise OSError(errno.EFBIG, f"larger than {most} bytes", str(path))
        if not piece:
            return b"".join(pieces)


def _wait_readable(descriptor: int, give_up_at: float) -> bool:
    """Wait until a pipe has data or its last writer closed it; a pipe that was never opened for writing has neither."""
    seconds = give_up_at - SystemClock().monotonic_ns() / 1e9
    if seconds <= 0:
        return False
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
