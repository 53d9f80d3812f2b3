import random
from statistics import median

import pytest

from exporter.demo.catalog import MODELS, OFFERS
from exporter.demo.delivery import FASTEST, SLOWEST, draw_pace

ROUTES = [pytest.param(name, offer.delay, id=f"{offer.name}/{name}") for offer in OFFERS for name in offer.models]


@pytest.mark.parametrize(("model", "delay"), ROUTES)
def test_waits_are_believable(model: str, delay: float) -> None:
    chance = random.Random(3)
    drawn = [draw_pace(MODELS[model], 16, delay, chance) for _ in range(300)]
    firsts = [pace.head + pace.first for pace in drawn]
    assert all(FASTEST <= first <= SLOWEST for first in firsts)
    assert min(pace.head for pace in drawn) > 0
    assert len(set(firsts)) > 100, "they vary"
    assert all(40 / 1.3 < 1 / gap < 120 / 0.7 for pace in drawn for gap in pace.gaps)
    assert all(len(pace.gaps) == 16 for pace in drawn)


def test_a_gateway_is_slower_than_the_vendor() -> None:
    def usual(delay: float) -> float:
        chance = random.Random(5)
        return median(draw_pace(MODELS["gpt-4o"], 16, delay, chance).first for _ in range(200))

    gateway = next(offer for offer in OFFERS if offer.name == "holysheep")
    assert usual(gateway.delay) > usual(1.0)


def test_a_sluggish_model_takes_seconds() -> None:
    pace = draw_pace(MODELS["gpt-4o"], 16, 1.0, random.Random(1), sluggish=True)
    assert pace.head < 1
    assert 3 < pace.first < 5


def test_the_same_chance_gives_the_same_waits() -> None:
    assert draw_pace(MODELS["o3-mini"], 4, 1.0, random.Random(9)) == draw_pace(
        MODELS["o3-mini"], 4, 1.0, random.Random(9)
    )
