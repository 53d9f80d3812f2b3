"""The repository as data: its files, its modules, who imports whom, how long things are."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NOT_OURS = {".git", ".venv", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "dist", "build"}


def files(pattern: str, below: Path = ROOT) -> Iterator[Path]:
    """The repository's own files of that pattern (`*.md`), sorted; no environment, no cache."""
    for path in sorted(below.rglob(pattern)):
        inside = path.relative_to(ROOT).parts
        made = any(part in NOT_OURS or part == "__pycache__" or part.startswith(".venv") for part in inside)
        if path.is_file() and not made:
            yield path


def name_of(path: Path) -> str:
    """`exporter/config/load.py` is `exporter.config.load`; a package's `__init__.py` is the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def package() -> Mapping[str, ast.Module]:
    """Every module of the package by its dotted name, parsed."""
    return {name_of(path): ast.parse(path.read_text()) for path in files("*.py", ROOT / "exporter")}


def imported(tree: ast.Module) -> Iterator[str]:
    """Every name a module imports, wherever in it: `a.b` for `import a.b`, `a.b.c` for `from a.b import c`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where an arrow goes"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def graph(modules: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Module -> the modules of the same collection that it imports."""

    def owner(name: str) -> str | None:
        parent = name.rpartition(".")[0]
        return next((each for each in (name, parent) if each in modules), None)

    return {
        module: {found for name in imported(tree) if (found := owner(name)) is not None and found != module}
        for module, tree in modules.items()
    }


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every function of a module with its length in lines, from `def` to its end."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1
