"""Time spans: read, suggested, written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.config.schema import duration as span

READ = {
    "500ms": 0.5,
    "30s": 30,
    "5m": 300,
    "1h30m": 5400,
    "2h5s": 7205,
    "7d": 604800,
    "1d2h3m4s5ms": 93784.005,
    "1.5s": 1.5,
    "0.25h": 900,
    "90m": 5400,
    "0s": 0,
}
NOT_READ = [
    "",
    "30",
    "1.5",
    "s",
    "30 s",
    " 30s",
    "30S",
    "-5s",
    "+5s",
    "1m1h",
    "1s1s",
    "5min",
    "1e3s",
    "1,5s",
    "٣s",
    "5s\n",
]
SUGGESTED = {
    "30": "write 30s",
    " 2.5 ": "write 2.5s",
    "5 min": "write 5m",
    "90 Seconds": "write 90s",
    "1 hour 30 minutes": "write 1h30m",
    "1H30M": "write 1h30m",
    "100 msec": "write 100ms",
    "2 days": "write 2d",
    "30S": "write 30s",
    "soon": "write a time span such as 30s, 5m or 1h30m",
    "1m1h": "write a time span such as 30s, 5m or 1h30m",
    "5 parsecs": "write a time span such as 30s, 5m or 1h30m",
    "5m 3": "write a time span such as 30s, 5m or 1h30m",
    "": "write a time span such as 30s, 5m or 1h30m",
}


@pytest.mark.parametrize(("text", "seconds"), READ.items())
def test_read(text: str, seconds: float) -> None:
    assert span.parse_duration(text) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize("text", NOT_READ)
def test_not_read(text: str) -> None:
    assert span.parse_duration(text) is None


@pytest.mark.parametrize(("text", "said"), SUGGESTED.items())
def test_suggested(text: str, said: str) -> None:
    assert span.suggest_duration(text) == said


@given(st.integers(min_value=0, max_value=400 * 86_400_000))
def test_what_is_written_reads_back(milliseconds: int) -> None:
    assert span.parse_duration(span.format_duration(milliseconds / 1000)) == pytest.approx(
        milliseconds / 1000, rel=1e-12
    )


@given(st.text(max_size=12))
def test_a_suggestion_is_always_a_span(text: str) -> None:
    said = span.suggest_duration(text).removeprefix("write ")
    assert said == "a time span such as 30s, 5m or 1h30m" or span.parse_duration(said) is not None
