from itertools import combinations

import pytest

from exporter.demo.catalog import MODELS, OFFERS
from exporter.demo.script import CYCLE, EVERY, SCRIPT, Play, Scene, Trouble
from tests.demo.conftest import HeldClock

INTERVAL = 5
TIMED = [scene for scene in SCRIPT if not scene.is_permanent]


def models(scene: Scene) -> set[str]:
    offer = next(offer for offer in OFFERS if offer.name == scene.provider)
    return set(offer.models) if scene.model == EVERY else {scene.model}


def test_every_trouble_is_played_within_two_minutes() -> None:
    assert {scene.trouble for scene in SCRIPT} == set(Trouble)
    assert all(0 <= scene.begins < scene.ends <= CYCLE <= 120 for scene in SCRIPT)


def test_scenes_are_on_routes_that_exist() -> None:
    offers = {offer.name: offer.models for offer in OFFERS}
    assert all(models(scene) <= set(offers[scene.provider]) for scene in SCRIPT)


def test_a_model_is_never_in_two_troubles_at_once() -> None:
    clashes = [
        (one, other)
        for one, other in combinations(TIMED, 2)
        if one.begins < other.ends and other.begins < one.ends and models(one) & models(other)
    ]
    assert clashes == []


def test_each_trouble_outlasts_three_runs_and_its_end_is_seen() -> None:
    assert all(scene.ends - scene.begins >= 3 * INTERVAL for scene in TIMED)
    for model in MODELS:
        times = sorted((scene.begins, scene.ends) for scene in TIMED if model in models(scene))
        pauses = [later[0] - earlier[1] for earlier, later in zip(times, [*times[1:], (CYCLE, 0)], strict=True)]
        assert min(pauses) >= 2 * INTERVAL, model


def test_the_start_is_calm() -> None:
    assert min(scene.begins for scene in TIMED) >= 2 * INTERVAL


def test_while_the_gateway_is_down_a_direct_route_is_up() -> None:
    outage = next(scene for scene in TIMED if scene.trouble is Trouble.OUTAGE)
    assert (outage.provider, outage.model) == ("holysheep", EVERY)
    others = [scene for scene in TIMED if scene.provider != outage.provider]
    assert not [scene for scene in others if scene.begins < outage.ends and outage.begins < scene.ends]


SCENE = Scene(10, 20, "openai", "gpt-4o", Trouble.OVERLOADED)


@pytest.mark.parametrize(
    ("second", "played"),
    [(0, False), (9.9, False), (10, True), (19.9, True), (20, False), (130, True), (140, False)],
)
def test_a_scene_is_played_in_its_time_of_every_cycle(clock: HeldClock, second: float, *, played: bool) -> None:
    play = Play([SCENE], clock)
    clock.second = second
    assert play.troubles_of("openai", "gpt-4o") == ({Trouble.OVERLOADED} if played else set())
    assert (
        play.troubles_of("openai", "o3-mini")
        == play.troubles_of("openai")
        == play.troubles_of("holysheep", "gpt-4o")
        == set()
    )


def test_a_scene_for_every_model_is_the_providers_own() -> None:
    play = Play([Scene(0, CYCLE, "openai", EVERY, Trouble.OUTAGE)], HeldClock())
    assert play.troubles_of("openai") == play.troubles_of("openai", "gpt-4o") == {Trouble.OUTAGE}


def test_the_cycle_begins_when_told(clock: HeldClock) -> None:
    play = Play([SCENE], clock)
    clock.second = 50
    assert play.second == 50
    play.begin()
    assert play.second == 0
    clock.second = 65
    assert play.troubles_of("openai", "gpt-4o")


def test_forced_scenes_stay_until_released(clock: HeldClock) -> None:
    play = Play([], clock)
    play.force([SCENE])
    play.force([Scene(0, 1, "openai", "gpt-4o", Trouble.LOW_HEADROOM)])
    clock.second = 77
    assert play.troubles_of("openai", "gpt-4o") == {Trouble.OVERLOADED, Trouble.LOW_HEADROOM}
    play.release(Trouble.OVERLOADED)
    assert play.troubles_of("openai", "gpt-4o") == {Trouble.LOW_HEADROOM}
    play.release()
    assert not play.troubles_of("openai", "gpt-4o")
