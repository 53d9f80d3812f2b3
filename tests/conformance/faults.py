"""What llmock can do wrong, and what each has to be called, as a table. One row holds for every dialect.

Expected is written as `reason (fault)`, or `ok`; `otherwise` names the dialects in which the same fault says something
else, because the words of that vendor do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.llmock import Behaviour

GEMINI, COHERE, RESPONSES = "gemini-generate", "cohere-chat", "openai-responses"
ANTHROPIC = "anthropic-messages"
COUNT = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
COUNTING: Behaviour = {"type": "reply", "text": COUNT}
"""An answer of known length, so that a fault in its middle is in its middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault. `tunables` are keys of the probe; `retry_after` is seconds, as the outcome has to tell it."""

    name: str
    behaviours: Sequence[Behaviour]
    expect: str
    otherwise: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    flags: frozenset[str] = frozenset()
    probe: str = "chat"
    tunables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """A model name of its own, by which llmock knows the case."""
        return "case-" + "".join(letter if letter.isalnum() else "-" for letter in self.name.lower())

    def expected(self, dialect: str) -> str:
        return self.otherwise.get(dialect, self.expect)


def _status(status: int, expect: str, **otherwise: str) -> Case:
    """An error status with a time to wait, which is told whatever the status is."""
    behaviour = {"type": "fail", "status": status, "retry_after": 7}
    names = {name.replace("_", "-"): said for name, said in otherwise.items()}
    return Case(name=str(status), behaviours=[behaviour], expect=expect, otherwise=names, retry_after=7.0)


def _stream(kind: str, after: int, expect: str, **otherwise: str) -> Case:
    """A stream that breaks after so many events."""
    fault = {"type": "stream_fault", "kind": kind, "after_chunks": after}
    names = {name.replace("_", "-"): said for name, said in otherwise.items()}
    return Case(name=f"{kind} after {after} events", behaviours=[COUNTING, fault], expect=expect, otherwise=names)


def _late(name: str, behaviour: Behaviour, expect: str, flags: Sequence[str] = (), **tunables: str) -> Case:
    return Case(name=name, behaviours=[COUNTING, behaviour], expect=expect, flags=frozenset(flags), tunables=tunables)


STATUSES = (
    _status(400, "bad_request (us)"),
    _status(401, "auth (us)"),
    _status(402, "quota_exhausted (us)"),
    _status(403, "permission (us)"),
    _status(404, "model_not_found (us)"),
    _status(408, "timeout_total (provider)"),
    _status(409, "bad_request (us)"),
    _status(413, "bad_request (us)", gemini_generate="rate_limited (us)"),  # llmock says RESOURCE_EXHAUSTED there
    _status(418, "bad_request (us)"),
    _status(422, "bad_request (us)", gemini_generate="permission (us)"),  # and FAILED_PRECONDITION here
    _status(429, "rate_limited (us)"),
    _status(451, "bad_request (us)"),
    _status(500, "server_error (provider)"),
    _status(501, "bad_request (us)"),
    _status(502, "server_error (provider)", gemini_generate="overloaded (provider)"),  # and UNAVAILABLE here
    _status(503, "overloaded (provider)"),
    _status(504, "timeout_total (provider)"),
    _status(520, "server_error (provider)"),
    _status(524, "timeout_total (provider)"),
    _status(529, "overloaded (provider)"),
)

WAITS = (
    Case(
        name="429 for a quarter of a second",
        behaviours=[{"type": "fail", "status": 429, "retry_after": 0.25}],
        expect="rate_limited (us)",
        retry_after=0.25,
    ),
    Case(
        name="500 without a time to wait",
        behaviours=[{"type": "fail", "status": 500}],
        expect="server_error (provider)",
    ),
)

CODES = (
    Case(
        name="429 whose code names billing",
        behaviours=[{"type": "fail", "status": 429, "retry_after": 7, "code": "insufficient_quota"}],
        expect="quota_exhausted (us)",
        retry_after=7.0,
    ),
    Case(
        name="400 whose code names the model",
        behaviours=[{"type": "fail", "status": 400, "code": "model_not_found"}],
        expect="model_not_found (us)",
    ),
    Case(
        name="500 whose code names overload",
        behaviours=[{"type": "fail", "status": 500, "code": "overloaded_error"}],
        expect="overloaded (provider)",
    ),
)

STREAMS = (
    _stream("disconnect", 0, "stream_interrupted (provider)"),
    _stream("disconnect", 1, "stream_interrupted (provider)"),
    _stream("disconnect", 10, "stream_interrupted (provider)"),
    _stream("truncate", 0, "empty_response (provider)"),
    _stream("truncate", 1, "stream_interrupted (provider)"),
    _stream("truncate", 10, "stream_interrupted (provider)"),
    _stream("malformed", 0, "invalid_response (provider)"),
    _stream("malformed", 10, "stream_interrupted (provider)"),
)

LATE = (
    _late("delay, within the deadlines", {"type": "delay", "seconds": 0.3}, "ok", ["slow"], degraded_above="200ms"),
    _late(
        "slow first token, within the deadlines",
        {"type": "slow_first_token", "seconds": 0.3},
        "ok",
        ["slow"],
        degraded_above="200ms",
    ),
    _late(
        "stall, within the deadlines",
        {"type": "stream_fault", "kind": "stall", "stall_seconds": 0.3, "after_chunks": 10},
        "ok",
        ["slow"],
        degraded_above="200ms",
    ),
    _late(
        "delay without an end",
        {"type": "delay", "seconds": 60},
        "timeout_first_token (provider)",
        first_token_timeout="1s",
    ),
    _late(
        "slow first token without an end",
        {"type": "slow_first_token", "seconds": 60},
        "timeout_first_token (provider)",
        first_token_timeout="1s",
    ),
    _late(
        "stall without an end",
        {"type": "stream_fault", "kind": "stall", "stall_seconds": 60, "after_chunks": 10},
        "timeout_total (provider)",
        timeout="5s",
    ),
)

ANSWERS = (
    Case(name="nothing said", behaviours=[{"type": "reply", "text": ""}], expect="empty_response (provider)"),
    Case(
        name="cut at the cap",
        behaviours=[{**COUNTING, "finish_reason": "length"}],
        expect="ok",
    ),
    Case(
        name="filtered",
        behaviours=[{**COUNTING, "finish_reason": "content_filter"}],
        expect="content_filtered (provider)",
        # Anthropic's word for it is `refusal`; llmock knows none in the other two: Cohere's ERROR, and no word at all.
        otherwise={ANTHROPIC: "refused (provider)", COHERE: "stream_interrupted (provider)", RESPONSES: "ok"},
    ),
    Case(
        name="an answer that is not the one asserted",
        behaviours=[COUNTING],
        expect="assertion_failed (provider)",
        tunables={"assert": {"contains": "seventeen"}},
    ),
    Case(
        name="a wrong sum",
        behaviours=[{"type": "reply", "text": "7"}],
        expect="assertion_failed (provider)",
        probe="canary",
    ),
    Case(
        name="a tool call that is not JSON",
        behaviours=[{"type": "tool_fault", "kind": "malformed_arguments"}],
        expect="assertion_failed (provider)",
        probe="tools",
    ),
    Case(
        name="a tool that was not offered",
        behaviours=[{"type": "tool_fault", "kind": "unknown_tool"}],
        expect="assertion_failed (provider)",
        probe="tools",
    ),
    Case(name="not the JSON asked for", behaviours=[COUNTING], expect="assertion_failed (provider)", probe="json"),
)

CASES = (*STATUSES, *WAITS, *CODES, *STREAMS, *LATE, *ANSWERS)
