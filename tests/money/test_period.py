"""Days and months, where clocks change too."""

from datetime import UTC, datetime

import pytest

from exporter.money.period import Calendar, Period, TimeSpan, find_zone


def unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("where", "period", "at", "begin", "hours"),
    [
        pytest.param("UTC", Period.DAY, "2026-11-23T14:00+00:00", "2026-11-23T00:00+00:00", 24, id="a day"),
        pytest.param("UTC", Period.DAY, "2026-11-23T00:00+00:00", "2026-11-23T00:00+00:00", 24, id="its first moment"),
        pytest.param("UTC", Period.MONTH, "2026-02-10T00:00+00:00", "2026-02-01T00:00+00:00", 672, id="a month"),
        pytest.param("UTC", Period.MONTH, "2026-12-31T23:59+00:00", "2026-12-01T00:00+00:00", 744, id="the last one"),
        pytest.param(
            "Europe/Berlin", Period.DAY, "2026-11-23T23:30+00:00", "2026-11-24T00:00+01:00", 24, id="another zone"
        ),
        pytest.param(
            "Europe/Berlin", Period.DAY, "2026-03-29T12:00+00:00", "2026-03-29T00:00+01:00", 23, id="summer begins"
        ),
        pytest.param(
            "Europe/Berlin", Period.DAY, "2026-10-25T12:00+00:00", "2026-10-25T00:00+02:00", 25, id="summer ends"
        ),
        pytest.param(
            "Africa/Cairo", Period.DAY, "2026-04-24T12:00Z", "2026-04-23T22:00+00:00", 23, id="a day without a midnight"
        ),
        pytest.param(
            "Africa/Cairo", Period.DAY, "2026-04-23T21:59Z", "2026-04-23T00:00+02:00", 24, id="the day before it"
        ),
        pytest.param(
            "Africa/Cairo", Period.DAY, "2026-10-29T20:30Z", "2026-10-29T00:00+03:00", 25, id="its last hour twice"
        ),
        pytest.param("Asia/Kolkata", Period.DAY, "2026-11-23T19:00Z", "2026-11-24T00:00+05:30", 24, id="half hours"),
    ],
)
def test_spans(where: str, period: Period, at: str, begin: str, hours: int) -> None:
    found = Calendar(find_zone(where)).span_at(period, unix(at))
    assert (found.begin, found.length) == (unix(begin), hours * 3600)
    assert found.contains(unix(at))


def test_the_next_span_begins_where_one_ends() -> None:
    calendar = Calendar()
    first = calendar.span_at(Period.MONTH, unix("2026-01-31T12:00+00:00"))
    assert calendar.span_at(Period.MONTH, first.end).begin == first.end
    assert not first.contains(first.end)
    assert first == TimeSpan(unix("2026-01-01T00:00+00:00"), unix("2026-02-01T00:00+00:00"))


def test_zones() -> None:
    assert find_zone("utc") is UTC
    for name in ("Mars/North", "../etc/passwd"):
        with pytest.raises(ValueError, match=name):
            find_zone(name)
