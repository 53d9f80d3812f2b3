"""Each file with behaviour has its tests at the mirrored path: exporter/a/b.py in tests/a/test_b.py."""

from pathlib import Path

from tests.repo.source import ROOT, files

WITHOUT_BEHAVIOUR = {
    "__main__.py": "starts the command line; tests/end_to_end runs it",
    "app/file_changes.py": "wires; tests/app/test_daemon.py changes its files",
    "app/parts.py": "wires; tests/app/test_daemon.py runs them",
    "app/serving.py": "wires; tests/app/test_daemon.py asks it",
    "commands/demo.py": "wires; tests/end_to_end runs it",
    "commands/run.py": "wires; tests/end_to_end runs it",
    "core/ask.py": "data",
    "core/errors.py": "data; its sentences are tested with the configuration's",
    "core/exchange.py": "data",
    "core/health_state.py": "data",
    "core/plan.py": "data",
    "core/sink.py": "data and empty methods",
    "core/target.py": "data",
    "server/headers.py": "data; tests/server/test_app.py sees them on every answer",
    "server/api/models.py": "data; tests/server/api/test_openapi.py compares it with what is served",
}
"""Files of the package that need no test file of their own, and why."""


def behaviour() -> set[str]:
    """The files of the package beside `__init__.py`, by their path in it."""
    package = ROOT / "exporter"
    return {str(path.relative_to(package)) for path in files("*.py", package) if path.name != "__init__.py"}


def mirrored(path: str) -> Path:
    """Where the tests of a file are."""
    return ROOT / "tests" / Path(path).with_name(f"test_{Path(path).name}")


def test_each_file_has_its_tests() -> None:
    assert [path for path in sorted(behaviour() - set(WITHOUT_BEHAVIOUR)) if not mirrored(path).is_file()] == []


def test_exemptions_are_still_true() -> None:
    assert [path for path in WITHOUT_BEHAVIOUR if path not in behaviour() or mirrored(path).is_file()] == []


def test_each_test_file_lies_where_its_sources_do() -> None:
    """Beside the folders for what spans the package or is no part of it."""
    free = {"bench", "repo", "parts", "browser", "fakes", "conformance", "peers", "end_to_end", "tools", "deploy"}
    folders = {path.relative_to(ROOT / "tests").parent for path in files("test_*.py", ROOT / "tests")}
    assert [
        str(each)
        for each in folders
        if each.parts[:1] not in {(name,) for name in free} and not (ROOT / "exporter" / each).is_dir()
    ] == []
