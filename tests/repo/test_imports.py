"""Arrows go one way: a module imports only what lies below it, no cycle anywhere, foreign libraries only at home."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.repo.source import graph, imported, package

LAYERS: Sequence[frozenset[str]] = (
    frozenset({"alive", "ask", "clock", "errors", "model_name", "outcome", "registry"}),
    frozenset(
        {
            "demo",
            "figures",
            "interpreter",
            "loop_watch",
            "redact",
            "settings",
            "side_tasks",
            "slices",
            "target",
            "watched_loop",
            "wire",
        }
    ),
    frozenset({"dialects", "health", "plan", "probes", "scheduler", "status_pages"}),
    frozenset({"history", "listing", "money", "shard", "sink", "transport"}),
    frozenset({"config", "gate", "maintenance"}),
    frozenset(
        {
            "board",
            "kept_exchanges",
            "caller",
            "confirmations",
            "discovery",
            "log",
            "metrics",
            "network",
            "tracker",
            "unlisted",
        }
    ),
    frozenset({"budget", "runner", "store"}),
    frozenset({"report"}),
    frozenset({"on_demand", "reload", "treasury", "watch"}),
    frozenset({"arrangement", "server"}),
    frozenset({"daemon"}),
    frozenset({"commands"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""What stands directly in `exporter/`, from the bottom up. A layer knows the ones below it and not its neighbours."""

HOMES: Mapping[str, frozenset[str]] = {
    "aiohttp": frozenset({"exporter.transport", "exporter.server", "exporter.demo"}),
    "apscheduler": frozenset({"exporter.run.scheduler"}),
    "botocore": frozenset({"exporter.transport"}),
    "google": frozenset({"exporter.transport"}),
    "prometheus_client": frozenset({"exporter.metrics", "exporter.server"}),
    "genai_prices": frozenset({"exporter.money.price_list"}),
    "time": frozenset({"exporter.core.clock"}),
    "sqlite3": frozenset({"exporter.store"}),
}
"""Who may import what: the named modules and everything below them."""


def unit(module: str) -> str:
    """`exporter.config.load` belongs to the unit `config`; `exporter` itself (the version) to none."""
    return module.partition(".")[2].partition(".")[0]


def upward(arrows: Mapping[str, set[str]], layers: Sequence[frozenset[str]]) -> Iterator[str]:
    """The arrows that do not go down."""
    height = {name: level for level, names in enumerate(layers) for name in names}
    for module, targets in sorted(arrows.items()):
        for target in sorted(targets):
            here, there = unit(module), unit(target)
            if there and here != there and height[here] <= height[there]:
                yield f"{module} -> {target}"


def strangers(modules: Mapping[str, ast.Module]) -> Iterator[str]:
    """The modules that import a library outside its home."""
    for module, tree in sorted(modules.items()):
        for library in sorted({name.split(".")[0] for name in imported(tree)} & set(HOMES)):
            if not any(module == home or module.startswith(f"{home}.") for home in HOMES[library]):
                yield f"{module} imports {library}"


def test_every_unit_has_its_layer() -> None:
    listed = [name for names in LAYERS for name in names]
    assert sorted(listed) == sorted({unit(module) for module in package()} - {""})


def test_arrows_go_down() -> None:
    assert list(upward(graph(package()), LAYERS)) == []


def test_there_is_no_cycle() -> None:
    TopologicalSorter(graph(package())).prepare()


def test_libraries_stay_at_home() -> None:
    assert list(strangers(package())) == []


@pytest.mark.parametrize(
    ("text", "arrows"),
    [
        pytest.param("import exporter.b", {"exporter.b"}, id="a module"),
        pytest.param("from exporter import b", {"exporter.b"}, id="a module out of the package"),
        pytest.param("from exporter.b import thing", {"exporter.b"}, id="a name out of a module"),
        pytest.param("def f():\n    from exporter.b import thing", {"exporter.b"}, id="inside a function"),
        pytest.param("from exporter import __version__", {"exporter"}, id="a name out of the package"),
        pytest.param("import exporters.b, os", set(), id="something else"),
    ],
)
def test_arrows_are_seen(text: str, arrows: set[str]) -> None:
    modules = {name: ast.parse("") for name in ("exporter", "exporter.b")}
    assert graph({**modules, "exporter.a": ast.parse(text)})["exporter.a"] == arrows


def test_wrong_arrows_are_told() -> None:
    layers = (frozenset({"low", "beside"}), frozenset({"high"}))
    arrows = {"exporter.low": {"exporter.high", "exporter"}, "exporter.high.x": {"exporter.high.y", "exporter.low"}}
    assert list(upward(arrows, layers)) == ["exporter.low -> exporter.high"]
    assert list(upward({"exporter.low": {"exporter.beside"}}, layers)) == ["exporter.low -> exporter.beside"]
    assert list(strangers({"exporter.low": ast.parse("import time, aiohttp.web")})) == [
        "exporter.low imports aiohttp",
        "exporter.low imports time",
    ]
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
