"""What a check can yield, so that its counters and histograms exist at zero before anything happened.

What is left out here may still happen: it is counted from then on.
"""

from collections.abc import Iterable, Iterator, Mapping

from exporter.core.outcome import Reason
from exporter.core.sink import Skip
from exporter.core.target import Check
from exporter.metrics.text import render_label

STATUS = {True: render_label("status", "success"), False: render_label("status", "error")}
ERROR_TYPE: Mapping[Reason, str] = {
    reason: render_label("error_type", reason) for reason in Reason if reason is not Reason.OK
}
TOKEN_TYPE = {kind: render_label("token_type", kind) for kind in ("input", "output")}
SKIPPED = {why: render_label("reason", why) for why in Skip}

_OF_AN_ANSWER = {
    Reason.TIMEOUT_FIRST_TOKEN,
    Reason.CONTENT_FILTERED,
    Reason.REFUSED,
    Reason.STREAM_INTERRUPTED,
    Reason.EMPTY_RESPONSE,
    Reason.ASSERTION_FAILED,
}
"""Error types that only a model's answer can show; a provider-wide question has none."""


def asks_a_model(check: Check) -> bool:
    """Return whether the check asks a model, not the provider as a whole."""
    return check.target.model != ""


def list_error_types(check: Check) -> Iterator[Reason]:
    """List the error types that its runs can end with."""
    secured = check.target.provider.base_url.lower().startswith("https:")
    for reason in ERROR_TYPE:
        if (reason is not Reason.TLS or secured) and (reason not in _OF_AN_ANSWER or asks_a_model(check)):
            yield reason


def list_skips(check: Check) -> Iterable[Skip]:
    """List the reasons for which its runs can be left out: only runs that cost money are spared."""
    return tuple(Skip) if check.paid else (Skip.OVERLAP,)


def list_counters(check: Check) -> dict[str, tuple[str, ...]]:
    """List its counters: the name of the family, and the labels of each series beyond those of the check."""
    everywhere = {
        "ai_api_requests_total": tuple(STATUS.values()),
        "ai_api_errors_total": tuple(ERROR_TYPE[each] for each in list_error_types(check)),
        "ai_api_probes_skipped_total": tuple(SKIPPED[each] for each in list_skips(check)),
    }
    if not asks_a_model(check):
        return everywhere
    return everywhere | {
        "ai_api_tokens_total": tuple(TOKEN_TYPE.values()),
        "ai_api_cached_input_tokens_total": ("",),
        "ai_api_reasoning_tokens_total": ("",),
        "ai_api_served_model_changes_total": ("",),
    }


def list_histograms(check: Check) -> tuple[str, ...]:
    """List its histograms, by the names of their families."""
    if not asks_a_model(check):
        return ("ai_api_request_duration_seconds",)
    return (
        "ai_api_request_duration_seconds",
        "ai_api_time_to_first_token_seconds",
        "ai_api_time_to_first_answer_token_seconds",
        "ai_api_time_per_output_token_seconds",
    )
