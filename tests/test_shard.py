"""Replicas share the checks: each at exactly one, and few move when one is added."""

from collections import Counter
from dataclasses import replace

import pytest

from exporter.plan import Discovery, Plan, Shard
from exporter.shard import ordinal, owned, owner
from exporter.target import Target
from tests.metrics.make import check, listing, provider

CHECKS = tuple(
    check(f"model-{number}", probe, at=provider(f"vendor-{number % 7}"))
    for number in range(150)
    for probe in ("chat", "canary")
)
PLAN = Plan(source="x", providers=(), checks=CHECKS, targets=tuple(each.target for each in CHECKS))


def _none(model: str) -> Target:
    raise LookupError(model)


def shares(count: int) -> list[set[str]]:
    """The ids of the checks that each of so many replicas probes."""
    plans = [owned(replace(PLAN, shard=Shard(index, count))) for index in range(count)]
    return [{each.id for each in plan.checks} for plan in plans]


def test_every_check_is_probed_exactly_once() -> None:
    found = Counter(each for share in shares(3) for each in share)
    assert len(CHECKS) == 300
    assert set(found) == {each.id for each in CHECKS}
    assert set(found.values()) == {1}


def test_the_shares_are_of_about_one_size() -> None:
    assert all(70 <= len(share) <= 130 for share in shares(3))


def test_a_replica_that_is_added_moves_little_more_than_it_must() -> None:
    before, after = shares(3), shares(4)
    moved = sum(len(share - later) for share, later in zip(before, after, strict=False))
    must = len(CHECKS) / 4
    assert moved == len(after[3]), "what moves goes to the one that was added"
    assert moved <= must * 4 / 3


def test_the_checks_of_a_model_stay_together() -> None:
    for share in shares(5):
        models = {each.rpartition("/")[0] for each in share}
        assert len(share) == 2 * len(models)


def test_who_has_a_model_is_the_same_everywhere() -> None:
    """Another version must not disagree with this one while replicas are replaced one by one."""
    assert [owner("openai", f"gpt-{number}", 4) for number in range(8)] == [2, 1, 0, 2, 1, 0, 2, 0]


@pytest.mark.parametrize("shard", [None, Shard(0, 1)])
def test_one_alone_has_all(shard: Shard | None) -> None:
    assert owned(replace(PLAN, shard=shard)).checks == CHECKS


def test_lists_in_which_models_are_found_are_read_by_all() -> None:
    at = provider("vendor-1")
    found = Discovery(provider=at, include=("*",), exclude=(), every=60.0, limit=5, target=_none, checks=lambda _: ())
    plan = replace(PLAN, checks=(listing(at), listing(provider("vendor-2"))), discoveries=(found,))
    readers = [[each.id for each in owned(replace(plan, shard=Shard(index, 3))).checks] for index in range(3)]
    assert [each for each in readers if "vendor-1//models" in each] == readers
    assert sum("vendor-2//models" in each for each in readers) == 1


@pytest.mark.parametrize(
    ("host", "index"),
    [
        pytest.param("exporter-3", 3, id="a pod"),
        pytest.param("ai-api-exporter-12.exporter.monitoring.svc", 12, id="with its domain"),
        pytest.param("exporter", None, id="no number"),
        pytest.param("exporter-7d9f-x2x4z", None, id="a pod of a Deployment"),
        pytest.param("-3", None, id="nothing but a number"),
    ],
)
def test_the_ordinal_of_a_host(host: str, index: int | None) -> None:
    assert ordinal(host) == index
