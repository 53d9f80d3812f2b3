"""Where keys are kept: nowhere, in a value fixed at load, or in a file that is read again when it changes."""

import errno
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from exporter.aio.bounded_file import read_bounded

LONGEST_KEY = 65_536
"""Bytes of a key file; service tokens reach a few thousand."""


class KeyProblem(Exception):  # noqa: N818 (it never leaves this package)
    """Why a key cannot be used, and what to do `instead`; the sentences never hold the key."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(what)
        self.instead = instead


class KnownCredential(Protocol):
    """A credential that also tells every value it ever gave, so that old ones stay masked."""

    def reveal(self) -> SecretStr | None:
        """Return the current key."""

    def list_known(self) -> Iterable[SecretStr]:
        """List every key seen so far."""


def check_key(text: str, where: str) -> SecretStr:
    """Return a key without the white space around it; `where` begins the sentence if no HTTP header can carry it.

    Raises KeyProblem.
    """
    key = text.strip()
    if not key:
        raise KeyProblem(f"{where} is empty", "put the key there, and nothing else")
    if not key.isascii() or not key.isprintable():
        raise KeyProblem(
            f"{where} holds a line break or another character that no key has", "put the key there, and nothing else"
        )
    return SecretStr(key)


@dataclass(frozen=True, slots=True)
class NoKey:
    """The provider needs none."""

    def reveal(self) -> SecretStr | None:
        return None

    def list_known(self) -> Iterable[SecretStr]:
        return ()


@dataclass(frozen=True, slots=True)
class FixedKey:
    """A key known at load, from the environment or the configuration."""

    key: SecretStr = field(repr=False)

    def reveal(self) -> SecretStr:
        return self.key

    def list_known(self) -> Iterable[SecretStr]:
        return (self.key,)


@dataclass(slots=True)
class FileKey:
    """A key in a file, read when it is first needed and again when the file changed.

    A file that cannot be read or used after it once could leaves the last key in place: secrets are replaced
    in more than one step, and a key that was revoked shows itself as an `auth` error anyway.
    """

    path: Path
    _seen: list[SecretStr] = field(default_factory=list, repr=False, compare=False)
    _mark: tuple[int, ...] | None = field(default=None, repr=False, compare=False)

    def reveal(self) -> SecretStr:
        """Return the current key. Raises KeyProblem only if the file never held a usable key."""
        try:
            mark = _mark_file(self.path)
            if mark != self._mark:
                self._read()
                self._mark = mark
        except KeyProblem:
            if not self._seen:
                raise
        return self._seen[-1]

    def list_known(self) -> Iterable[SecretStr]:
        return tuple(self._seen)

    def _read(self) -> None:
        try:
            data = read_bounded(self.path, LONGEST_KEY)
        except OSError as error:
            if error.errno == errno.EFBIG:
                raise KeyProblem(
                    f"the key file is larger than {LONGEST_KEY} bytes", "is this the right file?"
                ) from error
            raise _explain_unreadable(error) from error
        key = check_key(data.decode("utf-8", errors="replace"), "the key file")
        self._seen = [*(each for each in self._seen if each != key), key]


def _explain_unreadable(error: OSError) -> KeyProblem:
    return KeyProblem(f"the key file cannot be read ({error.strerror})", "check the path, its owner and mode")


def _mark_file(path: Path) -> tuple[int, ...]:
    """Return what changes when the file changes: its identity, its size, its times."""
    try:
        told = path.stat()
    except OSError as error:
        raise _explain_unreadable(error) from error
    if not stat.S_ISREG(told.st_mode):
        raise KeyProblem("the key file is not a regular file", "name a file that holds the key")
    return (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
