"""Rate-limit headroom: every family of headers that vendors use, as one table, read into `Limit`s.

What a vendor did not tell is None. Sentinels (-1, the largest integer of 32 or 64 bits, a limit of 0) tell that the
vendor does not know or does not limit: then nothing of that limit is exported.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from exporter.core.outcome import Limit
from exporter.dialects.times import read_number, read_reset

REEXPORTED = "llm_provider-"
"""LiteLLM's prefix before the headers of its upstream."""

SENTINELS = frozenset({2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1})
ABSURD = 1e15
PROVIDERS_OWN = ""
"""In the table's window column: the window that this provider counts requests in (`Quirks.requests_window`)."""


class Family(NamedTuple):
    """The three headers of one limit, with the resource and window they speak of; "" where the vendor has none."""

    resource: str
    window: str
    limit: str
    remaining: str
    reset: str


def _make_x_family(resource: str, window: str, suffix: str) -> Family:
    """Make the header family most vendors follow: `x-ratelimit-{limit,remaining,reset}` and a suffix."""
    return Family(resource, window, *(f"x-ratelimit-{part}{suffix}" for part in ("limit", "remaining", "reset")))


def _make_anthropic_family(resource: str, stem: str) -> Family:
    """Make Anthropic's header family: the resource first, then the part."""
    return Family(resource, "minute", *(f"anthropic-{stem}-{part}" for part in ("limit", "remaining", "reset")))


FAMILIES = (
    # OpenAI, Azure, Groq (whose requests are per day), vendors that follow them
    _make_x_family("requests", PROVIDERS_OWN, "-requests"),
    _make_x_family("tokens", "minute", "-tokens"),
    _make_x_family("project_tokens", "minute", "-project-tokens"),
    # Anthropic; the priority tier has its own allowance
    _make_anthropic_family("requests", "ratelimit-requests"),
    _make_anthropic_family("tokens", "ratelimit-tokens"),
    _make_anthropic_family("input_tokens", "ratelimit-input-tokens"),
    _make_anthropic_family("output_tokens", "ratelimit-output-tokens"),
    _make_anthropic_family("priority_input_tokens", "priority-input-tokens"),
    _make_anthropic_family("priority_output_tokens", "priority-output-tokens"),
    # Mistral (`req` and `tokens`), Cerebras (`requests` and `tokens`): the window stands in the name
    *(_make_x_family("requests", window, f"-req-{window}") for window in ("second", "minute", "hour", "day", "month")),
    *(
        _make_x_family("requests", window, f"-requests-{window}")
        for window in ("second", "minute", "hour", "day", "month")
    ),
    *(_make_x_family("tokens", window, f"-tokens-{window}") for window in ("second", "minute", "hour", "day", "month")),
    # Fireworks
    _make_x_family("input_tokens", "minute", "-tokens-prompt"),
    _make_x_family("output_tokens", "minute", "-tokens-generated"),
    # Cohere: trial keys and the monthly allowance
    Family("requests", "minute", "x-trial-endpoint-call-limit", "x-trial-endpoint-call-remaining", "x-ratelimit-reset"),
    Family("requests", "month", "x-endpoint-monthly-call-limit", "", ""),
    # Together (per second), OpenRouter; Cohere tells only the moment when a key is limited
    _make_x_family("requests", PROVIDERS_OWN, ""),
    Family("requests", PROVIDERS_OWN, "", "", "x-ratelimit-reset"),
    Family("tokens", "second", *(f"x-tokenlimit-{part}" for part in ("limit", "remaining", "reset"))),
    # LiteLLM: what the gateway grants the key itself
    Family("key_requests", "minute", "x-litellm-key-rpm-limit", "", ""),
    Family("key_tokens", "minute", "x-litellm-key-tpm-limit", "", ""),
)
"""Earlier rows win where two speak of the same resource and window."""

LIMIT, REMAINING, RESET = 2, 3, 4
PLACES: Mapping[str, Sequence[tuple[int, int]]] = {
    header: [
        (row, part)
        for row, family in enumerate(FAMILIES)
        for part in (LIMIT, REMAINING, RESET)
        if family[part] == header
    ]
    for header in {name for family in FAMILIES for name in family[LIMIT:] if name}
}
"""Where each header stands in the table: its rows and its column."""


def read_limits(headers: Mapping[str, str], now: float, requests_window: str = "minute") -> tuple[Limit, ...]:
    """Read every limit in the headers (names in lower case); `now` is Unix seconds.

    The vendor's own headers win over those a gateway re-exports from its upstream.
    """
    told: dict[tuple[bool, int], dict[int, str]] = {}
    for name, value in headers.items():
        reexported = name.startswith(REEXPORTED)
        for row, part in PLACES.get(name.removeprefix(REEXPORTED), ()):
            told.setdefault((reexported, row), {})[part] = value
    found: dict[tuple[str, str], Limit] = {}
    for (_, row), parts in sorted(told.items()):
        limit = _read_limit(FAMILIES[row], parts, now, requests_window)
        if limit is not None:
            found.setdefault((limit.resource, limit.window), limit)
    return tuple(found.values())


def _read_limit(family: Family, told: Mapping[int, str], now: float, requests_window: str) -> Limit | None:
    """Read the limit; None if a sentinel says that the vendor does not know it, or if it is unreadable."""
    most, left = read_number(told.get(LIMIT, "")), read_number(told.get(REMAINING, ""))
    reset = read_reset(told.get(RESET, ""), now)
    if most == 0 or any(_is_sentinel(each) for each in (most, left) if each is not None):
        return None
    if most is None and left is None and (family.limit or reset is None):
        return None
    window = family.window or requests_window
    return Limit(resource=family.resource, window=window, limit=most, remaining=left, reset_at=reset)


def _is_sentinel(value: float) -> bool:
    return value < 0 or value in SENTINELS or value >= ABSURD
