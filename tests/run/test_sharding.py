"""Replicas share the checks: each at exactly one, and few move when one is added."""

from collections import Counter
from dataclasses import replace

import pytest

from exporter.core.plan import Discovery, Plan, Shard
from exporter.core.target import Target
from exporter.run.sharding import find_owner, keep_owned, read_ordinal
from tests.metrics.make import check, listing, provider

PROBES = ("chat", "canary", "tools")


def population(models: int, probes: int) -> Plan:
    """So many models at seven providers, each with so many checks."""
    checks = tuple(
        check(f"model-{number}", probe, at=provider(f"vendor-{number % 7}"))
        for number in range(models)
        for probe in PROBES[:probes]
    )
    return Plan(source="x", providers=(), checks=checks, targets=tuple(each.target for each in checks))


PLAN = population(150, 2)
CHECKS = PLAN.checks

POPULATIONS = pytest.mark.parametrize(
    "plan",
    [
        pytest.param(population(300, 1), id="300 models of one check"),
        pytest.param(PLAN, id="150 models of two"),
        pytest.param(population(100, 3), id="100 models of three"),
    ],
)


def _none(model: str) -> Target:
    raise LookupError(model)


def shares(count: int, plan: Plan = PLAN) -> list[set[str]]:
    """The ids of the checks that each of so many replicas probes."""
    plans = [keep_owned(replace(plan, shard=Shard(index, count))) for index in range(count)]
    return [{each.id for each in plan.checks} for plan in plans]


@POPULATIONS
def test_every_check_is_probed_exactly_once(plan: Plan) -> None:
    assert len(plan.checks) == 300
    for count in (3, 4):
        found = Counter(each for share in shares(count, plan) for each in share)
        assert set(found) == {each.id for each in plan.checks}
        assert set(found.values()) == {1}


@POPULATIONS
def test_the_shares_are_of_about_one_size(plan: Plan) -> None:
    assert all(70 <= len(share) <= 130 for share in shares(3, plan))


@POPULATIONS
def test_a_replica_that_is_added_moves_little_more_than_it_must(plan: Plan) -> None:
    before, after = shares(3, plan), shares(4, plan)
    moved = sum(len(share - later) for share, later in zip(before, after, strict=False))
    must = len(plan.checks) / 4
    print(f"{moved} of {len(plan.checks)} checks move, {must:.0f} must")  # noqa: T201  (shown with -s)
    assert moved == len(after[3]), "what moves goes to the one that was added"
    assert moved <= must * 4 / 3


def test_the_checks_of_a_model_stay_together() -> None:
    for share in shares(5):
        models = {each.rpartition("/")[0] for each in share}
        assert len(share) == 2 * len(models)


def test_who_has_a_model_is_the_same_everywhere() -> None:
    """Another version must not disagree with this one while replicas are replaced one by one."""
    assert [find_owner("openai", f"gpt-{number}", 4) for number in range(8)] == [2, 1, 0, 2, 1, 0, 2, 0]


def test_a_replica_tells_of_the_models_that_it_probes() -> None:
    for index in range(3):
        plan = keep_owned(replace(PLAN, shard=Shard(index, 3)))
        assert {each.model for each in plan.targets} == {each.target.model for each in plan.checks}


@pytest.mark.parametrize("shard", [None, Shard(0, 1)])
def test_one_alone_has_all(shard: Shard | None) -> None:
    assert keep_owned(replace(PLAN, shard=shard)).checks == CHECKS


def test_lists_in_which_models_are_found_are_read_by_all() -> None:
    at = provider("vendor-1")
    found = Discovery(provider=at, include=("*",), exclude=(), every=60.0, limit=5, target=_none, checks=lambda _: ())
    plan = replace(PLAN, checks=(listing(at), listing(provider("vendor-2"))), discoveries=(found,))
    readers = [[each.id for each in keep_owned(replace(plan, shard=Shard(index, 3))).checks] for index in range(3)]
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
    assert read_ordinal(host) == index
