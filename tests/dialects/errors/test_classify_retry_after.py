"""How long vendors ask to wait."""

import pytest

from exporter.dialects.errors.classify import LONGEST_WAIT, read_retry_after

DATE = "Sun, 23 Nov 2025 12:00:00 GMT"
LATER = "Sun, 23 Nov 2025 12:00:37 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "20"}, 20.0, id="seconds"),
        pytest.param({"retry-after": "0.5"}, 0.5, id="parts of a second"),
        pytest.param({"retry-after": "0"}, 0.0, id="at once"),
        pytest.param({"retry-after-ms": "1500", "retry-after": "2"}, 1.5, id="milliseconds say it more exactly"),
        pytest.param({"retry-after-ms": "soon", "retry-after": "2"}, 2.0, id="milliseconds that are none"),
        pytest.param({"retry-after": LATER, "date": DATE}, 37.0, id="a date, against the answer's own"),
        pytest.param({"retry-after": DATE, "date": LATER}, 0.0, id="a date that is past"),
        pytest.param({"retry-after": LATER}, None, id="a date against nothing"),
        pytest.param({"retry-after": "-1"}, None, id="a sentinel"),
        pytest.param({"retry-after": "inf"}, None, id="never"),
        pytest.param({"retry-after": "a while"}, None, id="words"),
        pytest.param({"llm_provider-retry-after": "7"}, 7.0, id="what LiteLLM re-exports"),
        pytest.param({"llm_provider-retry-after-ms": "70"}, 0.07, id="its milliseconds"),
        pytest.param({"llm_provider-retry-after": "7", "retry-after": "3"}, 3.0, id="the gateway's own goes first"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_the_time_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers) == seconds


@pytest.mark.parametrize("text", ["1e300", "9" * 60, "99999999999"])
def test_a_wait_beyond_reason_is_a_day(text: str) -> None:
    assert read_retry_after({"retry-after": text}) == LONGEST_WAIT
    assert read_retry_after({"retry-after-ms": text}) == LONGEST_WAIT


@pytest.mark.parametrize(
    "text", ["inf", "nan", "-1e300", "Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 0001 00:00:00 +1400"]
)
def test_an_odd_wait_is_none_or_within_a_day(text: str) -> None:
    wait = read_retry_after({"retry-after": text, "date": "Tue, 01 Dec 2026 00:00:00 GMT"})
    assert wait is None or 0 <= wait <= LONGEST_WAIT
