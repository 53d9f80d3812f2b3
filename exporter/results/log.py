"""Logging: set up once by the composition root, for a person or a machine, with secrets masked in every value.

Structlog's own events and the standard library's records (APScheduler, aiohttp, asyncio) go one way out, so that no
line escapes the redactor. `LogSink` says in the log what became of checks.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from exporter.core.health_state import Grade, Health, State
from exporter.core.outcome import Outcome, Reason
from exporter.core.redaction import Clean, Redactor
from exporter.core.sink import Observation, RestoredState, Sink, Skip
from exporter.core.target import Check

Format = Literal["auto", "console", "json", "logfmt"]
Level = Literal["debug", "info", "warning", "error"]

LEVELS: Mapping[Level, int] = MappingProxyType(
    {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
)


def ignore_level(level: str) -> None:
    """Default: log lines are not counted."""


def configure_logging(
    redactor: Redactor,
    *,
    level: Level = "info",
    form: Format = "auto",
    stream: TextIO | None = None,
    counted: Callable[[str], None] = ignore_level,
) -> None:
    """Set up structlog and the standard library's logging. `counted` receives each `warning` and `error` written.

    `form` auto is console on a terminal and logfmt elsewhere; `stream` is the standard error stream by default.
    The libraries' own loggers are heard from warnings on, even where `level` is lower.
    """
    out = stream if stream is not None else sys.stderr
    steps: list[Processor] = [
        structlog.stdlib.add_log_level,
        _Count(counted),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _Redact(redactor),
        _make_renderer(form, out),
    ]
    structlog.configure(
        processors=steps,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[ProcessorFormatter.remove_processors_meta, *steps],
            foreign_pre_chain=[structlog.stdlib.add_logger_name],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, LEVELS[level]), force=True)
    logging.captureWarnings(capture=True)


def _make_renderer(form: Format, out: TextIO) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer()
    if form == "console" or (form == "auto" and out.isatty()):
        plain = structlog.dev.plain_traceback
        return structlog.dev.ConsoleRenderer(colors=out.isatty(), sort_keys=False, exception_formatter=plain)
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)


class _Count:
    """Tells how many warnings and errors were written."""

    def __init__(self, counted: Callable[[str], None]) -> None:
        self._counted = counted

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        level = str(event["level"])
        if level in ("warning", "error", "critical"):
            self._counted("error" if level == "critical" else level)
        return event


class _Redact:
    """Turns every value of an event into text, numbers and containers of them, all texts cleaned."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        clean = self._redactor.make_cleaner()
        return {key: _to_loggable(value, clean) for key, value in event.items()}


def _to_loggable(value: Any, clean: Clean) -> Any:
    """Convert an object to text now: the renderer would convert it after the cleaning."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {clean(str(key)): _to_loggable(each, clean) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_to_loggable(each, clean) for each in value]
    return clean(str(value))


class LogSink(Sink):
    """One line when a check changes its state, one when it first fails; a successful run is worth a line to debug."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log

    def add_check(self, check: Check) -> None:
        self._log.debug("check configured", check=check.id)

    def remove_check(self, check: Check) -> None:
        self._log.debug("check no longer configured", check=check.id)

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:  # noqa: ARG002  (a Sink is told)
        self._log.debug("check known from before", check=check.id, state=known.health.state)

    def record_run(self, seen: Observation) -> None:
        if seen.after.state is not seen.before.state:
            level = logging.INFO if seen.after.state is State.UP else logging.WARNING
            was = seen.before.state
            self._log.log(
                level, f"check is {seen.after.state}", check=seen.check.id, was=was, **_describe_outcome(seen.outcome)
            )
        elif _is_first_failure(seen):
            self._log.warning(
                "check failed", check=seen.check.id, state=seen.after.state, **_describe_outcome(seen.outcome)
            )
        elif self._log.is_enabled_for(logging.DEBUG):  # do not build what is not written
            self._log.debug("check ran", check=seen.check.id, state=seen.after.state, **_describe_outcome(seen.outcome))

    def record_not_offered(self, seen: Observation) -> None:
        if seen.before.offered:
            self._log.info(
                "the provider offers no list of models, so it is not judged by one",
                check=seen.check.id,
                **_describe_outcome(seen.outcome),
            )

    def record_skip(self, check: Check, why: Skip) -> None:
        self._log.debug("run skipped", check=check.id, why=why)

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:  # noqa: ARG002  (a Sink is told)
        self._log.warning("check has not run for three intervals", check=check.id, state=health.state)


def _is_first_failure(seen: Observation) -> bool:
    """Return whether this is a failure after a run without one. The runner logs our own bugs, with their traceback."""
    fails = not seen.outcome.ok and seen.outcome.reason is not Reason.INTERNAL
    return fails and seen.before.recent[-1:] in ((), (Grade.CLEAN,))


def _describe_outcome(outcome: Outcome) -> dict[str, Any]:
    """Describe a run for the log; unknown figures are left out."""
    facts = {
        "reason": outcome.reason,
        "fault": outcome.blamed,
        "http_status": outcome.http_status,
        "detail": outcome.detail,
        "flags": sorted(outcome.flags),
        "request_id": outcome.request_id,
        "seconds": round(outcome.timing.duration, 3),
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [])}
