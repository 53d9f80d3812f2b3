"""Every way vendors write a time."""

import pytest

from exporter.dialects import times

NOW = 1_763_899_200.0  # 2025-11-23T12:00:00Z
HOUR = 3600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0),
        ("1s", 1.0),
        ("20ms", 0.02),
        ("2m59.56s", 179.56),
        ("1h2m3.5s", 3723.5),
        ("1d2h", 93600.0),
        ("500us", 0.0005),
        ("500µs", 0.0005),
        ("500\u03bcs", 0.0005),
        ("7ns", 7e-9),
        ("0s", 0.0),
        ("38s", 38.0),
        ("", None),
        ("38", None),
        ("soon", None),
        ("1s ago", None),
        ("-1s", None),
        ("1" * 80 + "s", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert times.read_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("6m0s", NOW + 360, id="a duration (OpenAI)"),
        pytest.param("37", NOW + 37, id="whole seconds (Azure)"),
        pytest.param("0.5", NOW + 0.5, id="seconds"),
        pytest.param("0", NOW, id="now"),
        pytest.param("2025-11-23T12:01:00Z", NOW + 60, id="a date and time (Anthropic)"),
        pytest.param("2025-11-23T13:01:00.123456789+01:00", NOW + 60.123456, id="with an offset and nanoseconds"),
        pytest.param("2025-11-23T12:01:00", NOW + 60, id="without an offset it is UTC"),
        pytest.param("1763899260", NOW + 60, id="Unix seconds (Cohere)"),
        pytest.param("1763899260000", NOW + 60, id="Unix milliseconds (OpenRouter)"),
        pytest.param("2025-11-23T11:59:58Z", NOW - 2, id="just past: clocks differ"),
        pytest.param("-1", None, id="a sentinel"),
        pytest.param("0001-01-01T00:00:00Z", None, id="Go's zero time"),
        pytest.param("9223372036854775807", None, id="the largest integer"),
        pytest.param("2147483647", None, id="the largest small integer"),
        pytest.param("9000h", None, id="over a year"),
        pytest.param("", None, id="nothing"),
        pytest.param("tomorrow", None, id="words"),
        pytest.param("nan", None, id="not a number"),
        pytest.param("inf", None, id="never"),
        pytest.param("99999-01-01T00:00:00Z", None, id="no year"),
    ],
)
def test_resets(text: str, moment: float | None) -> None:
    assert times.read_reset(text, NOW) == pytest.approx(moment, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), (" 7 ", 7.0), ("-1", -1.0), ("", None), ("7 apples", None), ("inf", None), ("1" * 400, None)],
)
def test_numbers(text: str, value: float | None) -> None:
    assert times.read_number(text) == value


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 23 Nov 2025 12:00:00 GMT", NOW),
        ("Sun, 23 Nov 2025 13:00:00 +0100", NOW),
        ("Sun, 23 Nov 2025 12:00:00 -0000", NOW),
        ("", None),
        ("37", None),
        ("Sun, 99 Nov 2025 12:00:00 GMT", None),
        ("Sun, 23 Nov 99999999 12:00:00 GMT", None),
        ("Sun, 23 Nov 2025 12:00:00 +99999999999999999999", None),
    ],
)
def test_http_dates(text: str, moment: float | None) -> None:
    assert times.read_http_date(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2025-13-01T00:00:00Z", "٢٠٢٥"])
def test_what_is_no_moment(text: str) -> None:
    assert times.read_timestamp(text) is None
