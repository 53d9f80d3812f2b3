"""What is imported is what is declared, and each dependency has its reason written down."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable

from tests.repo.source import ROOT, files, imported, package

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
INSTALLED: list[str] = PROJECT["project"]["dependencies"]
EXTRAS: list[str] = [each for extra in PROJECT["project"].get("optional-dependencies", {}).values() for each in extra]
GROUPS: list[str] = [each for group in PROJECT["dependency-groups"].values() for each in group]

OURS = {"ai_api_dashboards", "bench", "exporter", "tests", "tools"}
DISTRIBUTION = {
    "cloudcoil": "cloudcoil-models-prometheus-operator",
    "google.auth": "google-auth",
    "google.genai": "google-genai",
    "google.oauth2": "google-auth",
    "markupsafe": "jinja2",
    "packaging": "pytest",
    "pydantic_core": "pydantic",
    "yaml": "pyyaml",
    "yarl": "aiohttp",
}
"""What brings an import, where it has another name or is a part of something else."""


def names(requirements: Iterable[str]) -> set[str]:
    """The distributions that these requirements name."""
    return {re.split(r"[<>=\[; ]", each)[0].lower() for each in requirements}


def foreign(trees: Iterable[ast.Module]) -> set[str]:
    """The distributions that these modules import."""
    found = set()
    for name in (name for tree in trees for name in imported(tree)):
        first, _, rest = name.partition(".")
        known = f"{first}.{rest.partition('.')[0]}" if first == "google" else first
        if first not in sys.stdlib_module_names and first not in OURS:
            found.add(DISTRIBUTION.get(known, known.replace("_", "-").lower()))
    return found


def test_the_package_imports_what_it_declares() -> None:
    assert foreign(package().values()) == names([*INSTALLED, *EXTRAS])


def test_all_else_imports_what_is_declared() -> None:
    beside = [path for folder in ("tests", "tools", "deploy", "bench") for path in files("*.py", ROOT / folder)]
    assert beside
    assert foreign(ast.parse(path.read_text()) for path in beside) - names([*INSTALLED, *EXTRAS, *GROUPS]) == set()


def test_each_dependency_has_its_reason() -> None:
    text = (ROOT / "docs/decisions/0002-dependencies.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    reasons = {name.lower() for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert reasons == names([*INSTALLED, *EXTRAS, *GROUPS])
