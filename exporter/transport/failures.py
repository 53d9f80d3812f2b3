"""What can go wrong on the way to an answer, as one table: exceptions in, reasons of ours out.

Rows are tried from the top; the first whose exception and stage fit wins, so the special stand before the general.
Choices to know:

* A connection that stood and was closed in good order without an answer is `invalid_response` (the server chose to
  say nothing: the provider's fault); one that was reset is `connect` (something on the way broke it: the network's).
* An answer with status 2xx that ends too early is `stream_interrupted`, streamed or not; one that breaks the rules of
  HTTP is `invalid_response`.
* A connection lost between TCP and the first request is `tls` when TLS was being spoken.
* A proxy that answers 403 or 407 to CONNECT wants something of us; other statuses are the network's.

Details are made of our own words and of what the system, the TLS library or the parser of HTTP said, never of the text
of other exceptions: that may hold a proxy's password.
"""

import errno
import os
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum

from exporter.core.outcome import Failure, Fault, Reason


class SetupError(Exception):
    """A request that cannot even be sent, as a rule because of our own settings; it becomes a failure."""

    def __init__(self, reason: Reason, detail: str, fault: Fault = Fault.US) -> None:
        super().__init__(detail)
        self.failure = Failure(reason=reason, detail=detail, fault=fault)


class WireError(Exception):
    """The root of what this package itself finds wrong with a connection or an answer."""


class LookupFailedError(WireError):
    """A name has no address; the cause is the system's error."""


class EndedError(WireError):
    """The other side ended the connection in good order, too early."""


class NotHttpError(WireError):
    """The bytes break the rules of HTTP; the text says which."""


class BodyError(WireError):
    """The head was fine, but the body is not what it says; the text says how."""


class ProxyRefusedError(WireError):
    """The proxy will not open a tunnel; `status` is what it answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Stage(Enum):
    """How far a request had come."""

    CONNECTING = "no connection yet"
    TUNNELLING = "the proxy is reached, its tunnel does not stand"
    SECURING = "connected; TLS does not stand"
    WAITING = "connected, no status yet"
    ANSWERING = "the answer has begun"


@dataclass(frozen=True, slots=True)
class Place:
    """Who was spoken to: a host and port, and whether that is the proxy on the way."""

    host: str
    port: int
    proxy: bool = False

    def __str__(self) -> str:
        return f"{'the proxy ' if self.proxy else ''}{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class FailureRule:
    """An exception, the stages at which this row holds, its reason, and what to say."""

    error: type[BaseException] | tuple[type[BaseException], ...]
    stages: Collection[Stage]
    reason: Reason
    says: Callable[[BaseException, Place], str]

    def matches(self, error: BaseException, stage: Stage) -> bool:
        """Return whether this row is about that exception at that stage."""
        return isinstance(error, self.error) and stage in self.stages


def _system_words(error: BaseException) -> str:
    """Return the system's own words for an error, without the exception's other arguments."""
    inside = error.__cause__ if isinstance(error, LookupFailedError) else error
    if isinstance(inside, OSError) and inside.errno is not None and inside.errno > 0:
        return os.strerror(inside.errno)
    if isinstance(inside, OSError) and inside.strerror:
        return inside.strerror
    return "no address took the connection" if type(inside) is OSError else "the connection was closed"


def _tls_words(error: BaseException, place: Place) -> str:
    said = getattr(error, "verify_message", None)
    if said is None and isinstance(error, ssl.SSLError) and error.reason:
        said = error.reason.replace("_", " ").lower()
    return f"TLS with {place}: {said or _system_words(error)}"


def _say_at_place(words: str) -> Callable[[BaseException, Place], str]:
    return lambda error, place: f"{words} {place}: {_system_words(error)}"


def _say_lost(words: str) -> Callable[[BaseException, Place], str]:
    return lambda error, _: f"{words}: {_system_words(error)}"


def _say_plainly(words: str) -> Callable[[BaseException, Place], str]:
    return lambda _error, _place: words


def _say_because(words: str) -> Callable[[BaseException, Place], str]:
    return lambda error, _: f"{words}: {str(error)[:120]}"


def _say_proxy_status(error: BaseException, _: Place) -> str:
    return f"the proxy answered {error.status if isinstance(error, ProxyRefusedError) else '?'} to CONNECT"


ANY = tuple(Stage)
_CUT = _say_plainly("cut before the end of the answer")

TABLE: tuple[FailureRule, ...] = (
    FailureRule(LookupFailedError, ANY, Reason.DNS, _say_at_place("cannot resolve")),
    FailureRule(ssl.SSLError, ANY, Reason.TLS, _tls_words),
    FailureRule(TimeoutError, [Stage.CONNECTING], Reason.TIMEOUT_CONNECT, _say_at_place("gave up connecting to")),
    FailureRule(TimeoutError, ANY, Reason.TIMEOUT_TOTAL, _say_plainly("gave up waiting")),
    FailureRule(OSError, [Stage.CONNECTING], Reason.CONNECT, _say_at_place("cannot connect to")),
    FailureRule(ProxyRefusedError, ANY, Reason.CONNECT, _say_proxy_status),
    FailureRule(EndedError, [Stage.TUNNELLING], Reason.CONNECT, _say_plainly("the proxy closed the connection")),
    FailureRule(NotHttpError, [Stage.TUNNELLING], Reason.CONNECT, _say_plainly("the proxy does not speak HTTP")),
    FailureRule((OSError, EndedError), [Stage.SECURING], Reason.TLS, _tls_words),
    FailureRule(EndedError, [Stage.WAITING], Reason.INVALID_RESPONSE, _say_plainly("closed without an answer")),
    FailureRule((OSError, EndedError), [Stage.ANSWERING], Reason.STREAM_INTERRUPTED, _CUT),
    FailureRule(OSError, ANY, Reason.CONNECT, _say_lost("lost before the answer")),
    FailureRule(BodyError, ANY, Reason.INVALID_RESPONSE, _say_because("the body breaks the rules of HTTP")),
    FailureRule(WireError, ANY, Reason.INVALID_RESPONSE, _say_because("the answer is not HTTP")),
)
"""Everything that this package, the TLS library and the system raise; nothing else is caught."""

CAUGHT: tuple[type[BaseException], ...] = (WireError, OSError)
"""The roots of the table's exceptions."""

_OURS_TO_MEND = (403, 407)


_OWN_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def explain_failure(error: BaseException, stage: Stage, place: Place) -> Failure:
    """Explain an exception at that stage, in a conversation with that place."""
    if (shortage := _find_own_shortage(error)) is not None:
        return shortage
    row = next(row for row in TABLE if row.matches(error, stage))
    ours = isinstance(error, ProxyRefusedError) and error.status in _OURS_TO_MEND
    return Failure(reason=row.reason, detail=row.says(error, place), fault=Fault.US if ours else None)


def _find_own_shortage(error: BaseException) -> Failure | None:
    """Explain a shortage on this machine: it says nothing of the vendor, so such a run is not judged."""
    inside = error.__cause__ if isinstance(error, LookupFailedError) else error
    if not isinstance(inside, OSError) or inside.errno not in _OWN_SHORTAGES:
        return None
    hint = "; raise the limit of open files (ulimit -n)" if inside.errno == errno.EMFILE else ""
    return Failure(reason=Reason.INTERNAL, detail=f"no connection could be opened here: {_system_words(error)}{hint}")
