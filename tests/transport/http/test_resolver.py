"""Looking names up: addresses in the system's order, errors as errors, nobody held up by a dead name server."""

import asyncio
import contextlib
import socket
import threading
from collections import Counter

import pytest
from aiohttp.abc import ResolveResult

from exporter.transport.http.resolver import MOST_AT_ONCE, MOST_PER_NAME, ThreadPerLookup, _look_up_addresses


async def test_a_name_has_addresses() -> None:
    found = await ThreadPerLookup().resolve("localhost", 8080)
    assert ("127.0.0.1", 8080, socket.AF_INET) in [(each["host"], each["port"], each["family"]) for each in found]
    assert {each["hostname"] for each in found} == {"localhost"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("nowhere.invalid", socket.gaierror, id="unknown"),
        pytest.param("a" * 70 + ".example", OSError, id="no host name"),
    ],
)
async def test_no_addresses_is_an_error(name: str, kind: type[OSError]) -> None:
    with pytest.raises(kind, match=r"(?i)name|node"):
        await ThreadPerLookup().resolve(name)


async def test_nobody_waits_for_a_lookup_that_was_given_up() -> None:
    resolver = ThreadPerLookup()
    lookup = asyncio.create_task(resolver.resolve("localhost"))
    await asyncio.sleep(0)
    lookup.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lookup
    assert await resolver.resolve("localhost")


class NameServer:
    """Looks names up when the test says so; `asked` counts the lookups of each name."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked: Counter[str] = Counter()

    def look_up(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        self.asked[host] += 1
        if host != "localhost":
            self.answers.wait(20)
        return _look_up_addresses("localhost", port, family)


async def test_a_name_that_hangs_leaves_room_for_others() -> None:
    server = NameServer()
    resolver = ThreadPerLookup(server.look_up)
    hanging = [asyncio.create_task(resolver.resolve("slow.example")) for _ in range(MOST_AT_ONCE + 1)]
    await asyncio.sleep(0)
    assert await resolver.resolve("localhost")
    for each in hanging[: MOST_AT_ONCE // 2]:
        each.cancel()
    server.answers.set()

    found = await asyncio.gather(*hanging, return_exceptions=True)
    assert server.asked["slow.example"] == MOST_PER_NAME
    assert [type(each) for each in found[MOST_AT_ONCE // 2 :]] == [list] * (MOST_AT_ONCE // 2 + 1)


async def test_lookups_are_limited() -> None:
    server = NameServer()
    resolver = ThreadPerLookup(server.look_up)
    lookups = [asyncio.create_task(resolver.resolve(f"slow{at}.example")) for at in range(MOST_AT_ONCE + 1)]
    done, _ = await asyncio.wait(lookups, return_when=asyncio.FIRST_COMPLETED)
    (refused,) = done
    with pytest.raises(OSError, match="name server"):
        refused.result()
    server.answers.set()
    await asyncio.gather(*lookups, return_exceptions=True)
    assert await resolver.resolve("localhost")


def test_a_lookup_does_not_keep_the_process() -> None:
    begun = threading.Event()

    async def look_up() -> None:
        lookup = asyncio.create_task(ThreadPerLookup().resolve("localhost"))
        await asyncio.sleep(0)
        begun.set()
        lookup.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await lookup

    asyncio.run(look_up())
    assert begun.is_set()
    assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("resolve-"))
