"""What can go wrong on the way to an answer, as one table: exceptions in, reasons of ours out.

Rows are tried from the top; the first whose exception and stage fit wins, so the special stand before the general.
Choices to know:

* A connection that stood and ended without an answer is `connect`, be it reset or closed: of a process that dies the
  system closes the connections in good order.
* An answer with status 2xx that ends too early is `stream_interrupted`, streamed or not; one that breaks the rules of
  HTTP is `invalid_response`.
* A connection lost between TCP and the first request is `tls` when TLS was being spoken.
* An expired certificate is the provider's trouble; one that is not trusted may be a network's that looks inside.
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


class SocksRefusedError(WireError):
    """The SOCKS proxy will not open a connection; the text says why, `ours` whether it wants something of us."""

    def __init__(self, why: str, *, ours: bool = False) -> None:
        super().__init__(why)
        self.ours = ours


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
    FailureRule(SocksRefusedError, ANY, Reason.CONNECT, _say_because("the SOCKS proxy opens no connection")),
    FailureRule(EndedError, [Stage.TUNNELLING], Reason.CONNECT, _say_plainly("the proxy closed the connection")),
    FailureRule(NotHttpError, [Stage.TUNNELLING], Reason.CONNECT, _say_plainly("the proxy does not speak HTTP")),
    FailureRule((OSError, EndedError), [Stage.SECURING], Reason.TLS, _tls_words),
    FailureRule(EndedError, [Stage.WAITING], Reason.CONNECT, _say_plainly("closed without an answer")),
    FailureRule((OSError, EndedError), [Stage.ANSWERING], Reason.STREAM_INTERRUPTED, _CUT),
    FailureRule(OSError, ANY, Reason.CONNECT, _say_lost("lost before the answer")),
    FailureRule(BodyError, ANY, Reason.INVALID_RESPONSE, _say_because("the body breaks the rules of HTTP")),
    FailureRule(WireError, ANY, Reason.INVALID_RESPONSE, _say_because("the answer is not HTTP")),
)
"""Everything that this package, the TLS library and the system raise; nothing else is caught."""

CAUGHT: tuple[type[BaseException], ...] = (WireError, OSError)
"""The roots of the table's exceptions."""

_OURS_TO_MEND = (403, 407)

_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED (OpenSSL, x509_vfy.h). A network on the way cannot cause it."""

_OWN_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def explain_failure(error: BaseException, stage: Stage, place: Place) -> Failure:
    """Explain an exception at that stage, in a conversation with that place."""
    if (shortage := _find_own_shortage(error)) is not None:
        return shortage
    row = next(row for row in TABLE if row.matches(error, stage))
    return Failure(reason=row.reason, detail=row.says(error, place), fault=_find_fault(error, place))


def explain_unresolved(place: Place, seconds: float) -> Failure:
    """Explain a deadline that passed while a name was looked up: its name server does not answer."""
    said = f"cannot resolve {place}: no answer from the name server within {round(seconds, 3):g} s"
    return Failure(reason=Reason.DNS, detail=said)


def _find_fault(error: BaseException, place: Place) -> Fault | None:
    """Return the fault that the error itself shows; None where it is the usual one of its reason."""
    if isinstance(error, ProxyRefusedError):
        return Fault.US if error.status in _OURS_TO_MEND else None
    if isinstance(error, SocksRefusedError):
        return Fault.US if error.ours else None
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code == _EXPIRED and not place.proxy:
        return Fault.PROVIDER
    return None


def _find_own_shortage(error: BaseException) -> Failure | None:
    """Explain a shortage on this machine: it says nothing of the vendor, so such a run is not judged."""
    inside = error.__cause__ if isinstance(error, LookupFailedError) else error
    if not isinstance(inside, OSError) or inside.errno not in _OWN_SHORTAGES:
        return None
    hint = "; raise the limit of open files (ulimit -n)" if inside.errno == errno.EMFILE else ""
    return Failure(reason=Reason.INTERNAL, detail=f"no connection could be opened here: {_system_words(error)}{hint}")
