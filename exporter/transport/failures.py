"""What can go wrong on the way to an answer, as one table: foreign exceptions in, reasons of ours out.

Rows are tried from the top; the first whose exception and stage fit wins, so the special stand before the general,
and timeouts before the connection errors that aiohttp makes of them. Choices to know:

* A connection that stood and was closed in good order without an answer is `invalid_response` (the server chose to
  say nothing: the provider's fault); one that was reset is `connect` (something on the way broke it: the network's).
* An answer with status 2xx that ends too early is `stream_interrupted`, streamed or not; one that breaks the rules of
  HTTP while the connection still stands is `invalid_response`.
* A connection lost between TCP and the first request is `tls` when TLS was being spoken.
* A proxy that answers 403 or 407 to CONNECT wants something of us; other statuses are the network's.

Details are made of our own words and of what the system or the TLS library said, never of an exception's text: that
may hold a proxy's password.
"""

import os
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from exporter.outcome import Failure, Fault, Reason


class SetupError(Exception):
    """A request that cannot even be sent, as a rule because of our own settings; it becomes a failure."""

    def __init__(self, reason: Reason, detail: str, fault: Fault = Fault.US) -> None:
        super().__init__(detail)
        self.failure = Failure(reason=reason, detail=detail, fault=fault)


class Stage(Enum):
    """How far a request had come."""

    CONNECTING = "no connection yet"
    SECURING = "TCP stands; TLS or a proxy's tunnel does not"
    WAITING = "connected, no status yet"
    ANSWERING = "the answer has begun, the connection stands"
    CUT = "the answer has begun, the connection is over"


@dataclass(frozen=True, slots=True)
class Row:
    """An exception, the stages at which this row holds, its reason, what to say, and what must be wrapped inside."""

    error: type[BaseException] | tuple[type[BaseException], ...]
    stages: Collection[Stage]
    reason: Reason
    says: Callable[[BaseException], str]
    inside: type[BaseException] = BaseException

    def fits(self, error: BaseException, stage: Stage) -> bool:
        """Whether this row is about that exception at that stage."""
        return isinstance(error, self.error) and stage in self.stages and isinstance(_inside(error), self.inside)


def _inside(error: BaseException) -> BaseException:
    """What aiohttp wrapped, where it did."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    return error.__cause__ if isinstance(error.__cause__, OSError) else error


def _place(error: BaseException) -> str:
    return f" {error.host}:{error.port}" if isinstance(error, aiohttp.ClientConnectorError) else ""


def _system(error: BaseException) -> str:
    """The system's own words for an error, without the exception's other arguments."""
    inside = _inside(error)
    if isinstance(inside, OSError) and inside.errno is not None and inside.errno > 0:
        return os.strerror(inside.errno)
    if isinstance(inside, OSError) and inside.strerror:
        return inside.strerror
    return "the connection was closed" if isinstance(inside, ConnectionError) else type(inside).__name__


def _tls(error: BaseException) -> str:
    inside = _inside(error)
    said = getattr(inside, "verify_message", None)
    if said is None and isinstance(inside, ssl.SSLError) and inside.reason:
        said = inside.reason.replace("_", " ").lower()
    return f"TLS with{_place(error) or ' the server'}: {said or _system(error)}"


def _lost(words: str) -> Callable[[BaseException], str]:
    return lambda error: f"{words}{_place(error)}: {_system(error)}"


def _plain(words: str) -> Callable[[BaseException], str]:
    return lambda _: words


def _bad_http(error: BaseException) -> str:
    lines = str(getattr(error, "message", "")).strip().splitlines()
    return f"the answer is not HTTP: {lines[0][:120]}" if lines else "the answer is not HTTP"


def _proxy_status(error: BaseException) -> str:
    return f"the proxy answered {getattr(error, 'status', '?')} to CONNECT"


OPENING = (Stage.CONNECTING, Stage.SECURING)
BODY = (Stage.ANSWERING, Stage.CUT)
ANY = tuple(Stage)
LOST = (aiohttp.ClientConnectionError, OSError)

TABLE: tuple[Row, ...] = (
    Row(aiohttp.ClientConnectorDNSError, ANY, Reason.DNS, _lost("cannot resolve")),
    Row(aiohttp.ClientError, ANY, Reason.TLS, _tls, inside=ssl.SSLError),
    Row(aiohttp.ClientError, OPENING, Reason.TIMEOUT_CONNECT, _lost("gave up connecting to"), inside=TimeoutError),
    Row(TimeoutError, ANY, Reason.TIMEOUT_TOTAL, _plain("gave up waiting")),
    Row(aiohttp.ClientProxyConnectionError, ANY, Reason.CONNECT, _lost("cannot connect to the proxy")),
    Row(aiohttp.ClientHttpProxyError, ANY, Reason.CONNECT, _proxy_status),
    Row(aiohttp.ClientConnectorError, [Stage.SECURING], Reason.TLS, _tls),
    Row(aiohttp.ClientConnectorError, ANY, Reason.CONNECT, _lost("cannot connect to")),
    Row(aiohttp.ServerDisconnectedError, OPENING, Reason.CONNECT, _plain("the proxy closed the connection")),
    Row(aiohttp.ServerDisconnectedError, ANY, Reason.INVALID_RESPONSE, _plain("closed without an answer")),
    Row(
        aiohttp.ClientPayloadError,
        [Stage.ANSWERING],
        Reason.INVALID_RESPONSE,
        _plain("the body breaks the rules of HTTP"),
    ),
    Row(aiohttp.ClientPayloadError, ANY, Reason.STREAM_INTERRUPTED, _plain("cut before the end of the answer")),
    Row(aiohttp.ClientResponseError, OPENING, Reason.CONNECT, _plain("the proxy does not speak HTTP")),
    Row(aiohttp.ClientResponseError, ANY, Reason.INVALID_RESPONSE, _bad_http),
    Row(HttpProcessingError, ANY, Reason.INVALID_RESPONSE, _bad_http),
    Row(aiohttp.InvalidURL, ANY, Reason.BAD_REQUEST, _plain("the address is not one that HTTP can use")),
    Row(LOST, BODY, Reason.STREAM_INTERRUPTED, _lost("lost in the middle of the answer")),
    Row(LOST, ANY, Reason.CONNECT, _lost("lost before the answer")),
    Row(aiohttp.ClientError, ANY, Reason.INVALID_RESPONSE, _bad_http),
)
"""Everything that aiohttp, the TLS library and the system raise; nothing else is caught."""

FOREIGN: tuple[type[BaseException], ...] = (aiohttp.ClientError, HttpProcessingError, OSError)
"""The roots of the table's exceptions."""

_OURS_TO_MEND = (403, 407)


def failure_of(error: BaseException, stage: Stage) -> Failure:
    """The failure that a foreign exception means at that stage."""
    row = next(row for row in TABLE if row.fits(error, stage))
    ours = isinstance(error, aiohttp.ClientHttpProxyError) and error.status in _OURS_TO_MEND
    return Failure(reason=row.reason, detail=row.says(error), fault=Fault.US if ours else None)
