"""What the documents say is true: links resolve, commands exist, nothing names a private place."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter import __version__
from tests.repo.source import ROOT, files
from tools.write_tables import TABLE, renewed

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
MAKE = re.compile(r"(?:^    |`)make ([a-z-]+)", re.MULTILINE)

# Written in two halves, so that this file may be searched as well.
PRIVATE = (
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "C:\\Us" + "ers",
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js.org",
)
DOCUMENTS = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in files("*.md")]
READABLE = ("*.py", "*.md", "*.toml", "*.y*ml", "*.sh", "*.html", "*.json", "Makefile", "Dockerfile", "run")


def slug(heading: str) -> str:
    """The anchor that a heading gets: lower case, no punctuation, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken(document: Path, text: str) -> Iterator[str]:
    """The links of a document to files or headings that are not there."""
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        missing = not target.exists()
        if missing or (anchor and anchor not in {slug(each) for each in HEADING.findall(target.read_text())}):
            yield link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_resolve(document: Path) -> None:
    assert list(broken(document, document.read_text())) == []


def test_broken_links_are_seen() -> None:
    text = "[a](LICENSE) [b](nowhere.md) [c](#set-up) [d](#set-down) [e](README.md#no-such) [f](https://example.org/x)"
    assert list(broken(ROOT / "CONTRIBUTING.md", f"{text}\n## Set up\n")) == [
        "nowhere.md",
        "#set-down",
        "README.md#no-such",
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_generated_tables_are_up_to_date(document: Path) -> None:
    text = document.read_text()
    assert text == renewed(text), "write them anew: make tables"


def test_the_metrics_are_in_the_readme() -> None:
    modules = {found["module"] for found in TABLE.finditer((ROOT / "README.md").read_text())}
    assert modules == {"exporter.metrics.table"}


def test_every_make_command_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for path in files("*.md") for word in MAKE.findall(path.read_text())}
    assert {"demo", "test", "check"} <= named <= targets


def test_no_private_place_is_named() -> None:
    texts = {path: path.read_bytes() for pattern in READABLE for path in files(pattern)}
    assert texts
    found = [
        f"{path.relative_to(ROOT)}: {word}" for path, text in texts.items() for word in PRIVATE if word.encode() in text
    ]
    assert found == []


def test_the_changelog_tells_this_version() -> None:
    assert f"\n## [{__version__}] - " in (ROOT / "CHANGELOG.md").read_text()


def test_ci_calls_the_command_of_the_readme() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    command = script.read_text().rstrip().splitlines()[-1]
    assert command == "make check"
    assert command in (ROOT / "README.md").read_text()
