"""What the package imports is what it declares, and each dependency has its reason written down."""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping

from tests.repo.source import ROOT, imported, package

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
IMPORTED_AS = {"pyyaml": "yaml"}
PART_OF = {"google": "google_auth", "markupsafe": "jinja2", "pydantic_core": "pydantic", "yarl": "aiohttp"}
EXTRAS = [each for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra]


def names(requirements: Iterable[str]) -> set[str]:
    """The distributions that these requirements name."""
    return {re.split(r"[<>=\[; ]", each)[0].lower() for each in requirements}


def test_the_package_imports_what_it_declares() -> None:
    found = {name.split(".")[0] for tree in package().values() for name in imported(tree)}
    foreign = {PART_OF.get(name, name) for name in found - set(sys.stdlib_module_names) - {"exporter"}}
    declared = names([*PROJECT["project"]["dependencies"], *EXTRAS])
    assert foreign == {IMPORTED_AS.get(name, name.replace("-", "_")) for name in declared}


def test_each_dependency_has_its_reason() -> None:
    groups: Mapping[str, list[str]] = PROJECT["dependency-groups"]
    declared = names([*PROJECT["project"]["dependencies"], *EXTRAS]).union(*map(names, groups.values()))
    text = (ROOT / "docs/decisions/0002-dependencies.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    assert {name.lower() for row in rows for name in re.findall(r"`([^`]+)`", row)} == declared
