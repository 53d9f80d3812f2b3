"""The moments of a request as its connection tells them: which belong to it, in which order, how sure."""

import ssl

import pytest

from exporter.core.clock import SystemClock
from exporter.transport import HttpTransport
from exporter.transport.timing.timings import Timings
from tests.fakes.certificates import Authority
from tests.fakes.script import STREAM_HEADERS, Close, Hang, Script, Send, Wait, chunk, head, stream
from tests.fakes.server import FakeServer
from tests.transport.asking import DONE, GOOD, ROLE, ask, delta, provider


def test_before_anything_happened_nothing_is_known() -> None:
    record = Timings(SystemClock(), kernel=False)
    moments = record.to_moments(record.t0 + 5)
    assert {moments.resolved, moments.connected, moments.secured, moments.sent, moments.first_byte} == {None}
    assert (record.has_kernel_stamps, record.read_delay, record.reused) == (False, 0.0, False)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
async def test_the_handshake_ends_before_the_request_and_tickets_are_no_answer(
    transport: HttpTransport, authority: Authority, version: ssl.TLSVersion
) -> None:
    """A server of TLS 1.3 sends session tickets before the answer: they must not pass for its first byte."""
    tls = authority.server()
    tls.minimum_version = tls.maximum_version = version
    async with FakeServer([Wait(0.05), *stream(*GOOD)], tls=tls) as server:
        seen = await ask(transport, provider(server.url, ca_file=authority.ca_file))
        answered = server.requests[0].written[0].before_ns - server.requests[0].arrived_ns
    moments = seen.moments
    assert moments.connected is not None
    assert moments.secured is not None
    assert moments.sent is not None
    assert moments.first_byte is not None
    assert moments.connected < moments.secured < moments.sent
    assert moments.first_byte - moments.sent >= answered / 1e9 - 0.001


async def test_of_two_addresses_the_one_that_answered_counts(transport: HttpTransport) -> None:
    """`localhost` is often two addresses, of which only one has a server here."""
    async with FakeServer(stream(*GOOD)) as server:
        seen = await ask(transport, provider(f"http://localhost:{server.port}"))
    assert seen.failure is None
    assert seen.moments.resolved is not None
    assert seen.moments.connected is not None
    assert 0 < seen.moments.resolved <= seen.moments.connected


async def test_a_failure_after_the_request_keeps_what_was_reached(transport: HttpTransport) -> None:
    async with FakeServer([Send(head(200, STREAM_HEADERS) + chunk(ROLE)), Close()]) as server:
        seen = await ask(transport, provider(server.url))
    assert seen.failure is not None
    assert seen.moments.first_byte is not None
    assert seen.moments.first_byte <= seen.ended


async def test_the_longest_wait_for_us_is_told(transport: HttpTransport) -> None:
    """The kernel's stamp and the moment we read: while this test's own loop is held, nobody reads."""
    if transport.clock_source != "kernel":
        pytest.skip("only the kernel tells")
    script: Script = [Send(head(200, STREAM_HEADERS)), Send(chunk(ROLE + delta("one", "stop") + DONE)), Hang()]
    async with FakeServer(script) as server:
        seen = await ask(transport, provider(server.url))
    assert 0 < seen.stall < seen.ended
