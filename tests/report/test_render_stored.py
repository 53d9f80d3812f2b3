"""The report of what the store keeps, and what is said of a window that is not what was asked for."""

from dataclasses import replace

import pytest

from exporter.report.render import list_notes, report_window
from exporter.store import Window
from tests.report.samples import figures

HOUR = 3600.0
WHOLE = Window(asked=HOUR, since=HOUR, known=0, exact=0, until=3 * HOUR)


def test_the_report_is_of_what_is_known_and_says_so() -> None:
    told = report_window(replace(WHOLE, since=2 * HOUR, known=2 * HOUR, models=(figures("openai"),)))
    assert (told["since"], told["until"]) == ("1970-01-01T02:00:00Z", "1970-01-01T03:00:00Z")
    assert [row["provider"] for row in told["models"]] == ["openai"]
    assert [note.split(" ")[0:2] for note in told["notes"]] == [["the", "window"]]


@pytest.mark.parametrize(
    ("window", "said"),
    [
        pytest.param(WHOLE, "", id="as it was asked for"),
        pytest.param(
            replace(WHOLE, since=2 * HOUR, known=2 * HOUR),
            "the window was to begin at 1970-01-01T01:00:00Z and begins at 1970-01-01T02:00:00Z: "
            "no runs are kept from before",
            id="cut short",
        ),
        pytest.param(
            replace(WHOLE, exact=2 * HOUR),
            "runs before 1970-01-01T02:00:00Z are kept as sums by the hour: a window begins with a full hour, "
            "and p95 may be off by 3.1%",
            id="from sums",
        ),
    ],
)
def test_what_is_said_of_a_window(window: Window, said: str) -> None:
    assert "; ".join(list_notes(window)) == said
