"""Imports point down: a folder imports only folders below it, and nothing inside a folder imports in a circle."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.repo.source import ROOT, graph, imported, package

FLOORS: Sequence[frozenset[str]] = (
    frozenset({"core", "status_pages"}),
    frozenset({"aio", "demo", "dialects", "health", "probes"}),
    frozenset({"models", "results", "run", "transport"}),
    frozenset({"metrics", "money"}),
    frozenset({"config", "store"}),
    frozenset({"report", "server"}),
    frozenset({"app"}),
    frozenset({"commands"}),
)
"""The folders of `exporter/`, from the bottom up. A folder imports from floors below its own, never beside or above."""

AT_THE_TOP = frozenset({"__init__.py", "__main__.py", "cli.py", "py.typed"})
"""The files directly in `exporter/`. Everything else lives in a folder."""

MOST_FOLDERS = 22
MOST_ARROWS = 80
MOST_CORE_FILES = 15

HOMES: Mapping[str, frozenset[str]] = {
    "aiohttp": frozenset({"exporter.transport", "exporter.server", "exporter.demo"}),
    "apscheduler": frozenset({"exporter.run.scheduler"}),
    "botocore": frozenset({"exporter.transport.auth"}),
    "google": frozenset({"exporter.transport.auth"}),
    "prometheus_client": frozenset({"exporter.metrics", "exporter.server"}),
    "genai_prices": frozenset({"exporter.money.price_list"}),
    "time": frozenset({"exporter.core.clock"}),
    "sqlite3": frozenset({"exporter.store"}),
}
"""The only modules, with everything below them, that may import a library."""

DOES_IO = frozenset({"aiohttp", "asyncio", "http", "os", "pathlib", "socket", "sqlite3", "ssl", "subprocess"})
"""Modules that `core/` imports only for types or not at all."""


def find_folder(module: str) -> str:
    """Return the folder directly under `exporter/` that holds a module, or "" for a file beside the folders."""
    name = module.split(".")[1] if "." in module else ""
    return name if (ROOT / "exporter" / name).is_dir() else ""


def find_upward_imports(arrows: Mapping[str, set[str]], floors: Sequence[frozenset[str]]) -> Iterator[str]:
    """Yield imports between folders that do not point to a lower floor."""
    height = {name: level for level, names in enumerate(floors) for name in names}
    for module, targets in sorted(arrows.items()):
        for target in sorted(targets):
            here, there = module.split(".")[1:2], target.split(".")[1:2]
            between = here and there and here != there and {*here, *there} <= set(height)
            if between and height[here[0]] <= height[there[0]]:
                yield f"{module} -> {target}"


def group_siblings(arrows: Mapping[str, set[str]], folder: str) -> dict[str, set[str]]:
    """Return the imports among what lies directly in a folder, each of its sub-folders taken as one."""
    prefix = f"{folder}."
    siblings: dict[str, set[str]] = {}
    for module, targets in arrows.items():
        if module.startswith(prefix):
            name = module.removeprefix(prefix).split(".")[0]
            inner = {target.removeprefix(prefix).split(".")[0] for target in targets if target.startswith(prefix)}
            siblings.setdefault(name, set()).update(inner - {name})
    return siblings


def find_misplaced_imports(modules: Mapping[str, ast.Module]) -> Iterator[str]:
    """Yield the modules that import a library outside its home."""
    for module, tree in sorted(modules.items()):
        for library in sorted({name.split(".")[0] for name in imported(tree)} & set(HOMES)):
            if not any(module == home or module.startswith(f"{home}.") for home in HOMES[library]):
                yield f"{module} imports {library}"


def test_every_folder_has_its_floor() -> None:
    listed = [name for names in FLOORS for name in names]
    assert sorted(listed) == sorted({find_folder(module) for module in package()} - {""})
    assert len(listed) <= MOST_FOLDERS


def test_only_entry_points_lie_beside_the_folders() -> None:
    assert {path.name for path in (ROOT / "exporter").iterdir() if path.is_file()} == AT_THE_TOP


def test_imports_point_down() -> None:
    assert list(find_upward_imports(graph(package()), FLOORS)) == []


def test_folders_are_loosely_tied() -> None:
    arrows = {
        (find_folder(module), find_folder(target))
        for module, targets in graph(package()).items()
        for target in targets
        if find_folder(module) != find_folder(target)
    }
    assert len([arrow for arrow in arrows if all(arrow)]) <= MOST_ARROWS


def test_modules_do_not_import_in_a_circle() -> None:
    TopologicalSorter(graph(package())).prepare()


def test_nothing_inside_a_folder_imports_in_a_circle() -> None:
    arrows = graph(package())
    folders = {".".join(module.split(".")[:depth]) for module in arrows for depth in range(2, module.count(".") + 1)}
    for folder in sorted(folders):
        TopologicalSorter(group_siblings(arrows, folder)).prepare()


def test_core_is_small_and_does_no_io() -> None:
    core = {module: tree for module, tree in package().items() if module.startswith("exporter.core.")}
    assert len(core) <= MOST_CORE_FILES
    allowed = {("exporter.core.plan", "pathlib"), ("exporter.core.target", "pathlib")}  # paths as plain values
    found = {(module, name.split(".")[0]) for module, tree in core.items() for name in imported(tree)}
    assert {(module, name) for module, name in found if name in DOES_IO} - allowed == set()


def test_libraries_stay_at_home() -> None:
    assert list(find_misplaced_imports(package())) == []


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
def test_imports_are_seen(text: str, arrows: set[str]) -> None:
    modules = {name: ast.parse("") for name in ("exporter", "exporter.b")}
    assert graph({**modules, "exporter.a": ast.parse(text)})["exporter.a"] == arrows


def test_wrong_imports_are_reported() -> None:
    floors = (frozenset({"low", "beside"}), frozenset({"high"}))
    arrows = {"exporter.low": {"exporter.high", "exporter"}, "exporter.high.x": {"exporter.high.y", "exporter.low"}}
    assert list(find_upward_imports(arrows, floors)) == ["exporter.low -> exporter.high"]
    assert list(find_upward_imports({"exporter.low": {"exporter.beside"}}, floors)) == [
        "exporter.low -> exporter.beside"
    ]
    assert list(find_misplaced_imports({"exporter.low": ast.parse("import time, aiohttp.web")})) == [
        "exporter.low imports aiohttp",
        "exporter.low imports time",
    ]
    with pytest.raises(CycleError):
        TopologicalSorter(group_siblings({"e.a.x.one": {"e.a.y"}, "e.a.y": {"e.a.x.two"}}, "e.a")).prepare()
