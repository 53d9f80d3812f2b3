"""A dialect is a file and a line of its list; a vendor is a row: nobody else names either (docs/decisions/0010)."""

import ast

from exporter.config.presets import PRESETS
from exporter.dialects import DIALECTS
from tests.repo.source import graph, package


def test_only_the_list_names_a_dialect() -> None:
    arrows = graph(package())
    homes = {type(dialect).__module__ for dialect in DIALECTS.values()}
    assert len(homes) == len(DIALECTS)
    named = {home: {module for module, targets in arrows.items() if home in targets} for home in homes}
    assert {home: by for home, by in named.items() if by != {"exporter.dialects"}} == {}


def test_no_code_decides_by_a_dialects_or_vendors_name() -> None:
    """Names stand as data in presets and families; elsewhere they are only passed on."""
    names = {*PRESETS, *DIALECTS}
    data = {"exporter.config.presets", "exporter.config.families"}
    compared = [
        f"{module}:{node.lineno}"
        for module, tree in package().items()
        if module not in data and not module.startswith("exporter.demo")
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and side.value in names
    ]
    assert compared == []
