"""From an exchange to an outcome: the judgement all probes share, after which each may add its own.

What the flags and figures mean stands with `Flag` and `Timing` in exporter/core/outcome.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from exporter.core.advice import suggest_base_url
from exporter.core.ask import Ask, ListModels
from exporter.core.exchange import Exchange, Finish
from exporter.core.outcome import FAULTS, NOTHING_THERE, Failure, Fault, Flag, Outcome, Reason
from exporter.core.target import Check, Kind, Target
from exporter.probes.evaluation.answer import Answer
from exporter.probes.evaluation.measurement import count_shown_tokens, measure_span, measure_timing
from exporter.probes.evaluation.model_match import is_same_model

AT_ONCE = 0.001
"""Output that all arrived within this many seconds was held back; a loop held as long proves nothing."""

MANY_TOKENS = 8
"""Fewer tokens than this may well arrive together although nothing buffers them."""

WORDS_KEPT = 80
"""Characters of an answer's words that stand beside advice, which must not be cut off for them."""

_ROOT = re.compile(r"/(?:v\d|api/|model/)")
"""How a protocol's own paths begin where they hold its version (Anthropic, Gemini, Cohere) or start at the root."""

_ABOUT_A_MODEL = re.compile(r"model|deployment|engine", re.IGNORECASE)

STOPPED: Mapping[Finish, tuple[Reason, str]] = MappingProxyType(
    {
        Finish.FILTERED: (Reason.CONTENT_FILTERED, "a content filter stopped the answer"),
        Finish.REFUSED: (Reason.REFUSED, "the model refused to answer"),
        Finish.ERROR: (Reason.SERVER_ERROR, "the model stopped with an error"),
    }
)
"""The ways to stop that make an answer, whole as it is, a failure."""


def judge_exchange(check: Check, ask: Ask, exchange: Exchange, answer: Answer) -> Outcome:
    """Judge one exchange, whatever the probe."""
    output_expected = not isinstance(ask, ListModels)
    failure = exchange.failure or answer.error or _find_failure(answer, output_expected=output_expected)
    shown = answer.served.gateway or answer.served.upstream is not None
    behind = shown or check.target.provider.kind is Kind.GATEWAY
    if failure is not None and behind and _is_gateway_failure(failure):
        failure = replace(failure, fault=Fault.GATEWAY)
    if failure is not None:
        failure = _add_address_advice(check.target, exchange, failure)
    flags = frozenset(_find_flags(check, ask, exchange, answer, failure))
    speed_known = ask.streamed and not flags & {Flag.STARVED, Flag.BUFFERED, Flag.CACHED}
    return Outcome(
        reason=failure.reason if failure else Reason.OK,
        started_at=exchange.started_at,
        timing=measure_timing(exchange, answer, output_expected=output_expected, speed_known=speed_known),
        fault=failure.blamed if failure else None,
        detail=failure.detail if failure else "",
        code=failure.code if failure else None,
        http_status=exchange.status,
        retry_after=failure.retry_after if failure else None,
        tokens=answer.tokens,
        flags=flags,
        served_model=answer.served.model,
        fingerprint=answer.served.fingerprint,
        upstream=answer.served.upstream,
        retires_at=answer.served.retires_at,
        request_id=answer.served.request_id,
        limits=answer.limits,
        cost_usd=answer.cost_usd,
        model_load=answer.model_load,
        models=answer.models,
        certificate_expires_at=exchange.certificate_expires_at,
        clock_source=exchange.clock_source,
        gateway=shown,
    )


def _is_gateway_failure(failure: Failure) -> bool:
    """Return whether the gateway failed: by its certificate, or by a 5xx of its front without an error of any API."""
    failed = failure.http_status is not None and failure.http_status >= 500  # noqa: PLR2004 (HTTP's class of server errors)
    certificate = failure.reason is Reason.TLS and failure.fault is Fault.PROVIDER
    return certificate or (failed and failure.bare)


