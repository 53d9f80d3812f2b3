"""The pages as HTML: what they say, that nothing a vendor says can become markup, what their policy allows."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from exporter.core.exchange import Exchange, Moments
from exporter.core.health_state import State
from exporter.core.outcome import Reason
from exporter.core.sink import Skip
from exporter.results.diagnosis import Known
from exporter.results.failed_exchanges import FailedRun
from exporter.server.pages.html import PageRenderer
from exporter.server.pages.overview import OverviewQuery
from exporter.server.sources import Notice
from tests.metrics.make import STARTED, answered, check, failed, listing
from tests.server.reading import Read, known, read

NOW = STARTED + 90
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"'&"


def overview(*shown: Known, **but: str) -> Read:
    return read(PageRenderer().render_overview(shown, NOW, wanted=OverviewQuery(**but)))


def page_of(shown: Known) -> Read:
    return read(PageRenderer().render_check(*shown, NOW))


def test_the_first_page_says_how_things_are_and_whose_trouble_it_is() -> None:
    found = overview(
        known(check(), failed(Reason.AUTH), state=State.DOWN), known(check("o3"), answered()), known(listing())
    )
    assert found.text["title"] == "1 down, 1 up of 2 routes · AI API Exporter"
    assert "the key was rejected" in found.words
    assert "the vendor is sorry" in found.text["small"]
    assert "Whose trouble it is" in found.text["h2"]
    assert "Lists of models" in found.words
    assert found.values("lang") == ["en"]


def test_a_page_without_checks_says_so() -> None:
    found = overview()
    assert "No check is configured." in found.text["p"]
    assert "table" not in found.tags


@pytest.mark.parametrize(
    "but", [{"q": HOSTILE}, {"q": "gpt", "state": "up", "window": "24h"}], ids=["hostile", "all at once"]
)
def test_what_was_asked_for_stays_asked_for(but: dict[str, str]) -> None:
    found = overview(known(check(), answered()), **but)
    assert but["q"] in found.values("value")
    assert all(link.startswith(("/", "#", "data:")) for link in found.values("href"))


def test_a_skip_and_the_exporters_own_troubles_are_shown() -> None:
    entry, past = known(check(), answered())
    html = PageRenderer().render_overview(
        [(replace(entry, last_skip=Skip.BUDGET), past)],
        NOW,
        notices=[Notice("configuration not reloaded", "exporter.yml:3: no")],
        costs={entry.check.id: 0.25},
    )
    words = read(html).words
    assert "left out: the budget is used up" in words
    assert "configuration not reloaded" in words
    assert "exporter.yml:3: no" in words
    assert "$0.25" in words


def test_the_page_of_a_check_shows_its_runs_and_failures() -> None:
    found = page_of(known(check(), failed(), answered(), state=State.DEGRADED))
    assert "openai/gpt-4o/chat" in found.text["h1"]
    assert found.tags.count("details") == 1
    assert "gpt-4o-2024-11-20" in found.text["dd"]
    assert "Show the exchange" not in found.words


def test_a_check_that_has_not_run_has_a_page() -> None:
    found = page_of(known(check(required=False)))
    assert found.words.count("It has not run yet.") == 2
    assert "None since this process started." in found.words


def test_an_exchange_is_shown_where_it_may_be() -> None:
    entry, past = known(check(), failed())
    exchange = Exchange(started_at=STARTED, moments=Moments(), ended=0.2, status=500, received_bytes=HOSTILE.encode())
    html = PageRenderer().render_check(
        entry, past, NOW, may_see=True, asked=True, shown=FailedRun(failed(), (exchange,))
    )
    assert HOSTILE in read(html).text["pre"]
    assert "Show the exchange" in read(PageRenderer().render_check(entry, past, NOW, may_see=True)).text["a"]
    assert (
        "has its exchange kept" in read(PageRenderer().render_check(entry, past, NOW, may_see=True, asked=True)).words
    )


@pytest.mark.parametrize("show", [overview, page_of])
def test_what_a_vendor_or_user_wrote_stays_text(show: object) -> None:
    assert callable(show)
    calm = show(known(check("calm"), failed(detail="calm"), state=State.DOWN))
    wild = show(known(check(HOSTILE), failed(detail=HOSTILE), state=State.DOWN))
    assert wild.tags == calm.tags
    assert wild.words.count(HOSTILE) >= 2


@pytest.mark.parametrize("show", [overview, page_of])
def test_nothing_comes_from_outside_and_nothing_is_set_by_attribute(show: object) -> None:
    assert callable(show)
    found = show(known(check(), failed(), answered(started_at=STARTED + 60)))
    assert set(found.tags) & {"iframe", "img", "object", "embed"} == set()
    assert all(link.startswith(("/", "#", "data:")) for link in found.values("href") + found.values("src"))
    assert not any(name.startswith("on") or name == "style" for name, _ in found.attributes)
    assert "url(" not in found.text["style"]
    assert "@import" not in found.text["style"]
    assert found.values("id") == list(dict.fromkeys(found.values("id"))), "ids are unique"


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else() -> None:
    found = overview(known(check(), answered()))
    style, script = (b64encode(sha256(found.text[tag].encode()).digest()).decode() for tag in ("style", "script"))
    policy = dict(part.strip().split(" ", 1) for part in PageRenderer().policy.split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{style}'",
        "script-src": f"'sha256-{script}'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_a_fragment_is_the_part_that_changes() -> None:
    shown = known(check(), answered())
    whole = PageRenderer().render_overview([shown], NOW)
    part = PageRenderer().render_overview([shown], NOW, fragment=True)
    assert part in whole
    assert not {"html", "main", "script", "style"} & set(read(part).tags)
    assert read(part).values("data-title") == [read(whole).text["title"]]


@pytest.mark.parametrize("state", State)
def test_a_state_is_told_in_words_and_has_its_colour(state: State) -> None:
    found = overview(known(check(), answered(), state=state))
    assert state in found.text["span"]
    assert f".{state} {{" in found.text["style"]
