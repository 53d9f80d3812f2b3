"""Each row of the exception table, brought about by a server, a proxy or a name that really behaves so."""

import errno
import os
import resource
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from exporter.core.ask import ListModels
from exporter.core.outcome import Fault, Reason
from exporter.core.target import Deadlines
from exporter.transport import HttpTransport
from exporter.transport.failures import LookupFailedError, Place, Stage, WireError, explain_failure
from tests.fakes.certificates import Authority
from tests.fakes.script import (
    STREAM_HEADERS,
    Close,
    Hang,
    Repeat,
    Reset,
    Script,
    Send,
    SendRaw,
    Wait,
    chunk,
    head,
    reply,
)
from tests.fakes.server import FakeServer
from tests.transport.asking import DONE, GOOD, ROLE, ask, delta, provider

BEGUN = Send(head(200, STREAM_HEADERS))
HASTY = Deadlines(connect=0.2, first_token=5, total=5)
SHORT = Deadlines(connect=5, first_token=0.5, total=0.8)
LONG = Deadlines(connect=20, first_token=20, total=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What a server does (`greeting` on the connection, `script` on the request) and what it has to be called."""

    script: Script = ()
    greeting: Script = ()
    tls: Callable[[Authority], ssl.SSLContext] | None = None
    scheme: str = ""
    limits: Deadlines = LONG
    status: int | None = None
    reason: Reason
    says: str
    fault: Fault


def good(authority: Authority) -> ssl.SSLContext:
    return authority.server()


def expired(authority: Authority) -> ssl.SSLContext:
    return authority.server(expires_in=timedelta(days=-1))


def elsewhere(authority: Authority) -> ssl.SSLContext:
    return authority.server(host="elsewhere.example")


def asks_for_certificate(authority: Authority) -> ssl.SSLContext:
    """With TLS 1.2, where the server refuses within the handshake."""
    context = authority.server(ask_client=True)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


TLS, CONNECT, BAD = Reason.TLS, Reason.CONNECT, Reason.INVALID_RESPONSE
NET, VENDOR = Fault.NETWORK, Fault.PROVIDER
CUT = Reason.STREAM_INTERRUPTED
FIRST, TOTAL = Reason.TIMEOUT_FIRST_TOKEN, Reason.TIMEOUT_TOTAL

CAUSES = {
    "expired": Cause(tls=expired, reason=TLS, says="certificate has expired", fault=VENDOR),
    "wrong host": Cause(tls=elsewhere, reason=TLS, says="IP address mismatch", fault=NET),
    "wants a client certificate": Cause(tls=asks_for_certificate, reason=TLS, says="TLS with", fault=NET),
    "plain HTTP on a TLS port": Cause(
        greeting=[Send(head(400))], scheme="https", reason=TLS, says="wrong version number", fault=NET
    ),
    "closed in the handshake": Cause(greeting=[Close()], scheme="https", reason=TLS, says="TLS with", fault=NET),
    "reset in the handshake": Cause(greeting=[Reset()], scheme="https", reason=TLS, says="TLS with", fault=NET),
    "TLS broken before the answer": Cause(
        tls=good, script=[SendRaw(b"no TLS record"), Hang()], reason=TLS, says="wrong version number", fault=NET
    ),
    "handshake never ends": Cause(
        greeting=[Hang()],
        scheme="https",
        limits=HASTY,
        reason=Reason.TIMEOUT_CONNECT,
        says="not connected within 0.2 s",
        fault=NET,
    ),
    "reset before an answer": Cause(script=[Reset()], reason=CONNECT, says="Connection reset by peer", fault=NET),
    "closed before an answer": Cause(script=[Close()], reason=CONNECT, says="closed without an answer", fault=NET),
    "garbage": Cause(script=[Send(b"\x00\x01\x02\r\n\r\n"), Hang()], reason=BAD, says="not HTTP", fault=VENDOR),
    "speaks first, not HTTP": Cause(
        greeting=[Send(b"SSH-2.0-x\r\n")], script=[Hang()], reason=BAD, says="not HTTP", fault=VENDOR
    ),
    "huge header": Cause(
        script=[Send(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000), Hang()], reason=BAD, says="not HTTP", fault=VENDOR
    ),
    "a page": Cause(
        script=reply(b"<html>sign in</html>", headers={"content-type": "text/html"}),
        status=200,
        reason=BAD,
        says="an HTML page",
        fault=VENDOR,
    ),
    "nothing": Cause(script=reply(b""), status=200, reason=Reason.EMPTY_RESPONSE, says="empty", fault=VENDOR),
    "false compression": Cause(
        script=[Send(head(200, {**STREAM_HEADERS, "content-encoding": "gzip"}) + chunk(b"plain")), Hang()],
        status=200,
        reason=BAD,
        says="breaks the rules of HTTP",
        fault=VENDOR,
    ),
    "cut in a chunked body": Cause(
        script=[BEGUN, Send(chunk(ROLE)), Close()], status=200, reason=CUT, says="cut before the end", fault=VENDOR
    ),
    "cut short of its length": Cause(
        script=[Send(head(200, {"content-length": "900"}) + ROLE), Close()],
        status=200,
        reason=CUT,
        says="cut before the end",
        fault=VENDOR,
    ),
    "cut without a length": Cause(
        script=[Send(head(200) + ROLE), Close()], status=200, reason=CUT, says="[DONE]", fault=VENDOR
    ),
    "reset in the middle": Cause(
        script=[BEGUN, Send(chunk(ROLE)), Reset()], status=200, reason=CUT, says="cut before the end", fault=VENDOR
    ),
    "headers never": Cause(script=[Hang()], limits=SHORT, reason=FIRST, says="no output within 0.5 s", fault=VENDOR),
    "comments for ever": Cause(
        script=[BEGUN, Repeat(chunk(b": ping\n\n"), 0.01)],
        limits=SHORT,
        status=200,
        reason=FIRST,
        says="no output within 0.5 s",
        fault=VENDOR,
    ),
    "never done": Cause(
        script=[BEGUN, Send(chunk(delta("one"))), Repeat(chunk(b": ping\n\n"), 0.01)],
        limits=SHORT,
        status=200,
        reason=TOTAL,
        says="not done within 0.8 s",
        fault=VENDOR,
    ),
    "a byte now and then": Cause(
        script=[BEGUN, Repeat(chunk(b"d"), 0.05)],
        limits=SHORT,
        status=200,
        reason=FIRST,
        says="no output within 0.5 s",
        fault=VENDOR,
    ),
    "a gigabyte": Cause(
        script=[BEGUN, Repeat(chunk(b": " + b"x" * 65536 + b"\n"))],
        status=200,
        reason=Reason.TOO_LARGE,
        says="more than 8388608 bytes",
        fault=VENDOR,
    ),
    "redirected": Cause(
        script=reply(b"", 307, {"location": "https://elsewhere.example/login?next=secret"}),
        status=307,
        reason=BAD,
        says="HTTP 307 points to https://elsewhere.example/login; redirects are not followed",
        fault=Fault.US,
    ),
    "an error without a body": Cause(
        script=reply(b"", 503), status=503, reason=Reason.OVERLOADED, says="503", fault=VENDOR
    ),
    "an error, its body cut": Cause(
        script=[Send(head(429, {"content-length": "900"}) + b"{"), Close()],
        status=429,
        reason=Reason.RATE_LIMITED,
        says="{",
        fault=Fault.US,
    ),
    "an error, its body never done": Cause(
        script=[Send(head(429, {"content-length": "900"}) + b"{"), Hang()],
        limits=SHORT,
        status=429,
        reason=Reason.RATE_LIMITED,
        says="{",
        fault=Fault.US,
    ),
    "an error with a gigabyte": Cause(
        script=[Send(head(500, STREAM_HEADERS)), Repeat(chunk(b"x" * 65536))],
        status=500,
        reason=Reason.SERVER_ERROR,
        says="",
        fault=VENDOR,
    ),
}


@pytest.mark.parametrize("cause", [pytest.param(cause, id=name) for name, cause in CAUSES.items()])
async def test_what_a_server_does_has_one_name(transport: HttpTransport, authority: Authority, cause: Cause) -> None:
    tls = cause.tls(authority) if cause.tls else None
    async with FakeServer(cause.script, greeting=cause.greeting, tls=tls) as server:
        url = server.url.replace("http:", "https:") if cause.scheme == "https" else server.url
        seen = await ask(transport, provider(url, ca_file=authority.ca_file), deadlines=cause.limits)
        await server.all_closed()
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed, seen.status) == (cause.reason, cause.fault, cause.status)
    assert cause.says in seen.failure.detail
    assert seen.failure.http_status == cause.status


async def test_a_certificate_of_a_stranger_is_not_trusted(
    transport: HttpTransport, authority: Authority, tmp_path: Path
) -> None:
    strange = tmp_path / "stranger"
    strange.mkdir()
    async with FakeServer(tls=authority.server()) as server:
        seen = await ask(transport, provider(server.url, ca_file=Authority(strange).ca_file))
    assert seen.failure is not None
    assert seen.failure.reason is Reason.TLS
    assert seen.moments.connected is not None
    assert seen.moments.secured is None


async def test_a_chunk_that_is_none_ends_the_answer_at_once(transport: HttpTransport) -> None:
    script: Script = [BEGUN, Send(chunk(delta("one"))), Wait(0.05), Send(b"not a size\r\n"), Hang()]
    async with FakeServer(script) as server:
        seen = await ask(transport, provider(server.url))
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.http_status) == (BAD, 200)
    assert "chunk size" in seen.failure.detail


@pytest.mark.parametrize(
    ("url", "reason", "says"),
    [
        pytest.param("http://nowhere.invalid/v1", Reason.DNS, "cannot resolve nowhere.invalid:80", id="no such name"),
        pytest.param("http://" + "a" * 70 + ".example", Reason.DNS, "not a host name", id="no name at all"),
    ],
)
async def test_names_that_lead_nowhere(transport: HttpTransport, url: str, reason: Reason, says: str) -> None:
    seen = await ask(transport, provider(url))
    assert seen.failure is not None
    assert seen.failure.reason is reason
    assert says in seen.failure.detail
    assert (seen.moments.resolved, seen.status) == (None, None)


async def test_refused(transport: HttpTransport) -> None:
    async with FakeServer() as server:
        url = server.url
    seen = await ask(transport, provider(url))
    assert seen.failure is not None
    assert seen.failure.reason is Reason.CONNECT
    assert seen.failure.detail == f"cannot connect to 127.0.0.1:{server.port}: Connection refused"
    assert seen.moments.resolved is not None
    assert seen.moments.connected is None


async def test_a_lost_get_is_not_repeated(transport: HttpTransport) -> None:
    async with FakeServer([Close()]) as server:
        seen = await ask(transport, provider(server.url), ListModels())
    assert seen.failure is not None
    assert len(server.requests) == 1


PLACE = Place("vendor.example", 443)
MADE_HERE = {
    "the system gave up connecting (after two minutes)": (
        TimeoutError(errno.ETIMEDOUT, "Connect call failed"),
        Stage.CONNECTING,
        Reason.TIMEOUT_CONNECT,
    ),
    "the system gave up waiting for what was sent": (
        TimeoutError(errno.ETIMEDOUT, "Connection timed out"),
        Stage.WAITING,
        Reason.TIMEOUT_TOTAL,
    ),
    "every address failed, each in its own way": (OSError("Multiple exceptions: x"), Stage.CONNECTING, CONNECT),
    "lost in the middle, told by the socket": (OSError(errno.EPIPE, "x"), Stage.ANSWERING, CUT),
}


@pytest.mark.parametrize(("error", "stage", "reason"), [pytest.param(*row, id=name) for name, row in MADE_HERE.items()])
def test_what_cannot_be_brought_about_quickly(error: Exception, stage: Stage, reason: Reason) -> None:
    assert explain_failure(error, stage, PLACE).reason is reason


@pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.name)
def test_the_table_names_everything_at_every_stage(stage: Stage) -> None:
    for error in (WireError(), OSError()):
        assert isinstance(explain_failure(error, stage, PLACE).reason, Reason)


async def test_a_good_answer_is_no_failure(transport: HttpTransport) -> None:
    async with FakeServer([BEGUN, *(Send(chunk(event)) for event in (*GOOD[:-1], DONE))]) as server:
        seen = await ask(transport, provider(server.url))
    assert seen.failure is None


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
@pytest.mark.parametrize("looking_up", [True, False])
def test_what_this_machine_lacks_is_not_the_vendors_failure(number: int, *, looking_up: bool) -> None:
    error: BaseException = OSError(number, "")
    if looking_up:
        error, error.__cause__ = LookupFailedError(), error
    failure = explain_failure(error, Stage.CONNECTING, Place("vendor.example", 443))

    assert failure.reason is Reason.INTERNAL
    assert os.strerror(number) in failure.detail


async def test_a_process_without_file_descriptors_blames_nobody(transport: HttpTransport) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open("/dev/null", os.O_RDONLY)  # the lowest number that is free: every other below the limit is taken
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        seen = await ask(transport, provider("http://127.0.0.1:1/v1"), ListModels())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert seen.failure is not None
    assert (seen.failure.reason, "ulimit -n" in seen.failure.detail) == (Reason.INTERNAL, True)
