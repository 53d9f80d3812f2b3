"""Which run counts in which histogram: the one place where runs are left out of a latency."""

from collections.abc import Iterator

from exporter.core.outcome import Flag, Outcome


def taken(outcome: Outcome) -> Iterator[tuple[str, float]]:
    """Return the histograms this run counts in, by the names of their families, with its values in seconds.

    Failures have no latency worth comparing, a response cache is not the model, a starved answer has no first answer
    token, and one that a gateway buffered says nothing of the model's pace.
    """
    if not outcome.ok or Flag.CACHED in outcome.flags:
        return
    timing = outcome.timing
    yield "ai_api_request_duration_seconds", timing.duration
    if Flag.STARVED in outcome.flags:
        return
    if timing.first_token is not None:
        yield "ai_api_time_to_first_token_seconds", timing.first_token
    if timing.first_answer is not None:
        yield "ai_api_time_to_first_answer_token_seconds", timing.first_answer
    if timing.per_output_token is not None and Flag.BUFFERED not in outcome.flags:
        yield "ai_api_time_per_output_token_seconds", timing.per_output_token
