"""Why a check is as it is, and whose trouble that is: told by its runs and by the other routes."""

from dataclasses import replace

import pytest

from exporter.core.health_state import State
from exporter.core.outcome import Fault, Flag, Reason
from exporter.core.target import Check, Kind
from exporter.results.diagnosis import Cause, Known, explain_state, list_troubles
from tests.metrics.make import answered, check, failed, listing, provider
from tests.server.reading import known

GATEWAY = replace(provider("relay"), kind=Kind.GATEWAY)
SLOW = answered(flags=frozenset({Flag.SLOW}))


def why(shown: Known) -> Cause:
    return explain_state(*shown)


@pytest.mark.parametrize(
    ("shown", "words", "fault"),
    [
        pytest.param(known(check()), "has not run yet", None, id="never ran"),
        pytest.param(known(check(), answered()), "answered", None, id="went well"),
        pytest.param(known(check(), failed(Reason.AUTH)), "the key was rejected", Fault.US, id="failed"),
        pytest.param(
            known(check(), failed(fault=Fault.GATEWAY)), "server error", Fault.GATEWAY, id="the answer tells whose"
        ),
        pytest.param(
            known(check(), failed(Reason.DNS), answered(), state=State.DOWN),
            "the host name could not be resolved",
            Fault.NETWORK,
            id="not recovered yet",
        ),
        pytest.param(known(check(), failed(Reason.DNS), answered()), "answered", None, id="recovered"),
        pytest.param(known(check(), SLOW, state=State.DEGRADED), "slow", None, id="slow"),
        pytest.param(
            known(replace(check(), degraded_above=3.0), SLOW, state=State.DEGRADED),
            "slower than 3.00 s",
            None,
            id="slower than it may be",
        ),
        pytest.param(
            known(check(), answered(canary_correct=False)),
            "a wrong answer to a question of known answer",
            Fault.PROVIDER,
            id="wrong",
        ),
    ],
)
def test_a_cause(shown: Known, words: str, fault: Fault | None) -> None:
    assert (why(shown).words, why(shown).fault) == (words, fault)


def down(of: Check, reason: Reason = Reason.SERVER_ERROR) -> Known:
    return known(of, failed(reason), state=State.DOWN)


def up(of: Check) -> Known:
    return known(of, answered())


def test_no_trouble_where_all_is_well_or_nothing_is_known() -> None:
    assert list_troubles([up(check()), known(check("o3"))]) == []


def test_what_shares_provider_and_reason_is_one_trouble() -> None:
    (trouble,) = list_troubles([down(check("a")), down(check("b")), down(check("b", "canary"))])
    assert (trouble.provider, trouble.fault, trouble.models, trouble.down) == (
        "openai",
        Fault.PROVIDER,
        ("a", "b"),
        True,
    )
    assert trouble.models_in_words == "all 2 models"


def test_what_is_down_comes_first_then_what_is_widest() -> None:
    shown = [
        known(check("slow"), SLOW, state=State.DEGRADED),
        down(check("a"), Reason.AUTH),
        down(check("b")),
        down(check("c")),
    ]
    assert [trouble.words for trouble in list_troubles(shown)] == ["server error", "the key was rejected", "slow"]


@pytest.mark.parametrize(
    ("of", "asked", "which"),
    [
        pytest.param([check("a")], [], "a", id="one"),
        pytest.param([check("a"), check("b")], [check("c")], "a, b", id="some"),
        pytest.param([check(f"m{n}") for n in range(8)], [check("x")], "m0, m1, m2, m3, m4, m5 and 2 more", id="many"),
        pytest.param([listing()], [check("a")], "its list of models", id="the provider itself"),
    ],
)
def test_which_models(of: list[Check], asked: list[Check], which: str) -> None:
    (trouble,) = list_troubles([*map(down, of), *map(up, asked)])
    assert trouble.models_in_words == which


@pytest.mark.parametrize(
    ("shown", "elsewhere"),
    [
        pytest.param([down(check())], "", id="no other route"),
        pytest.param(
            [down(check(at=GATEWAY)), up(check())],
            "points to the gateway; other routes answer: openai",
            id="only the gateway's way fails",
        ),
        pytest.param(
            [down(check()), up(check(at=GATEWAY))],
            "points to this route; other routes answer: relay",
            id="only the direct way fails",
        ),
        pytest.param(
            [down(check(at=GATEWAY)), down(check(), Reason.OVERLOADED)],
            "points to the vendor; other routes in trouble too: openai",
            id="all ways fail",
        ),
        pytest.param(
            [down(check(at=GATEWAY)), down(check(), Reason.OVERLOADED), up(check(at=provider("third")))],
            "other routes in trouble too: openai; other routes answer: third",
            id="some ways fail",
        ),
        pytest.param(
            [down(check(at=GATEWAY), Reason.AUTH), up(check())],
            "other routes answer: openai",
            id="its own answer says whose it is",
        ),
        pytest.param([down(check(at=GATEWAY)), known(check())], "", id="nothing is known of the other"),
    ],
)
def test_what_other_routes_say(shown: list[Known], elsewhere: str) -> None:
    first = shown[0][0].check.target.provider.name
    assert [trouble.elsewhere for trouble in list_troubles(shown) if trouble.provider == first] == [elsewhere]
