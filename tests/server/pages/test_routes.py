"""Models and routes as rows: figures against their own day, the worst first, ids of any kind in addresses."""

from dataclasses import replace

import pytest

from exporter.core.health_state import State
from exporter.core.outcome import Fault, Limit, Reason
from exporter.core.target import Check
from exporter.results.diagnosis import Known
from exporter.server.pages.routes import (
    Figure,
    Model,
    Route,
    Window,
    describe_headroom,
    list_models,
    make_check_address,
    make_figure,
)
from tests.metrics.make import STARTED, answered, check, failed, listing, provider, timing
from tests.server.reading import known

NOW = STARTED + 30
HOUR, DAY = Window(day=False), Window(day=True)


def shown(*all_known: Known) -> list[Model]:
    return list_models(all_known, NOW, HOUR, {})


def only(*all_known: Known) -> Route:
    (model,) = shown(*all_known)
    (route,) = model.routes
    return route


def quick(of: Check, seconds: float) -> Known:
    return known(of, answered(timing=timing(first_token=seconds)))


def test_a_route_in_words() -> None:
    row = only(known(check(), answered()))
    assert (row.key, row.provider, row.kind, row.model) == ("openai/gpt-4o", "openai", "direct", "gpt-4o")
    assert (row.state, row.since, row.since_at) == (State.UP, "30 s", "2023-11-14T22:13:20.000Z")
    assert (row.reason, row.fault, row.detail, row.skip, row.ran) == ("answered", "", "", "", "30 s")
    assert (row.first_token.now, row.first_token.usual) == ("300 ms", "300 ms")
    assert (row.duration.now, row.duration.usual) == ("750 ms", "750 ms")
    assert (row.share, row.runs, row.headroom, row.cost, row.behind) == ("100 %", 1, "", "", "")
    assert row.href == "/checks/openai/gpt-4o/chat"


def test_a_route_that_fails() -> None:
    row = only(known(check(), answered(), failed(fault=Fault.GATEWAY), state=State.DOWN))
    assert (row.state, row.reason, row.fault, row.detail) == (
        State.DOWN,
        "server error",
        "gateway",
        "the vendor is sorry",
    )
    assert (row.first_token.now, row.first_token.usual, row.share) == ("", "300 ms", "50 %")


def test_a_check_that_has_not_run() -> None:
    row = only(known(check()))
    assert (row.state, row.since, row.ran, row.share, row.runs) == (State.UNKNOWN, "", "", "", 0)
    assert row.first_token == row.duration == Figure()


def test_the_check_in_trouble_tells_why_and_the_required_one_gives_the_figures() -> None:
    canary = known(check(probe="canary", required=False), failed(Reason.AUTH), state=State.DOWN)
    row = only(canary, known(check(), answered()))
    assert (row.state, row.reason) == (State.DEGRADED, "canary: the key was rejected")
    assert (row.duration.now, row.href) == ("750 ms", "/checks/openai/gpt-4o/chat")
    assert [(each.name, each.state) for each in row.checks] == [("canary", "down"), ("chat", "up")]


def test_without_a_required_check_the_worst_decides() -> None:
    assert only(known(listing(), failed(), state=State.DOWN)).state is State.DOWN


def test_models_of_one_alias_are_routes_of_one_model() -> None:
    (model,) = shown(
        quick(check("gpt-4o", alias="4o"), 0.5), quick(check("openai/gpt-4o", alias="4o", at=provider("relay")), 0.2)
    )
    assert model.name == "4o"
    assert [(row.provider, row.model, row.behind, row.fastest) for row in model.routes] == [
        ("openai", "gpt-4o", "+300 ms", "relay"),
        ("relay", "openai/gpt-4o", "fastest", "relay"),
    ]


def test_trouble_comes_first_and_what_has_no_way_left_before_what_has() -> None:
    down = known(check("half"), failed(), state=State.DOWN)
    found = shown(
        known(check("fine"), answered()),
        known(listing(), failed(), state=State.DOWN),
        known(check("slow"), answered(), state=State.DEGRADED),
        down,
        known(check("half", at=provider("relay")), answered()),
        known(check("gone"), failed(), state=State.DOWN),
        known(check("gone", at=provider("relay")), failed(), state=State.DOWN),
    )
    assert [(model.name, model.state.value, model.note) for model in found] == [
        ("gone", "down", "no route is left"),
        ("half", "down", "1 of 2 routes down"),
        ("slow", "degraded", ""),
        ("fine", "up", ""),
        ("", "down", ""),
    ]
    assert [row.state.value for row in found[1].routes] == ["down", "up"]


def test_costs_of_all_checks_of_a_route_are_summed() -> None:
    chat, canary = check(), check(probe="canary")
    (model,) = list_models([known(chat), known(canary)], NOW, HOUR, {chat.id: 0.1, canary.id: 0.2, "other": 9.0})
    assert model.routes[0].cost == "$0.30"


@pytest.mark.parametrize(
    ("now", "usual", "notable"),
    [(0.3, 0.2, False), (0.31, 0.2, True), (None, 0.2, False), (0.3, None, False)],
)
def test_far_above_the_usual_is_marked(now: float | None, usual: float | None, notable: bool) -> None:
    assert make_figure(now, [], usual).notable is notable


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        pytest.param([], ("", "", False), id="not told"),
        pytest.param([Limit(resource="tokens", window="minute", remaining=5)], ("", "", False), id="of what, not told"),
        pytest.param(
            [
                Limit(resource="requests", window="day", limit=100, remaining=50),
                Limit(resource="input_tokens", window="minute", limit=100, remaining=3),
            ],
            ("3 %", "input tokens/min", True),
            id="the scarcest",
        ),
        pytest.param(
            [Limit(resource="requests", window="minute", limit=10, remaining=10)],
            ("100 %", "requests/min", False),
            id="plenty",
        ),
    ],
)
def test_headroom(limits: list[Limit], told: tuple[str, str, bool]) -> None:
    assert describe_headroom(limits) == told


@pytest.mark.parametrize(
    ("check_id", "path"),
    [
        ("openai/gpt-4o/chat", "/checks/openai/gpt-4o/chat"),
        ("relay/meta/llama 3?/chat", "/checks/relay/meta/llama%203%3F/chat"),
        ("relay/a%2Fb/chat", "/checks/relay/a%252Fb/chat"),
        ("openai//models", "/checks/openai//models"),
    ],
)
def test_the_address_of_a_check(check_id: str, path: str) -> None:
    assert make_check_address(check_id) == path


@pytest.mark.parametrize(
    ("asked", "ran_at", "day"),
    [("", STARTED, False), ("", STARTED - 7200, True), ("1h", STARTED - 7200, False), ("24h", STARTED, True)],
)
def test_the_window(asked: str, ran_at: float, day: bool) -> None:
    assert Window.choose(asked, [known(check(), answered(started_at=ran_at))], NOW) == replace(HOUR, day=day)


def test_the_window_decides_what_is_counted() -> None:
    old = known(check(), failed(started_at=STARTED - 7200), answered())
    assert [list_models([old], NOW, window, {})[0].routes[0].share for window in (HOUR, DAY)] == ["100 %", "50 %"]
