"""Models found in lists: which, in which order, for how long, and what is said of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.outcome import Reason
from exporter.core.plan import Discovery, Plan
from exporter.core.sink import Observation
from exporter.core.target import Check, Target
from exporter.models.discovery import ModelDiscovery
from tests.parts.lists import a_list, lister, remembered
from tests.probes.samples import a_check, a_provider

HERE = a_provider()
HOUR = 3600.0


def asked(*kinds: str) -> Callable[[str], tuple[Check, ...]]:
    return lambda model: tuple(a_check(kind, model=model, provider=HERE) for kind in kinds)


def target(model: str) -> Target:
    return Target(provider=HERE, model=model, dialect="openai-chat")


def row(
    include: Sequence[str] = ("*",), exclude: Sequence[str] = (), limit: int = 20, kinds: Sequence[str] = ("chat",)
) -> Discovery:
    return Discovery(
        provider=HERE,
        include=tuple(include),
        exclude=tuple(exclude),
        every=HOUR,
        limit=limit,
        checks=asked(*kinds),
        target=target,
    )


def plan(*rows: Discovery, checks: Sequence[Check] = (), models: Sequence[str] = ()) -> Plan:
    return Plan(
        source="test", providers=(HERE,), checks=tuple(checks), targets=tuple(map(target, models)), discoveries=rows
    )


class Found:
    """A discoverer on a plan, what it said, and how often it called for a new plan."""

    def __init__(self, configured: Plan) -> None:
        self.changes = 0
        log, self._kept = remembered()
        self.discoverer = ModelDiscovery(log, self._changed)
        self.plan = configured
        self.discoverer.extend_plan(configured)

    def _changed(self) -> None:
        self.changes += 1

    def reads(self, *lists: Observation) -> "Found":
        for each in lists:
            self.discoverer.record_run(each)
        return self

    @property
    def extended(self) -> Plan:
        return self.discoverer.extend_plan(self.plan)

    @property
    def watched(self) -> list[str]:
        return [check.target.model for check in self.extended.checks]

    @property
    def told_of(self) -> list[str]:
        return [each.model for each in self.extended.targets]

    @property
    def left_out(self) -> list[int]:
        return [call.kwargs["left_out"] for call in self._kept.calls if "left_out" in call.kwargs]

    @property
    def said(self) -> list[tuple[str, Any]]:
        return [(call.args[0], call.kwargs.get("models")) for call in self._kept.calls]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(row(), ["gpt-4o", "gpt-4o-mini", "o3", "deepseek/v3"], id="all"),
        pytest.param(row(["gpt-*"]), ["gpt-4o", "gpt-4o-mini"], id="some"),
        pytest.param(row(["o*", "gpt-4o"]), ["o3", "gpt-4o"], id="several globs, in their order"),
        pytest.param(row(exclude=["*-mini", "o3"]), ["gpt-4o", "deepseek/v3"], id="all but some"),
        pytest.param(row(["deepseek/*"]), ["deepseek/v3"], id="with a slash"),
        pytest.param(row(["GPT-*"]), [], id="upper case is another name"),
        pytest.param(row(limit=2), ["gpt-4o", "gpt-4o-mini"], id="at most so many"),
    ],
)
def test_which_models_are_found(wanted: Discovery, found: list[str]) -> None:
    read = Found(plan(wanted)).reads(a_list("gpt-4o", "gpt-4o-mini", "o3", "deepseek/v3"))

    assert read.watched == read.told_of == found


def test_before_a_list_there_is_only_what_is_configured() -> None:
    configured = plan(row(), checks=[lister()], models=["by-hand"])

    assert Found(configured).extended == configured


def test_models_without_probes_are_told_of_and_not_asked() -> None:
    read = Found(plan(row(kinds=()))).reads(a_list("a", "b"))

    assert (read.watched, read.told_of) == ([], ["a", "b"])


def test_what_is_configured_by_hand_is_not_found_as_well() -> None:
    by_hand = a_check("canary", model="a", provider=HERE)
    read = Found(plan(row(limit=1), checks=[by_hand], models=["a"])).reads(a_list("a", "b", "c"))

    assert [check.id for check in read.extended.checks] == ["acme/a/canary", "acme/b/chat"]
    assert read.told_of == ["a", "b"]


def test_a_model_that_two_rows_find_is_the_first_row_s() -> None:
    rows = (row(["gpt-4o"], kinds=["canary"]), row(["gpt-*"], kinds=["chat"]))
    read = Found(plan(*rows)).reads(a_list("gpt-4o", "gpt-5"))

    assert [check.id for check in read.extended.checks] == ["acme/gpt-4o/canary", "acme/gpt-5/chat"]


def test_checks_that_stay_are_the_same() -> None:
    found = Found(plan(row())).reads(a_list("a", "b"))
    before = found.extended.checks
    found.reads(a_list("c", "b", "a", at=HOUR))

    assert found.extended.checks[:2] == before
    assert found.watched == ["a", "b", "c"]


def test_a_list_in_another_order_drops_nobody() -> None:
    found = Found(plan(row(limit=2))).reads(a_list("m", "n"), a_list("a", "b", "n", "m", at=HOUR))

    assert found.watched == ["m", "n"]
    assert found.changes == 1


def test_at_another_address_everything_is_found_anew() -> None:
    """What the vendor before listed is not asked of the one after, whose first list is read though it comes early."""
    found = Found(plan(row())).reads(a_list("theirs"))
    moved = replace(HERE, base_url="http://127.0.0.1:2/v1")
    found.plan = plan(replace(row(), provider=moved))
    assert found.watched == []

    found.reads(a_list("ours", at=60.0))
    assert found.watched == ["ours"]
    assert found.reads(a_list("later", at=120.0)).watched == ["ours"]


def test_a_model_that_vanishes_is_told_of_for_one_more_period() -> None:
    found = Found(plan(row())).reads(a_list("a", "b"), a_list("a", at=HOUR))
    assert (found.watched, found.told_of) == (["a"], ["a", "b"])

    found.reads(a_list("a", at=2 * HOUR))
    assert (found.watched, found.told_of) == (["a"], ["a"])
    assert found.changes == 3


def test_a_model_that_comes_back_is_watched_again() -> None:
    found = Found(plan(row())).reads(a_list("a", "b"), a_list("a", at=HOUR), a_list("a", "b", at=2 * HOUR))

    assert found.watched == found.told_of == ["a", "b"]


@pytest.mark.parametrize(
    ("seconds", "watched"),
    [
        pytest.param(60.0, ["a"], id="too soon"),
        pytest.param(HOUR - 31.0, ["a"], id="the next list is nearer"),
        pytest.param(HOUR - 29.0, ["a", "b"], id="a moment early"),
        pytest.param(HOUR, ["a", "b"], id="in time"),
        pytest.param(9 * HOUR, ["a", "b"], id="late"),
    ],
)
def test_the_list_is_looked_through_every_so_often(seconds: float, watched: list[str]) -> None:
    found = Found(plan(row())).reads(a_list("a"), a_list("a", "b", at=seconds))
    assert found.watched == watched
    assert found.changes == len(watched), "a list that brings nothing new calls for nothing"


def test_what_goes_is_said_once_and_what_comes_with_what_was_left_out() -> None:
    found = Found(plan(row(limit=2))).reads(a_list("a", "b", "c"), a_list("c", at=HOUR), a_list("c", at=2 * HOUR))

    assert found.said == [
        ("models found", ["a", "b"]),
        ("models found", ["c"]),
        ("models found before are no longer watched", ["a", "b"]),
    ]
    assert found.left_out == [1, 0]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(a_list("b", at=HOUR, reason=Reason.TOO_LARGE), id="half a list"),
        pytest.param(a_list(at=HOUR, reason=Reason.OVERLOADED, told=False), id="no list"),
        pytest.param(a_list(at=HOUR), id="an empty list"),
        pytest.param(a_list("b", at=HOUR, check=lister(a_provider("elsewhere"))), id="the list of another provider"),
    ],
)
def test_nothing_is_lost_to_a_broken_list(broken: Observation) -> None:
    found = Found(plan(row())).reads(a_list("a"), broken)
    assert (found.watched, found.changes) == (["a"], 1)


def test_an_empty_list_is_said_to_be_broken() -> None:
    said = Found(plan(row())).reads(a_list("a"), a_list(at=HOUR)).said
    assert [words for words, _ in said[1:]] == ["the provider lists no model at all; models found before are kept"]


def test_names_that_no_label_can_hold_are_refused_and_said_once() -> None:
    bad = ("a\nb", "gpt\u202e4o", " gpt")
    found = Found(plan(row())).reads(
        a_list("a", *bad), a_list("a", *bad, at=HOUR), a_list("a", *bad, "b" * 200, at=2 * HOUR)
    )

    assert found.watched == ["a"]
    refused = [models for words, models in found.said if words == "listed models cannot be asked"]
    assert refused == [list(bad), ["b" * 200]]


def test_what_is_not_wanted_is_not_refused_aloud() -> None:
    assert Found(plan(row(["gpt-*"]))).reads(a_list("a\nb")).said == [("no listed model fits", None)]


def test_a_long_list_is_one_short_line() -> None:
    found = Found(plan(row(limit=1000))).reads(a_list(*(f"model-{number}" for number in range(500))))
    ((words, models),) = found.said

    assert words == "models found"
    assert len(models) == 10


class TestReload:
    def test_a_row_that_stays_keeps_what_it_found(self) -> None:
        found = Found(plan(row())).reads(a_list("a", "b"))
        found.plan = replace(plan(row(kinds=["canary"])), source="again")

        assert [check.id for check in found.extended.checks] == ["acme/a/canary", "acme/b/canary"]

    def test_a_row_that_is_new_is_filled_from_the_list_that_is_known(self) -> None:
        found = Found(plan(row(["a"]))).reads(a_list("a", "b"))
        found.plan = plan(row(["b"]))

        assert found.watched == ["b"]

    def test_a_smaller_limit_cuts(self) -> None:
        found = Found(plan(row())).reads(a_list("a", "b", "c"))
        found.plan = plan(row(limit=1))

        assert found.watched == ["a"]

    def test_a_row_that_goes_takes_its_models_with_it(self) -> None:
        found = Found(plan(row())).reads(a_list("a"))
        found.plan = plan()

        assert found.watched == []

    def test_a_model_configured_by_hand_meanwhile_is_found_no_more(self) -> None:
        found = Found(plan(row())).reads(a_list("a", "b"))
        found.plan = plan(row(), models=["a"])

        assert (found.watched, found.told_of) == (["b"], ["a", "b"])


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=6), st.integers(1, 4))
def test_never_more_than_allowed_and_only_what_is_listed(lists: list[list[str]], limit: int) -> None:
    found = Found(plan(row(limit=limit)))
    for number, models in enumerate(lists):
        before = set(found.watched)
        found.reads(a_list(*models, at=number * HOUR))
        if models:
            assert len(found.watched) == min(limit, len(models))
            assert set(found.watched) <= set(models)
            assert before & set(models) <= set(found.watched)
