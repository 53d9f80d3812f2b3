"""Logging: one way out for every line, secrets masked in all of them, and what the log says of checks."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from exporter.core.health_state import Grade, Health, State
from exporter.core.outcome import Failure, Flag, Outcome, Reason, Timing
from exporter.core.redaction import Redactor
from exporter.core.sink import Observation, RestoredState, Skip
from exporter.results.log import Format, Level, LogSink, configure_logging
from tests.probes.samples import a_check

KEY = 'sk-proj-4f9a/Xq+72Lm"Zt'
FORMATS: list[Format] = ["console", "json", "logfmt"]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def configured(
    form: Format = "json", level: Level = "info", stream: io.StringIO | None = None, counts: list[str] | None = None
) -> io.StringIO:
    out = stream or io.StringIO()
    counted = (counts if counts is not None else []).append
    configure_logging(Redactor(lambda: [SecretStr(KEY)]), level=level, form=form, stream=out, counted=counted)
    return out


def events(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


class TestFormats:
    def test_json(self) -> None:
        out = configured("json")
        structlog.get_logger().info("hello", check="a/b/c", seconds=1.5, flags=["slow"], nothing=None)
        (event,) = events(out)

        assert event.pop("timestamp").endswith("Z")
        assert event == {
            "event": "hello",
            "level": "info",
            "check": "a/b/c",
            "seconds": 1.5,
            "flags": ["slow"],
            "nothing": None,
        }

    def test_logfmt_is_one_line_whatever_it_says(self) -> None:
        out = configured("logfmt")
        structlog.get_logger().info("hello there", detail='two\nlines, "quoted"', good=True)
        line = out.getvalue()

        assert line.startswith("timestamp=")
        assert line.endswith('level=info event="hello there" detail="two\\nlines, \\"quoted\\"" good=true\n')
        assert line.count("\n") == 1

    def test_console(self) -> None:
        out = configured("console")
        structlog.get_logger().info("hello", check="a/b/c")

        assert "[info     ] hello" in out.getvalue()
        assert "check=a/b/c" in out.getvalue()
        assert "\x1b[" not in out.getvalue()

    def test_auto_is_for_a_person_on_a_terminal(self) -> None:
        out = configured("auto", stream=Terminal())
        structlog.get_logger().info("hello")

        assert "\x1b[" in out.getvalue()

    def test_auto_is_for_a_machine_elsewhere(self) -> None:
        out = configured("auto")
        structlog.get_logger().info("hello")

        assert "event=hello" in out.getvalue()


class TestLevels:
    def test_what_is_below_the_level_is_not_written(self) -> None:
        out = configured(level="warning")
        log = structlog.get_logger()
        log.info("quiet")
        log.warning("loud")

        assert [event["event"] for event in events(out)] == ["loud"]

    @pytest.mark.parametrize("name", ["apscheduler.scheduler", "aiohttp.client", "asyncio"])
    def test_libraries_are_heard_from_warnings_on_with_their_name(self, name: str) -> None:
        out = configured(level="debug")
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("mind the %s", "gap")
        (event,) = events(out)

        assert (event["event"], event["level"], event["logger"]) == ("mind the gap", "warning", name)

    def test_and_from_errors_on_where_only_errors_are_wanted(self) -> None:
        out = configured(level="error")
        logging.getLogger("aiohttp").warning("mind the gap")

        assert out.getvalue() == ""

    def test_python_warnings_go_the_same_way(self) -> None:
        out = configured()
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=True)
            warnings.warn(f"do not use {KEY}", stacklevel=1)

        assert "do not use ***" in out.getvalue()

    def test_warnings_and_errors_are_counted(self) -> None:
        counts: list[str] = []
        configured(counts=counts)
        log = structlog.get_logger()
        log.info("no")
        log.warning("one")
        log.error("two")
        logging.getLogger("aiohttp").critical("three")

        assert counts == ["warning", "error", "error"]


@dataclass
class Holder:
    content: str


class Shy:
    def __str__(self) -> str:
        return f"Shy({KEY})"


def fail() -> None:
    try:
        int(KEY)
    except ValueError as error:
        raise RuntimeError(f"cannot use {KEY}") from error


@pytest.mark.parametrize("form", FORMATS)
class TestSecrets:
    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(KEY, id="text"),
            pytest.param(KEY[3:14], id="a part"),
            pytest.param(["a", {"b": (KEY,)}], id="nested"),
            pytest.param({KEY: 1}, id="a key of a mapping"),
            pytest.param({KEY}, id="a set"),
            pytest.param(Holder(KEY), id="a dataclass"),
            pytest.param(Shy(), id="an object"),
            pytest.param(ValueError(KEY), id="an error"),
            pytest.param(Path("/keys") / KEY, id="a path"),
            pytest.param(KEY.encode(), id="bytes"),
            pytest.param(SecretStr(KEY), id="a secret itself"),
        ],
    )
    def test_are_masked_in_every_value(self, form: Format, value: object) -> None:
        out = configured(form)
        structlog.get_logger().info("hello", value=value)

        assert "hello" in out.getvalue()
        assert_no_trace(out.getvalue())

    def test_are_masked_in_the_event_itself(self, form: Format) -> None:
        out = configured(form)
        structlog.get_logger().info(f"sent {KEY}")

        assert "sent ***" in out.getvalue()
        assert_no_trace(out.getvalue())

    def test_are_masked_in_tracebacks(self, form: Format) -> None:
        out = configured(form)
        try:
            fail()
        except RuntimeError:
            structlog.get_logger().exception("it failed")

        assert "RuntimeError: cannot use ***" in out.getvalue()
        assert "ValueError: invalid literal for int() with base 10: '***'" in out.getvalue()
        assert_no_trace(out.getvalue())

    def test_are_masked_in_what_libraries_log(self, form: Format) -> None:
        out = configured(form)
        try:
            fail()
        except RuntimeError:
            logging.getLogger("aiohttp.server").exception("refused %s", KEY)

        assert "refused ***" in out.getvalue()
        assert "RuntimeError: cannot use ***" in out.getvalue()
        assert_no_trace(out.getvalue())


def assert_no_trace(text: str) -> None:
    """No 8 characters of the key in a row, plain or escaped for JSON."""
    for form in (KEY, json.dumps(KEY)[1:-1]):
        assert not [form[at : at + 8] for at in range(len(form) - 7) if form[at : at + 8] in text]


def outcome(reason: Reason = Reason.OK, *flags: Flag, detail: str = "", http_status: int | None = 200) -> Outcome:
    return Outcome(
        reason=reason,
        started_at=1000.0,
        timing=Timing(duration=1.23456),
        fault=None if reason is Reason.OK else Failure(reason=reason).blamed,
        detail=detail,
        http_status=http_status,
        flags=frozenset(flags),
    )


def seen(run: Outcome, before: State, after: State, *grades: Grade) -> Observation:
    return Observation(
        check=a_check(),
        outcome=run,
        before=Health(state=before, recent=grades),
        after=Health(state=after),
        model_health=None,
    )


class TestLogSink:
    def told(self, observation: Observation, level: Level = "info") -> list[dict[str, Any]]:
        out = configured(level=level)
        LogSink(structlog.get_logger()).record_run(observation)
        return [{key: value for key, value in event.items() if key != "timestamp"} for event in events(out)]

    def test_a_change_of_state_with_reason_fault_and_detail(self) -> None:
        run = outcome(Reason.OVERLOADED, detail="try later", http_status=529)

        assert self.told(seen(run, State.UP, State.DOWN, Grade.HARD)) == [
            {
                "event": "check is down",
                "level": "warning",
                "check": "acme/model-1/chat",
                "was": "up",
                "reason": "overloaded",
                "fault": "provider",
                "http_status": 529,
                "detail": "try later",
                "seconds": 1.235,
            }
        ]

    def test_recovery_is_good_news(self) -> None:
        (event,) = self.told(seen(outcome(), State.DOWN, State.UP, Grade.HARD))

        assert (event["event"], event["level"], event["was"]) == ("check is up", "info", "down")
        assert "fault" not in event

    def test_degraded_tells_the_flags(self) -> None:
        (event,) = self.told(seen(outcome(Reason.OK, Flag.SLOW), State.UP, State.DEGRADED, Grade.SOFT))

        assert (event["event"], event["level"], event["flags"]) == ("check is degraded", "warning", ["slow"])

    @pytest.mark.parametrize("before", [(), (Grade.CLEAN,), (Grade.HARD, Grade.CLEAN)], ids=str)
    def test_a_first_failure(self, before: tuple[Grade, ...]) -> None:
        (event,) = self.told(seen(outcome(Reason.DNS), State.UP, State.UP, *before))

        assert (event["event"], event["level"], event["reason"]) == ("check failed", "warning", "dns")

    @pytest.mark.parametrize(
        "observation",
        [
            pytest.param(seen(outcome(), State.UP, State.UP, Grade.CLEAN), id="a success"),
            pytest.param(seen(outcome(Reason.OK, Flag.SLOW), State.UP, State.UP, Grade.CLEAN), id="a slow success"),
            pytest.param(seen(outcome(Reason.DNS), State.DOWN, State.DOWN, Grade.HARD), id="one more failure"),
            pytest.param(seen(outcome(Reason.DNS), State.DEGRADED, State.DEGRADED, Grade.SOFT), id="still poor"),
            pytest.param(seen(outcome(Reason.INTERNAL), State.UP, State.UP, Grade.CLEAN), id="told by the runner"),
        ],
    )
    def test_nothing_new_is_for_debug_only(self, observation: Observation) -> None:
        assert self.told(observation) == []
        (event,) = self.told(observation, "debug")
        assert (event["event"], event["level"]) == ("check ran", "debug")

    def test_a_check_that_stopped_running(self) -> None:
        out = configured()
        LogSink(structlog.get_logger()).expire_check(a_check(), Health(), None)
        (event,) = events(out)

        assert event["event"] == "check has not run for three intervals"
        assert (event["check"], event["level"]) == ("acme/model-1/chat", "warning")

    def test_the_rest_is_for_debug(self) -> None:
        def play(sink: LogSink) -> None:
            sink.add_check(a_check())
            sink.restore_check(a_check(), RestoredState(health=Health()), None)
            sink.record_start(a_check())
            sink.record_skip(a_check(), Skip.OVERLAP)
            sink.remove_check(a_check())

        quiet = configured()
        play(LogSink(structlog.get_logger()))
        assert quiet.getvalue() == ""

        out = configured(level="debug")
        play(LogSink(structlog.get_logger()))
        assert [event["event"] for event in events(out)] == [
            "check configured",
            "check known from before",
            "run skipped",
            "check no longer configured",
        ]
