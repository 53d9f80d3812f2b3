"""The answers of the JSON API as types: what is sent is made of them, and the OpenAPI document is made from them.

Times are RFC 3339 in UTC, lengths seconds, shares between 0 and 1. What is not known is null.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from exporter.core.health_state import Grade, State
from exporter.core.outcome import Fault, Flag, Phase, Reason
from exporter.core.sink import Skip
from exporter.core.target import Kind

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Seconds = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Usd = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Counts(_Sent):
    """How many checks are in each state."""

    unknown: Count
    up: Count
    degraded: Count
    down: Count


class TokensSent(_Sent):
    """Tokens by the vendor's own count: `input` includes cached ones, `output` reasoning."""

    input: int
    output: int
    cached_input: int
    reasoning: int


class LimitSent(_Sent):
    """Rate-limit headroom as one answer told it."""

    resource: str
    window: str
    limit: float | None
    remaining: float | None
    reset_at: Moment | None


class RunSent(_Sent):
    """One run in full, redacted."""

    started_at: Moment
    reason: Reason
    fault: Fault | None
    detail: str
    code: str | None
    http_status: int | None
    duration_seconds: Seconds
    time_to_first_token_seconds: Seconds | None
    time_to_first_answer_token_seconds: Seconds | None
    phases_seconds: dict[Phase, Seconds]
    tokens: TokensSent | None
    flags: list[Flag]
    served_model: str | None
    request_id: str | None
    canary_correct: bool | None
    limits: list[LimitSent]


class BriefRun(_Sent):
    """One run in brief; `grade` is what it says about health."""

    started_at: Moment
    reason: Reason
    fault: Fault | None
    grade: Grade
    duration_seconds: Seconds
    time_to_first_token_seconds: Seconds | None
    phases_seconds: dict[Phase, Seconds]


class Slot(_Sent):
    """What ran in one stretch of time: how many runs, how many of them fell short or failed, means of successes."""

    begins_at: Moment
    runs: Count
    fell_short: Count
    failed: Count
    mean_duration_seconds: Seconds | None
    mean_time_to_first_token_seconds: Seconds | None


class CheckSent(_Sent):
    """One check as it stands. Availability is the share of runs that did not fail, null where none ran.

    `effective_interval_seconds` is longer than `interval_seconds` while a budget has to last. `offered` false: the
    provider has nothing there (no list of models), so the check has no health.
    """

    id: str
    provider: str
    kind: Kind
    model: str
    alias: str
    probe: str
    required: bool
    interval_seconds: Seconds
    effective_interval_seconds: Seconds
    state: State
    offered: bool
    since: Moment | None
    why: str
    fault: Fault | None
    last_run: RunSent | None
    last_skip: Skip | None
    running: Count
    availability_hour: Share | None
    availability_day: Share | None
    cost_today_usd: float | None


class NoticeSent(_Sent):
    """One of the exporter's own troubles."""

    what: str
    detail: str


class StatusSent(_Sent):
    """All checks as they stand.

    `status`: down if a required check is; degraded if any check is degraded or down; unknown while a required check
    is unknown, or nothing is checked; else up.
    """

    status: State
    as_of: Moment
    counts: Counts
    notices: list[NoticeSent]
    checks: list[CheckSent]


class CheckDetail(CheckSent):
    """One check with what it did lately, oldest first. Failures outlive the successes that came after them."""

    recent: list[BriefRun]
    failures: list[RunSent]
    hour: list[Slot]
    day: list[Slot]


class ModelFigures(_Sent):
    """What a window came to for one model at one provider. Means are over successes that no response cache answered.

    Availability leaves out failures of our own doing; the price is per million tokens as they were used.
    """

    provider: str
    model: str
    alias: str
    mean_seconds: Seconds | None
    p95_seconds: Seconds | None
    first_token_seconds: Seconds | None
    requests: Count
    input_tokens: Count
    output_tokens: Count
    tokens_per_request: Annotated[float, Field(ge=0)] | None
    cost_usd: Usd | None
    usd_per_million_tokens: Usd | None
    error_rate: Share | None
    availability: Share | None


class RouteFigures(ModelFigures):
    """One way to a model; `best` marks the fastest of the reliable ones."""

    best: bool


class SummarySent(_Sent):
    """All models together; an active one answered at least once."""

    requests: Count
    input_tokens: Count
    output_tokens: Count
    cost_usd: Usd | None
    error_rate: Share | None
    active_models: Count


class RoutesSent(_Sent):
    """The ways to one alias, the best first; where none can be called the best, `note` says why."""

    alias: str
    best: str | None
    note: str
    routes: list[RouteFigures]


class ReportSent(_Sent):
    """What a window came to. `notes` say what limits it: runs that are no longer kept, or only as sums."""

    since: Moment
    until: Moment
    notes: list[str] = []
    models: list[ModelFigures]
    summary: SummarySent
    routes: list[RoutesSent]


class ErrorSent(_Sent):
    """Why there is no answer, and what to ask for instead."""

    error: str
