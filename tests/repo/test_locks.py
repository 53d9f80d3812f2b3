"""What is installed is pinned with hashes, in files that name no index and agree with each other."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repo.source import ROOT
from tests.repo.test_dependencies import GROUPS, INSTALLED, PROJECT

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
NAMES = {"bedrock", "build", "dev", "run", "vertex"}


def pins(lock: Path) -> list[tuple[Requirement, list[str]]]:
    """Each requirement of a lock with its hashes."""
    text = re.sub(r"^ *#.*\n", "", lock.read_text(), flags=re.MULTILINE).replace("\\\n", "")
    entries = (line.split(" --hash=") for line in text.splitlines())
    return [(Requirement(first.strip()), [one.strip() for one in hashes]) for first, *hashes in entries]


def versions(lock: Path) -> dict[str, set[str]]:
    """The versions that a lock pins, by distribution; two where they differ by platform or by version of Python."""
    found: dict[str, set[str]] = {}
    for requirement, _ in pins(lock):
        found.setdefault(canonicalize_name(requirement.name), set()).add(str(requirement.specifier))
    return found


def test_there_is_one_for_each_way_to_install() -> None:
    assert {lock.stem for lock in LOCKS} == NAMES


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_address_stands_in_it(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^ *-(i|-index-url|-extra-index-url|-find-links|-trusted-host)\b", text, re.MULTILINE)
    assert not [requirement for requirement, _ in pins(lock) if requirement.url]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_each_file_is_pinned_with_its_hash(lock: Path) -> None:
    assert pins(lock)
    for requirement, hashes in pins(lock):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_it_is_a_part_of_what_the_tests_run_on(lock: Path) -> None:
    tested = versions(ROOT / "locks/dev.txt")
    assert {name: found for name, found in versions(lock).items() if not found <= tested.get(name, set())} == {}


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("run", INSTALLED),
        ("bedrock", [*INSTALLED, *PROJECT["project"]["optional-dependencies"]["bedrock"]]),
        ("vertex", [*INSTALLED, *PROJECT["project"]["optional-dependencies"]["vertex"]]),
        ("build", [*PROJECT["build-system"]["requires"], *PROJECT["dependency-groups"]["build"]]),
        ("dev", [*INSTALLED, *GROUPS]),
    ],
)
def test_it_pins_what_is_declared(name: str, declared: list[str]) -> None:
    locked = versions(ROOT / "locks" / f"{name}.txt")
    for requirement in map(Requirement, declared):
        found = locked[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(pin.removeprefix("==")) for pin in found), requirement


def test_make_installs_nothing_else() -> None:
    text = (ROOT / "Makefile").read_text()
    ranges = re.search(r"^test-latest:.*?\n\n", text, re.MULTILINE | re.DOTALL)
    assert ranges, "the one target that asks for the newest versions"
    assert re.findall(r".*pip install.*", text.replace(ranges[0], "")) == [
        "INSTALL := $(RUN) pip install --quiet --disable-pip-version-check"
    ]
    assert re.findall(r"^(\w+) *:= \$\(INSTALL\) (.*)$", text, re.MULTILINE) == [
        ("INSTALL_LOCKED", "--require-hashes"),
        ("INSTALL_PROJECT", "--no-deps --no-build-isolation --editable ."),
    ]
    assert text.count("$(INSTALL)") == 2


def test_the_image_installs_nothing_else() -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    installs = re.findall(r"pip (?:--python \S+ )?install .*?(?= &&| \|\||;|\n)", text)
    assert [re.findall(r"--(?:require-hashes|no-deps)", install) for install in installs] == [
        ["--require-hashes"],
        ["--require-hashes"],
        ["--no-deps"],
    ]
