"""Who answered: changes, and names that stay bounded whatever a vendor writes there."""

from collections.abc import Iterable

import pytest

from exporter.metrics.check_metrics import HOUR_NS, OTHER, REMEMBERED, ServedModels

EIGHT = [f"model-{n}" for n in range(REMEMBERED)]
MINUTE_NS = HOUR_NS // 60


def changes(names: Iterable[str]) -> list[bool]:
    served = ServedModels()
    return [served.record(name, at * MINUTE_NS) for at, name in enumerate(names)]


def shown(names: Iterable[str], step_ns: int = MINUTE_NS) -> list[str]:
    served = ServedModels()
    labels = []
    for at, name in enumerate(names):
        served.record(name, at * step_ns)
        labels.append(served.label_for(name))
    return labels


@pytest.mark.parametrize(
    ("names", "changed"),
    [
        pytest.param(["a"], [False], id="the first is none"),
        pytest.param(["a", "a"], [False, False], id="the same again"),
        pytest.param(["a", "b", "a", "b"], [False, True, False, False], id="two that take turns"),
        pytest.param([*EIGHT, EIGHT[0]], [False, *[True] * 7, False], id="eight are remembered"),
        pytest.param([*EIGHT, "ninth", EIGHT[0]], [False, *[True] * 9], id="the ninth pushes the oldest out"),
        pytest.param(
            [*EIGHT, EIGHT[0], "ninth", EIGHT[0]], [False, *[True] * 7, False, True, False], id="seen again is not old"
        ),
    ],
)
def test_a_change_is_a_model_not_among_the_last_eight(names: list[str], changed: list[bool]) -> None:
    assert changes(names) == changed


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        pytest.param(["a", "b", "a"], ["a", "b", "a"], id="a few"),
        pytest.param([*EIGHT, "ninth", "ninth"], [*EIGHT, OTHER, OTHER], id="a ninth has no name, however often"),
        pytest.param([*EIGHT, "ninth", EIGHT[0]], [*EIGHT, OTHER, EIGHT[0]], id="the eight keep theirs"),
        pytest.param(["x" * 200, "a\nb"], ["x" * 128, "a\N{REPLACEMENT CHARACTER}b"], id="cleaned"),
    ],
)
def test_eight_names_are_shown_in_an_hour(names: list[str], labels: list[str]) -> None:
    assert shown(names) == labels


def test_a_name_makes_room_when_it_was_not_seen_for_an_hour() -> None:
    names = [f"model-{n}" for n in range(40)]
    assert OTHER not in shown(names, step_ns=HOUR_NS // 7)
    assert OTHER in shown(names, step_ns=HOUR_NS // 9)


def test_a_random_name_each_time_makes_few_labels() -> None:
    assert len(set(shown([f"id-{n}" for n in range(59)]))) == REMEMBERED + 1
