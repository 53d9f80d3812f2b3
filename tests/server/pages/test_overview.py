"""The first page as data: its one line, its filters, whose trouble it is."""

from collections import Counter
from dataclasses import replace

import pytest

from exporter.core.health_state import State
from exporter.core.outcome import Flag, Reason
from exporter.core.target import Kind
from exporter.results.diagnosis import Known
from exporter.server.pages.overview import LONGEST_QUERY, Overview, OverviewQuery, make_headline, make_overview
from tests.metrics.make import STARTED, answered, check, failed, listing, provider
from tests.server.reading import known

NOW = STARTED + 600


def shown(*all_known: Known, **but: str) -> Overview:
    return make_overview(all_known, NOW, OverviewQuery(**but), {}, ())


@pytest.mark.parametrize(
    ("counted", "sentence"),
    [
        pytest.param({}, "Nothing is watched", id="none"),
        pytest.param({State.UP: 1}, "The one route is up", id="one"),
        pytest.param({State.UP: 16}, "All 16 routes are up", id="all"),
        pytest.param({State.DOWN: 1}, "1 down of 1 route", id="the one is down"),
        pytest.param(
            {State.UP: 3, State.UNKNOWN: 1, State.DEGRADED: 2, State.DOWN: 4},
            "4 down, 2 degraded, 1 unknown, 3 up of 10 routes",
            id="the worst first",
        ),
    ],
)
def test_the_headline(counted: dict[State, int], sentence: str) -> None:
    assert make_headline(Counter(counted)) == sentence


def test_lists_of_models_are_no_routes_unless_nothing_else_is_watched() -> None:
    assert shown(known(listing(), failed(), state=State.DOWN), known(check(), answered())).headline == (
        "The one route is up"
    )
    assert shown(known(listing(), answered())).headline == "The one route is up"


def test_since_when_there_is_trouble_or_peace() -> None:
    calm = [known(check("a"), answered(), since=NOW - 300), known(check("b"), answered(), since=NOW - 60)]
    assert shown(*calm).since == "1 min"
    ill = known(check("c"), failed(), state=State.DOWN, since=NOW - 120)
    worse = known(check("d"), failed(), state=State.DEGRADED, since=NOW - 240)
    assert shown(*calm, ill, worse).since == "4 min"
    assert shown(known(check())).since == ""


def test_whose_trouble_it_is() -> None:
    relay = replace(provider("relay"), kind=Kind.SELF_HOSTED)
    slow = answered(flags=frozenset({Flag.SLOW}))
    found = shown(
        known(check(at=relay), failed(Reason.AUTH), state=State.DOWN),
        known(check("o3"), slow, state=State.DEGRADED),
    ).troubles
    assert [(line.whose, line.provider, line.kind, line.words, line.which, line.down) for line in found] == [
        ("us", "relay", "self-hosted", "the key was rejected", "gpt-4o", True),
        ("unclear", "openai", "direct", "slow", "o3", False),
    ]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, OverviewQuery()),
        ({"window": "24h", "state": "down", "q": " gpt "}, OverviewQuery(window="24h", state="down", q="gpt")),
        ({"window": "1y", "state": "fine"}, OverviewQuery()),
        ({"q": "x" * 500}, OverviewQuery(q="x" * LONGEST_QUERY)),
    ],
)
def test_what_is_asked_for(query: dict[str, str], wanted: OverviewQuery) -> None:
    assert OverviewQuery.of(query) == wanted


def test_addresses_keep_what_else_was_asked_for() -> None:
    assert OverviewQuery().make_href() == "/"
    assert OverviewQuery(q="a&b", window="1h").make_href(state="down") == "/?window=1h&state=down&q=a%26b"


@pytest.mark.parametrize(
    ("but", "names"),
    [
        pytest.param({}, ["gone", "fine"], id="all"),
        pytest.param({"state": "down"}, ["gone"], id="a state"),
        pytest.param({"q": "FINE"}, ["fine"], id="a model, in any case"),
        pytest.param({"q": "openai/"}, ["gone", "fine"], id="a provider"),
        pytest.param({"q": "fine", "state": "down"}, [], id="both"),
    ],
)
def test_filters(but: dict[str, str], names: list[str]) -> None:
    found = shown(known(check("fine"), answered()), known(check("gone"), failed(), state=State.DOWN), **but)
    assert [model.name for model in found.models] == names
    assert bool(found.filtered) is bool(but)
    assert found.headline == "1 down, 1 up of 2 routes", "a filter changes what is listed, not how things are"


def test_a_chosen_state_is_let_go_by_its_own_link() -> None:
    counts = {count.state: count for count in shown(known(check(), answered()), state="up").counts}
    assert (counts["up"].chosen, counts["up"].href) == (True, "/")
    assert (counts["down"].chosen, counts["down"].href) == (False, "/?state=down")
