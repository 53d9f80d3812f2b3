"""Every expression of every dashboard and rule is PromQL of today and asks only for what is there."""

from collections.abc import Iterable

import pytest

from tests.deploy import promql
from tests.deploy.shipped import Expression, of_dashboards, of_rules
from tests.deploy.surface import NOT_YET_EXPORTED, exported, recorded


def rows(expressions: Iterable[Expression]) -> list[object]:
    return [pytest.param(each, id=each.place) for each in expressions]


@pytest.mark.parametrize("expression", rows(of_dashboards()))
def test_a_panel_asks_the_exporter_only(expression: Expression) -> None:
    """No recorded series: a dashboard is good on the first import, with or without the rules."""
    promql.labels(promql.parse(expression.text), exported())


@pytest.mark.parametrize("expression", rows(of_rules()))
def test_a_rule_asks_for_what_is_there(expression: Expression) -> None:
    promql.labels(promql.parse(expression.text), recorded())


def test_every_recorded_series_is_good_for_something() -> None:
    """An alert uses it, or it is one of the figures of the objectives that people ask for."""
    asked = {name for each in of_rules() for name in promql.metrics(promql.parse(each.text))}
    idle = {each.record for each in of_rules() if each.record} - asked
    figures = (":ai_api_availability:avg", ":ai_api_first_token:ratio")
    assert {name for name in idle if not any(each in name for each in figures)} == {"holysheep_model_health"}


def test_what_is_not_yet_exported_is_asked_for() -> None:
    asked = {name for each in (*of_rules(), *of_dashboards()) for name in promql.metrics(promql.parse(each.text))}
    assert asked >= NOT_YET_EXPORTED


SURFACE = {"a": {"x", "y"}, "b": {"x", "z"}, "h_bucket": {"x", "le"}}


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        pytest.param('a{x="1"}', {"x", "y"}, id="a selector"),
        pytest.param("sum by (x) (rate(a[5m]))", {"x"}, id="by"),
        pytest.param("max without (x) (a)", {"y"}, id="without"),
        pytest.param("count(a)", set(), id="no labels left"),
        pytest.param("topk(3, a)", {"x", "y"}, id="topk keeps them"),
        pytest.param("a * on (x) group_left (z) b", {"x", "y", "z"}, id="group_left"),
        pytest.param("a + on (x) b", {"x"}, id="one to one"),
        pytest.param("a - ignoring (x) a", {"y"}, id="ignoring"),
        pytest.param("1 - a > 2", {"x", "y"}, id="a scalar"),
        pytest.param("a and on (x) b", {"x", "y"}, id="and"),
        pytest.param("a or b", {"x", "y", "z"}, id="or"),
        pytest.param('label_replace(a, "new", "1", "", "")', {"x", "y", "new"}, id="label_replace"),
        pytest.param("histogram_quantile(0.5, sum by (le) (h_bucket))", set(), id="quantile"),
        pytest.param("avg_over_time((a == 1)[1h:1m])", {"x", "y"}, id="a subquery"),
    ],
)
def test_labels_are_followed(text: str, labels: set[str]) -> None:
    assert promql.labels(promql.parse(text), SURFACE) == frozenset(labels)


@pytest.mark.parametrize(
    "text",
    [
        "c",
        'a{z="1"}',
        "sum by (z) (a)",
        "sum without (z) (a)",
        "a and on (y) b",
        "a + on (z) b",
        "a * on (x) group_left (y) b",
        "sum by (y) (sum by (x) (a))",
        "histogram_quantile(0.5, a)",
    ],
)
def test_what_is_not_there_is_seen(text: str) -> None:
    with pytest.raises(promql.NotThereError):
        promql.labels(promql.parse(text), SURFACE)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("a unless b", {"a"}),
        ("a or b", set()),
        ("a and b", {"a", "b"}),
        ("sum(a) / sum(b)", {"a", "b"}),
        ("(a or b) * a", {"a"}),
    ],
)
def test_what_is_needed(text: str, needed: set[str]) -> None:
    assert promql.needed(promql.parse(text)) == needed


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a > 1", "a"),
        ("(1 - a) > 2 and b > 3", "(1 - a)"),
        ("(a == 0 unless on (x) b) * on (x) group_left (z) b", "a"),
        ("(time() - a > 3 or b > 4) unless a", "time() - a"),
        ("sum by (x) (a > 1) > 2", "sum by (x) (a > 1)"),
    ],
)
def test_the_left_side_of_a_comparison(text: str, left: str) -> None:
    found = promql.left_side(promql.parse(text))
    assert found.prettify() == promql.parse(left).prettify()
