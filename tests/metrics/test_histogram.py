"""Buckets count what lies at or under their bound; exemplars stay within what OpenMetrics allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.metrics.histogram import BucketLayout, Histogram, clean_request_id, render_exemplar
from exporter.metrics.own import EOF
from tests.metrics.read import families


def read(histogram: Histogram) -> dict[str, float]:
    """Values by `le`, `count` and `sum`."""
    (family,) = families("# TYPE x histogram\n" + histogram.render("x", 'a="b"')[0].decode())
    return {sample.labels.get("le", sample.name.removeprefix("x_")): sample.value for sample in family.samples}


def test_an_empty_histogram_stands_at_zero() -> None:
    assert read(Histogram(BucketLayout((0.01, 1)))) == {"0.01": 0, "1.0": 0, "+Inf": 0, "count": 0, "sum": 0}


@pytest.mark.parametrize(
    ("seconds", "counted"),
    [
        pytest.param(0.0, {"0.01": 1, "1.0": 1, "+Inf": 1}, id="nothing"),
        pytest.param(0.01, {"0.01": 1, "1.0": 1, "+Inf": 1}, id="on a bound"),
        pytest.param(0.02, {"0.01": 0, "1.0": 1, "+Inf": 1}, id="between"),
        pytest.param(7.0, {"0.01": 0, "1.0": 0, "+Inf": 1}, id="above all"),
    ],
)
def test_a_value_counts_in_every_bucket_that_holds_it(seconds: float, counted: dict[str, float]) -> None:
    histogram = Histogram(BucketLayout((0.01, 1)))
    histogram.observe(seconds)
    assert read(histogram) == {**counted, "count": 1, "sum": seconds}


def test_a_negative_value_counts_as_none() -> None:
    histogram = Histogram(BucketLayout((0.01, 1)))
    histogram.observe(-1e-6)
    assert read(histogram) == {"0.01": 1, "1.0": 1, "+Inf": 1, "count": 1, "sum": 0}


def test_each_bucket_keeps_its_last_exemplar() -> None:
    histogram = Histogram(BucketLayout((0.01, 1)))
    for seconds, request in ((0.5, "first"), (0.6, "second"), (2.0, "slow"), (0.7, "")):
        histogram.observe(seconds, render_exemplar(request, seconds, 1_700_000_000.25))
    plain, openmetrics = histogram.render("x", 'a="b"')
    assert b"#" not in plain
    (family,) = families("# TYPE x histogram\n" + (openmetrics + EOF).decode(), openmetrics=True)
    told = {sample.labels["le"]: sample.exemplar for sample in family.samples if sample.exemplar}
    assert {le: (each.labels, each.value, float(each.timestamp or 0)) for le, each in told.items()} == {
        "1.0": ({"request_id": "second"}, 0.6, 1_700_000_000.25),
        "+Inf": ({"request_id": "slow"}, 2.0, 1_700_000_000.25),
    }


@pytest.mark.parametrize(
    ("request_id", "written"),
    [
        pytest.param("req_011CSHoEeqs5C35K2UUqR7Fy", "req_011CSHoEeqs5C35K2UUqR7Fy", id="as vendors write them"),
        pytest.param('a"b\\c d\ne{}#', "a_b_c_d_e{}#", id="what would need escaping"),
        pytest.param("идент", "_____", id="not ASCII"),
        pytest.param("x" * 500, "x" * 118, id="too long"),
    ],
)
def test_a_request_id_is_made_pasteable(request_id: str, written: str) -> None:
    assert render_exemplar(clean_request_id(request_id), 0.5, 1.0) == f' # {{request_id="{written}"}} 0.5 1.000'


def test_without_a_request_id_there_is_no_exemplar() -> None:
    assert render_exemplar(clean_request_id(""), 0.5, 1.0) == ""


@given(st.text(st.characters(), min_size=1))
def test_any_request_id_makes_an_exemplar_that_parses(request_id: str) -> None:
    histogram = Histogram(BucketLayout((1.0,)))
    histogram.observe(0.5, render_exemplar(clean_request_id(request_id), 0.5, 1_700_000_000.0))
    text = "# TYPE x histogram\n" + (histogram.render("x", 'a="b"')[1] + EOF).decode()
    (family,) = families(text, openmetrics=True)
    assert [sample.exemplar is not None for sample in family.samples] == [True, False, False, False]
