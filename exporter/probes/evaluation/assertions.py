"""What users assert of answers, judged in one place after the probe's own judgement.

What is asserted and cannot be told (a speed where the vendor counted no tokens) has not been met: it is said, never
passed over.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from exporter.core.exchange import Exchange
from exporter.core.outcome import Flag, Outcome
from exporter.core.target import Assertions
from exporter.probes.evaluation.answer import Answer, fold_events
from exporter.probes.evaluation.judgement import as_failure
from exporter.probes.evaluation.model_match import is_same_model
from exporter.probes.evaluation.schemas import contains_pattern, find_mismatch

LONGEST_TEXT = 65_536
"""Characters of an answer that are looked at."""
SHOWN = 100
"""Characters of it that a detail quotes."""


def apply_assertions(wanted: Assertions | None, outcome: Outcome, exchanges: Sequence[Exchange]) -> Outcome:
    """Return the outcome, or `assertion_failed` with every assertion that was not met and what came instead.

    `exchanges` are those that the outcome was judged by; the last of them holds the answer. Only a success is judged.
    """
    if wanted is None or not outcome.ok or not exchanges:
        return outcome
    text = _text_to_check(fold_events(exchanges[-1].events))[:LONGEST_TEXT]
    unmet = [*_check_text(wanted, text, outcome), *_check_figures(wanted, outcome)]
    return as_failure(outcome, "; ".join(unmet)) if unmet else outcome


def _text_to_check(answer: Answer) -> str:
    """Return what the answer says: its text, the arguments of its tool call, or the names it lists, one per line."""
    if answer.models is not None:
        return "\n".join(model.id for model in answer.models)
    return answer.visible_text or "\n".join(call.arguments for call in answer.calls)


def _check_text(wanted: Assertions, text: str, outcome: Outcome) -> Iterator[str]:
    if wanted.contains is not None and wanted.contains not in text:
        yield f"asserted contains {wanted.contains!r}, {_describe_text(text, outcome)}"
    if wanted.regex is not None and not contains_pattern(wanted.regex, text):
        yield f"asserted regex {wanted.regex!r}, {_describe_text(text, outcome)}"
    if wanted.json_schema is not None and (unfit := find_mismatch(wanted.json_schema, text)) is not None:
        yield f"asserted json_schema: {unfit[:SHOWN]}; {_describe_text(text, outcome)}"


def _describe_text(text: str, outcome: Outcome) -> str:
    if text:
        return f"the answer was {text[:SHOWN]!r}"
    starved = Flag.STARVED in outcome.flags
    return "there was no answer, reasoning used up the cap" if starved else "the answer had no text"


def _check_figures(wanted: Assertions, outcome: Outcome) -> Iterator[str]:
    timing, tokens = outcome.timing, outcome.tokens
    if wanted.max_first_token is not None and not _is_at_most(timing.first_token, wanted.max_first_token):
        came = "none came" if timing.first_token is None else f"it took {timing.first_token:.3g} s"
        yield f"asserted first token within {wanted.max_first_token:g} s, {came}"
    if wanted.min_tokens_per_second is not None:
        speed = 1 / timing.per_output_token if timing.per_output_token else None
        if speed is None or speed < wanted.min_tokens_per_second:
            came = "its speed is not known" if speed is None else f"it was {speed:.3g}"
            yield f"asserted at least {wanted.min_tokens_per_second:g} output tokens per second, {came}"
    if wanted.min_tokens is not None and (tokens is None or tokens.output < wanted.min_tokens):
        came = "they were not counted" if tokens is None else f"there were {tokens.output}"
        yield f"asserted at least {wanted.min_tokens} output tokens, {came}"
    if wanted.served_model is not None and not _matches_served(wanted.served_model, outcome.served_model):
        came = f"it was {outcome.served_model}" if outcome.served_model else "it was not told"
        yield f"asserted served model {wanted.served_model}, {came}"


def _is_at_most(value: float | None, limit: float) -> bool:
    return value is not None and value <= limit


def _matches_served(wanted: str, served: str | None) -> bool:
    """Match a glob, or a name by the rule that tells one model from another, against the name of the served model."""
    return bool(served) and (fnmatchcase(served or "", wanted) or is_same_model(wanted, served or ""))
