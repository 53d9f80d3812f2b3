"""Reasons and faults in words, for people."""

from collections.abc import Mapping
from math import inf
from types import MappingProxyType

from exporter.core.outcome import Fault, Reason
from exporter.core.sink import Skip

REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.OK: "answered",
        Reason.DNS: "the host name could not be resolved",
        Reason.CONNECT: "no connection could be made",
        Reason.TLS: "the TLS handshake failed",
        Reason.TIMEOUT_CONNECT: "no connection in time",
        Reason.TIMEOUT_FIRST_TOKEN: "no first token in time",
        Reason.TIMEOUT_TOTAL: "the answer did not end in time",
        Reason.AUTH: "the key was rejected",
        Reason.PERMISSION: "the key may not do this",
        Reason.QUOTA_EXHAUSTED: "the quota or the money is used up",
        Reason.RATE_LIMITED: "rate limited",
        Reason.OVERLOADED: "overloaded",
        Reason.SERVER_ERROR: "server error",
        Reason.MODEL_NOT_FOUND: "there is no such model for this key",
        Reason.BAD_REQUEST: "the request was refused as wrong",
        Reason.CONTENT_FILTERED: "a content filter took the answer",
        Reason.REFUSED: "the model refused to answer",
        Reason.STREAM_INTERRUPTED: "the answer was cut before its end",
        Reason.INVALID_RESPONSE: "the answer is not of the protocol",
        Reason.EMPTY_RESPONSE: "the answer was empty",
        Reason.TOO_LARGE: "the answer was too large",
        Reason.ASSERTION_FAILED: "the answer is not what was asserted",
        Reason.PAUSED: "the exporter stood still, so the run could not be judged",
        Reason.INTERNAL: "an error in the exporter itself",
    }
)

FAULTS: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.NETWORK: "the network between",
        Fault.US: "our side (key, quota or request)",
        Fault.GATEWAY: "the gateway",
        Fault.PROVIDER: "the provider",
        Fault.EXPORTER: "the exporter",
    }
)

FAULT_NAMES: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.NETWORK: "network",
        Fault.US: "us",
        Fault.GATEWAY: "gateway",
        Fault.PROVIDER: "provider",
        Fault.EXPORTER: "exporter",
    }
)
"""The same in a word, where there is room for no more."""

SKIPS: Mapping[Skip, str] = MappingProxyType(
    {
        Skip.BUDGET: "the budget is used up",
        Skip.TRAFFIC: "real traffic stands in for it",
        Skip.OVERLAP: "the run before is still under way",
        Skip.MAINTENANCE: "maintenance",
    }
)


_SPANS = ((0.01, 1000, 1, "ms"), (1.0, 1000, 0, "ms"), (10.0, 1, 2, "s"), (inf, 1, 1, "s"))
"""Below how many seconds a length is written with which factor, decimals and unit."""

_AGES = ((86_400, "d"), (3_600, "h"), (60, "min"))


def format_duration(seconds: float) -> str:
    """Format a length of time with the digits that matter: 8.4 ms, 340 ms, 3.42 s, 12.3 s."""
    _, factor, decimals, unit = next(each for each in _SPANS if seconds < each[0])
    return f"{seconds * factor:.{decimals}f} {unit}"


def format_age(seconds: float) -> str:
    """Format how long something has lasted, in its largest unit: 12 s, 3 min, 5 h, 2 d; never below 0 s."""
    for size, unit in _AGES:
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(0.0, seconds) // 1:.0f} s"


def format_percent(ratio: float) -> str:
    """Format a share as people read it: 100 %, 99.7 %, 3 %. Only a whole is written as 100 %."""
    if ratio >= 1:
        return "100 %"
    if ratio >= 0.9:  # noqa: PLR2004 (from here on the decimals matter)
        return f"{min(ratio * 100, 99.9):.1f} %"
    return f"{ratio * 100:.0f} %"


def format_money(usd: float) -> str:
    """Format an amount in USD with the digits that matter: $0, $0.0004, $0.12, $3.40."""
    if usd and usd < 0.1:  # noqa: PLR2004 (ten cents)
        return f"${usd:.4f}" if usd >= 0.0001 else "<$0.0001"  # noqa: PLR2004 (the last digit that is written)
    return f"${usd:.2f}"
