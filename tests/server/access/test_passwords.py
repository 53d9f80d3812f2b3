"""Passwords: which are right, what is remembered, how often one may be wrong, and what nobody can tell."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import bcrypt
import pytest

from exporter.server.access.passwords import FAILURES, FORGIVEN_EVERY, Passwords, Verdict, matches_hash
from tests.metrics.make import StoppedClock

HERE = "10.0.0.1"


def hashed(password: bytes) -> bytes:
    return bcrypt.hashpw(password, bcrypt.gensalt(4))


USERS: Mapping[bytes, bytes] = {b"alice": hashed(b"open sesame"), b"bob": hashed(b"")}


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def passwords(clock: StoppedClock) -> AsyncIterator[Passwords]:
    made = Passwords(clock)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "password", "verdict"),
    [
        (b"alice", b"open sesame", Verdict.RIGHT),
        (b"bob", b"", Verdict.RIGHT),
        (b"alice", b"", Verdict.WRONG),
        (b"alice", b"open sesame ", Verdict.WRONG),
        (b"alice", b"\0", Verdict.WRONG),
        (b"Alice", b"open sesame", Verdict.WRONG),
        (b"mallory", b"open sesame", Verdict.WRONG),
        (b"", b"", Verdict.WRONG),
    ],
)
async def test_a_password(passwords: Passwords, name: bytes, password: bytes, verdict: Verdict) -> None:
    assert await passwords.check(USERS, name, password, HERE) is verdict
    assert await passwords.check(USERS, name, password, HERE) is verdict


async def test_so_many_wrong_ones_and_no_more(passwords: Passwords, clock: StoppedClock) -> None:
    for _ in range(FAILURES):
        assert await passwords.check(USERS, b"alice", b"wrong", HERE) is Verdict.WRONG
    assert await passwords.check(USERS, b"alice", b"open sesame", HERE) is Verdict.TOO_OFTEN
    assert await passwords.check(USERS, b"alice", b"open sesame", "10.0.0.2") is Verdict.RIGHT
    clock.monotonic += int(FORGIVEN_EVERY * 1e9)
    assert await passwords.check(USERS, b"bob", b"", HERE) is Verdict.RIGHT


async def test_many_wrong_ones_at_once_count_too(passwords: Passwords) -> None:
    tries = [passwords.check(USERS, b"alice", b"wrong", HERE) for _ in range(FAILURES + 5)]
    verdicts = await asyncio.gather(*tries)
    assert verdicts.count(Verdict.WRONG) == FAILURES
    assert verdicts.count(Verdict.TOO_OFTEN) == 5


async def test_right_ones_are_never_too_often(passwords: Passwords) -> None:
    for _ in range(2 * FAILURES):
        assert await passwords.check(USERS, b"alice", b"open sesame", HERE) is Verdict.RIGHT


async def test_who_was_right_is_let_in_while_others_at_the_address_guess(passwords: Passwords) -> None:
    await passwords.check(USERS, b"alice", b"open sesame", HERE)
    for _ in range(FAILURES + 1):
        await passwords.check(USERS, b"alice", b"wrong", HERE)
    assert await passwords.check(USERS, b"alice", b"open sesame", HERE) is Verdict.RIGHT


async def test_a_password_that_was_changed_or_taken_away_is_wrong_at_once(passwords: Passwords) -> None:
    await passwords.check(USERS, b"alice", b"open sesame", HERE)
    changed = {b"alice": hashed(b"another")}
    assert await passwords.check(changed, b"alice", b"open sesame", HERE) is Verdict.WRONG
    assert await passwords.check({b"bob": USERS[b"bob"]}, b"alice", b"open sesame", HERE) is Verdict.WRONG


async def test_neither_password_nor_hash_is_kept(passwords: Passwords) -> None:
    await passwords.check(USERS, b"alice", b"open sesame", HERE)
    kept = b"".join(passwords._right)
    assert kept
    assert b"sesame" not in kept
    assert USERS[b"alice"] not in kept


async def test_an_unknown_name_costs_what_a_known_one_costs(passwords: Passwords) -> None:
    """It is looked at too, against a hash of the file, and for one name always the same."""
    stand_ins = {passwords._choose_stand_in(USERS, b"mallory") for _ in range(5)}
    assert len(stand_ins) == 1
    assert stand_ins <= set(USERS.values())


async def test_the_event_loop_goes_on(passwords: Passwords) -> None:
    slow = {b"alice": bcrypt.hashpw(b"x", bcrypt.gensalt(11))}
    looking = asyncio.create_task(passwords.check(slow, b"alice", b"x", HERE))
    turns = 0
    while not looking.done():
        await asyncio.sleep(0)
        turns += 1
    assert await looking is Verdict.RIGHT
    assert turns > 10


@pytest.mark.parametrize("prefix", [b"$2a$", b"$2b$", b"$2y$"])
def test_every_form_of_hash(prefix: bytes) -> None:
    assert matches_hash(b"open sesame", prefix + USERS[b"alice"][4:])


def test_beyond_72_bytes_nothing_counts_as_elsewhere() -> None:
    assert matches_hash(b"a" * 72 + b"b" * 900, hashed(b"a" * 72))
