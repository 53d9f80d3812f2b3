"""The figures of one exchange: how long each part took. `Phase` and `Timing` in core/outcome.py define them."""

from collections.abc import Mapping
from itertools import pairwise

from exporter.core.exchange import Exchange
from exporter.core.outcome import Phase, Timing
from exporter.probes.evaluation.answer import Answer

ORDER = tuple(Phase)


def measure_timing(exchange: Exchange, answer: Answer, *, output_expected: bool, speed_known: bool) -> Timing:
    """Measure one exchange.

    `output_expected` is False where nothing the model produces was asked for; `speed_known` is False where the
    arrivals say nothing of the model's speed (not streamed, buffered, from a cache).
    """
    return Timing(
        duration=exchange.ended,
        phases=measure_phases(exchange, answer, output_expected=output_expected),
        first_token=_seconds_since_sent(exchange, answer.outputs[0] if answer.outputs else None),
        first_answer=_seconds_since_sent(exchange, answer.first_answer),
        per_output_token=measure_seconds_per_token(answer) if speed_known else None,
        longest_gap=measure_longest_gap(exchange, answer),
    )


def measure_longest_gap(exchange: Exchange, answer: Answer) -> float | None:
    """Measure the longest pause between two outputs in seconds; None below two."""
    if exchange.longest_gap is not None:
        return exchange.longest_gap
    return max((late - early for early, late in pairwise(answer.outputs)), default=None)


def measure_phases(exchange: Exchange, answer: Answer, *, output_expected: bool) -> Mapping[Phase, float]:
    """Cut the run into contiguous parts that sum to its duration; a part not reached is absent.

    Each part begins where the one before it ended and none is negative, even where the stamps of the kernel and of
    this process disagree by microseconds. The part under way at a failure ends with it.
    """
    failed = exchange.failure is not None or answer.error is not None
    cut = failed and answer.finish is None
    reached = _find_reached(exchange, answer, cut=cut)
    parts: dict[Phase, float] = {}
    begin = 0.0
    for phase, end in reached.items():
        until = min(max(end, begin), exchange.ended)
        parts[phase] = until - begin
        begin = until
    parts[_find_last_phase(reached, cut=cut, output_expected=output_expected)] = exchange.ended - begin
    return parts


def _find_reached(exchange: Exchange, answer: Answer, *, cut: bool) -> dict[Phase, float]:
    """Find when each completed phase was over, in order. A cut answer was still being generated."""
    moments, outputs = exchange.moments, answer.outputs
    ends = {
        Phase.RESOLVE: moments.resolved,
        Phase.CONNECT: moments.connected,
        Phase.TLS: moments.secured,
        Phase.SEND: moments.sent,
        Phase.WAIT: moments.first_byte,
        Phase.FIRST_TOKEN: outputs[0] if outputs else None,
        Phase.GENERATE: outputs[-1] if outputs and not cut else None,
    }
    return {phase: end for phase, end in ends.items() if end is not None}


def _find_last_phase(reached: Mapping[Phase, float], *, cut: bool, output_expected: bool) -> Phase:
    """Find the phase the run ended in: the one after the last completed phase, unless no output was expected."""
    following = ORDER[max((ORDER.index(phase) for phase in reached), default=-1) + 1]
    if not cut or (following is Phase.FIRST_TOKEN and not output_expected):
        return Phase.FINISH
    return following


def _seconds_since_sent(exchange: Exchange, at: float | None) -> float | None:
    return None if at is None else max(0.0, at - (exchange.moments.sent or 0.0))


def count_shown_tokens(answer: Answer) -> int:
    """Count output tokens that arrived as output, by the vendor's count: hidden reasoning is left out."""
    if answer.tokens is None:
        return 0
    hidden = 0 if answer.thinking else answer.tokens.reasoning
    return answer.tokens.output - hidden


def measure_seconds_per_token(answer: Answer) -> float | None:
    """(last output - first output) / (output tokens - 1); None below two tokens or where all arrived at once."""
    steps = count_shown_tokens(answer) - 1
    if steps < 1 or measure_span(answer) <= 0.0:
        return None
    return measure_span(answer) / steps


def measure_span(answer: Answer) -> float:
    """Return the seconds from the first output to the last; 0 if there was none."""
    return answer.outputs[-1] - answer.outputs[0] if answer.outputs else 0.0