def _add_address_advice(target: Target, exchange: Exchange, failure: Failure) -> Failure:
    """Say what was asked, and what to try, where something other than the API answered: the base URL may be wrong."""
    if exchange.sent is None or _ABOUT_A_MODEL.search(failure.detail):
        return failure
    nothing_there = exchange.status in NOTHING_THERE
    other_answer = exchange.status is not None and failure.reason is Reason.INVALID_RESPONSE
    if not (nothing_there or other_answer):
        return failure
    own_path = exchange.sent.url.removeprefix(target.provider.base_url)
    better = suggest_base_url(target.provider.base_url, holds_version=not _ROOT.match(own_path))
    if better is None and not failure.bare:
        return failure
    asked = f"{exchange.sent.method} {exchange.sent.url}"
    advice = f"try `base_url: {better}`" if better else "is `base_url` right?"
    return replace(failure, detail=f"asked {asked}: {failure.detail[:WORDS_KEPT] or exchange.status}; {advice}")


def as_failure(outcome: Outcome, detail: str, reason: Reason = Reason.ASSERTION_FAILED) -> Outcome:
    """Turn a success into a failure: the answer came, but it is not what was asked for. Only a success is `starved`."""
    flags = outcome.flags - {Flag.STARVED}
    return replace(outcome, reason=reason, fault=FAULTS[reason], detail=detail, flags=flags)


def has_answer(outcome: Outcome) -> bool:
    """Return whether there is an answer to judge: a success whose answer was not starved by reasoning."""
    return outcome.ok and Flag.STARVED not in outcome.flags


def _find_failure(answer: Answer, *, output_expected: bool) -> Failure | None:
    """Find what is wrong with an answer that is complete."""
    if answer.finish is not None and answer.finish.why in STOPPED:
        reason, detail = STOPPED[answer.finish.why]
        native = f" ({answer.finish.native})" if answer.finish.native else ""
        return Failure(reason=reason, detail=detail + native)
    if output_expected and not (answer.has_visible_output or answer.has_reasoning or _hit_cap(answer)):
        return Failure(reason=Reason.EMPTY_RESPONSE, detail="the answer ended without any text or reasoning")
    return None


def _hit_cap(answer: Answer) -> bool:
    """Return whether the limit on output tokens was reached before anything but reasoning came."""
    return answer.finish is not None and answer.finish.why is Finish.LENGTH and not answer.has_visible_output


def _find_flags(check: Check, ask: Ask, exchange: Exchange, answer: Answer, failure: Failure | None) -> Iterator[Flag]:
    if failure is None and _hit_cap(answer) and not isinstance(ask, ListModels):
        yield Flag.STARVED
    if ask.streamed and _is_buffered(exchange, answer):
        yield Flag.BUFFERED
    if answer.served.cached:
        yield Flag.CACHED
    if _is_mismatched(check.target, answer.served.model):
        yield Flag.MISMATCHED
    if check.degraded_above is not None and exchange.ended > check.degraded_above:
        yield Flag.SLOW


def _is_buffered(exchange: Exchange, answer: Answer) -> bool:
    """Return whether everything came at once, although the event loop was free to see it come piece by piece.

    A single tool call proves nothing: Gemini, for one, sends each in one piece.
    """
    if len(answer.outputs) == 1 and answer.calls:
        return False
    at_once = bool(answer.outputs) and measure_span(answer) <= AT_ONCE
    return at_once and count_shown_tokens(answer) >= MANY_TOKENS and exchange.stall < AT_ONCE


def _is_mismatched(target: Target, served: str | None) -> bool:
    """Return whether another model answered than asked for; an alias is another name the model is known by.

    Where users name deployments themselves nothing is known of what should answer, unless an alias says it.
    """
    if not served or not target.model:
        return False
    if target.quirks.names_deployments and target.alias in ("", target.model):
        return False
    return not any(is_same_model(asked, served) for asked in (target.model, target.alias) if asked)
