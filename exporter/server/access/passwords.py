"""Checks passwords against bcrypt hashes: off the event loop, one at a time, each right one once.

What can be told from outside: right or wrong, nothing more. A name that is not known costs what a known one costs.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from hashlib import blake2b

import bcrypt

from exporter.core.clock import Clock
from exporter.server.access.token_buckets import AddressBuckets

FAILURES = 10
"""Wrong passwords from one address that are looked at in a row."""

FORGIVEN_EVERY = 5.0
"""Seconds after which one address may be wrong once more."""

WAITING = 64
"""Passwords that wait to be looked at, of all addresses."""

REMEMBERED = 256
"""Right passwords that are not looked at again."""

LONGEST = 72
"""Bytes of a password that bcrypt looks at."""


class Verdict(Enum):
    """What came of a password."""

    RIGHT = auto()
    WRONG = auto()
    TOO_OFTEN = auto()
    TOO_MANY = auto()


class Passwords:
    """Remembers right passwords by a keyed digest: neither they nor anything made of them alone is kept."""

    def __init__(self, clock: Clock) -> None:
        self._key = os.urandom(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._failures = AddressBuckets(FORGIVEN_EVERY, FAILURES, clock)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")
        self._waiting = 0

    async def check(self, users: Mapping[bytes, bytes], name: bytes, password: bytes, address: str) -> Verdict:
        """Return whether this is the password of that user; `users` are names and bcrypt hashes, at least one."""
        hashed = users.get(name, self._choose_stand_in(users, name))
        digest = self._make_digest(name, hashed, password)
        if name in users and digest in self._right:
            self._right.move_to_end(digest)
            return Verdict.RIGHT
        bucket = self._failures.get_bucket(address)
        if self._waiting >= WAITING:
            return Verdict.TOO_MANY
        # Taken before the look, so that many at once count too.
        if not bucket.take():
            return Verdict.TOO_OFTEN
        fits = await self._compare(password, hashed)
        if name not in users or not fits:
            return Verdict.WRONG
        bucket.give_back()
        self._remember(digest)
        return Verdict.RIGHT

    def close(self) -> None:
        """Look at no more passwords."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _compare(self, password: bytes, hashed: bytes) -> bool:
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, matches_hash, password, hashed)
        finally:
            self._waiting -= 1

    def _choose_stand_in(self, users: Mapping[bytes, bytes], name: bytes) -> bytes:
        """Choose a hash to compare with for an unknown name: the same each time, so the time reveals nothing."""
        hashes = sorted(users.values())
        place = int.from_bytes(blake2b(name, key=self._key, digest_size=8).digest(), "big")
        return hashes[place % len(hashes)]

    def _make_digest(self, *parts: bytes) -> bytes:
        digest = blake2b(key=self._key, digest_size=32)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()

    def _remember(self, digest: bytes) -> None:
        self._right[digest] = None
        if len(self._right) > REMEMBERED:
            self._right.popitem(last=False)


def matches_hash(password: bytes, hashed: bytes) -> bool:
    """Return whether the password has this hash. One that bcrypt takes for none has not."""
    try:
        return bcrypt.checkpw(password[:LONGEST], hashed)
    except ValueError:
        return False
