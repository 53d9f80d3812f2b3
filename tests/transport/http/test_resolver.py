"""Looking names up: addresses in the system's order, errors as errors, nobody held up by a dead name server."""

import asyncio
import contextlib
import socket
import threading

import pytest

from exporter.transport.http.resolver import MOST_AT_ONCE, ThreadPerLookup


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


async def test_lookups_are_limited() -> None:
    resolver = ThreadPerLookup()
    lookups = [asyncio.create_task(resolver.resolve("localhost")) for _ in range(MOST_AT_ONCE + 1)]
    done = await asyncio.gather(*lookups, return_exceptions=True)
    refused = [each for each in done if isinstance(each, OSError)]
    assert len(refused) == 1
    assert "name server" in str(refused[0].strerror)
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
