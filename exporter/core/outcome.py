"""What one run of one check came to: the words every reader of a result shares.

Reasons, faults, phases and flags are closed sets; they become label values, so a new one is a change of contract.
This file knows no vendor, no protocol and no metric.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

MOST_OF_A_RUN = 10**12
"""Tokens, or nano-dollars, that count of one run at most.

A vendor's count must neither turn a counter back, nor make it unreadable, nor make a sum too large for SQLite.
"""


class Reason(StrEnum):
    """Why an outcome is what it is: `ok`, or one error type (the `error_type` label)."""

    OK = "ok"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_FIRST_TOKEN = "timeout_first_token"
    TIMEOUT_TOTAL = "timeout_total"
    AUTH = "auth"
    PERMISSION = "permission"
    QUOTA_EXHAUSTED = "quota_exhausted"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    MODEL_NOT_FOUND = "model_not_found"
    BAD_REQUEST = "bad_request"
    CONTENT_FILTERED = "content_filtered"
    REFUSED = "refused"
    STREAM_INTERRUPTED = "stream_interrupted"
    INVALID_RESPONSE = "invalid_response"
    EMPTY_RESPONSE = "empty_response"
    TOO_LARGE = "too_large"
    ASSERTION_FAILED = "assertion_failed"
    PAUSED = "paused"
    INTERNAL = "internal"


UNJUDGED = frozenset({Reason.PAUSED, Reason.INTERNAL})
"""Reasons that say nothing of the vendor: they move no health and count in no latency."""


class Fault(StrEnum):
    """Whose trouble a failure is, as far as can be told from here."""

    NETWORK = "network"
    US = "us"
    GATEWAY = "gateway"
    PROVIDER = "provider"
    EXPORTER = "exporter"


FAULTS: Mapping[Reason, Fault] = MappingProxyType(
    {
        Reason.DNS: Fault.NETWORK,
        Reason.CONNECT: Fault.NETWORK,
        Reason.TLS: Fault.NETWORK,
        Reason.TIMEOUT_CONNECT: Fault.NETWORK,
        Reason.TIMEOUT_FIRST_TOKEN: Fault.PROVIDER,
        Reason.TIMEOUT_TOTAL: Fault.PROVIDER,
        Reason.AUTH: Fault.US,
        Reason.PERMISSION: Fault.US,
        Reason.QUOTA_EXHAUSTED: Fault.US,
        Reason.RATE_LIMITED: Fault.US,
        Reason.OVERLOADED: Fault.PROVIDER,
        Reason.SERVER_ERROR: Fault.PROVIDER,
        Reason.MODEL_NOT_FOUND: Fault.US,
        Reason.BAD_REQUEST: Fault.US,
        Reason.CONTENT_FILTERED: Fault.PROVIDER,
        Reason.REFUSED: Fault.PROVIDER,
        Reason.STREAM_INTERRUPTED: Fault.PROVIDER,
        Reason.INVALID_RESPONSE: Fault.PROVIDER,
        Reason.EMPTY_RESPONSE: Fault.PROVIDER,
        Reason.TOO_LARGE: Fault.PROVIDER,
        Reason.ASSERTION_FAILED: Fault.PROVIDER,
        Reason.PAUSED: Fault.EXPORTER,
        Reason.INTERNAL: Fault.EXPORTER,
    }
)
"""The fault an error type has unless the answer itself shows another (a gateway's own error: `Fault.GATEWAY`)."""


class Phase(StrEnum):
    """The contiguous parts of a run, in order; those reached sum to its duration."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    WAIT = "wait"
    FIRST_TOKEN = "first_token"
    GENERATE = "generate"
    FINISH = "finish"


class Flag(StrEnum):
    """What else is worth knowing of a run; see the metric `ai_api_probe_flag`."""

    STARVED = "starved"
    BUFFERED = "buffered"
    CACHED = "cached"
    MISMATCHED = "mismatched"
    SLOW = "slow"


NOTHING_THERE = frozenset({404, 405, 410})
"""Statuses by which a server says that it has nothing at an address."""

REFUSED = range(400, 500)
"""Statuses of answers that were refused before a model worked on them: those are not billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One error, classified. `detail` may still hold what the vendor said, word for word: the runner redacts it.

    `retry_after` is in seconds from the answer; `code` is the vendor's own error code, if it gave one; `fault`
    None means the table's. `bare` is an error status without an error in any vendor's form (a page, a line of text,
    nothing): what answered was not the API behind the address.
    """

    reason: Reason
    detail: str = ""
    fault: Fault | None = None
    http_status: int | None = None
    retry_after: float | None = None
    code: str | None = None
    bare: bool = False

    @property
    def blamed(self) -> Fault:
        """The fault told by the answer, else the table's."""
        return self.fault or FAULTS[self.reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a vendor counted for one answer, normalised: `input` includes cached tokens, `output` includes reasoning.

    So input + output is the total, whatever the vendor's own arithmetic is.
    """

    input: int = 0
    output: int = 0
    cached_input: int = 0
    cache_write: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Rate-limit headroom as one answer told it. What the vendor did not tell is None, never a sentinel.

    `resource` is requests, tokens, input_tokens, ...; `window` is minute, day, ... ; `reset_at` is Unix seconds.
    """

    resource: str
    window: str
    limit: float | None = None
    remaining: float | None = None
    reset_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """One row of a provider's list of models. `retires_at` is Unix seconds, None where the vendor tells no date."""

    id: str
    retires_at: float | None = None
    lifecycle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the parts of one run took, in seconds. Definitions: docs/metrics.md.

    duration: from the call to the protocol's own end of the answer, or to the failure.
    first_token: request fully written to the first event that carries output (reasoning counts).
    first_answer: the same to the first output that is not reasoning.
    per_output_token: (last output - first output) / (output tokens - 1), only with at least 2 tokens by usage;
    reasoning tokens that were counted but not shown are left out, and so is every run whose arrivals do not tell
    the model's speed (not streamed, starved, buffered, cached).
    longest_gap: the longest pause between two outputs.
    """

    duration: float
    phases: Mapping[Phase, float] = field(default_factory=dict)
    first_token: float | None = None
    first_answer: float | None = None
    per_output_token: float | None = None
    longest_gap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The record of one run of one check. Frozen: readers share it.

    `started_at` is Unix seconds; `http_status` None means no answer came; `cost_usd` is what the vendor itself
    said the answer cost and `cost_nano_usd` what it cost as far as anybody knows, in nano-dollars; `models` is the
    list a `models` probe brought; `certificate_expires_at` and
    `retires_at` (the model goes, as its answer said) are Unix seconds;
    `model_load` is the seconds in which a self-hosted server loaded the model before it answered;
    `clock_source` is `kernel` or `user` (where the arrival stamps come from); `gateway`: a gateway answered, as its
    headers or its word about an upstream show.
    """

    reason: Reason
    started_at: float
    timing: Timing
    fault: Fault | None = None
    detail: str = ""
    code: str | None = None
    http_status: int | None = None
    retry_after: float | None = None
    tokens: Tokens | None = None
    flags: frozenset[Flag] = frozenset()
    served_model: str | None = None
    fingerprint: str | None = None
    upstream: str | None = None
    retires_at: float | None = None
    request_id: str | None = None
    limits: tuple[Limit, ...] = ()
    canary_correct: bool | None = None
    cost_usd: float | None = None
    cost_nano_usd: int | None = None
    models: tuple[ListedModel, ...] | None = None
    certificate_expires_at: float | None = None
    model_load: float | None = None
    clock_source: str = "user"
    gateway: bool = False

    @property
    def ok(self) -> bool:
        """Whether the run succeeded (flags such as `slow` do not make it a failure)."""
        return self.reason is Reason.OK

    @property
    def blamed(self) -> Fault | None:
        """Whose trouble the failure is: told by the answer, else the table's; None for a success."""
        return None if self.ok else self.fault or FAULTS[self.reason]
