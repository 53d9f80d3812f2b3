"""The Dockerfile as it is read: what `make image-check` builds in minutes is held here in a second."""

import re
import subprocess

import pytest

from tests.deploy.image.check import base
from tests.deploy.installed import installed
from tests.repo.source import ROOT

TEXT = (ROOT / "Dockerfile").read_text()
INSTRUCTIONS = [
    line.split(maxsplit=1)
    for line in re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", "").splitlines()
    if line
]
STAGES = [index for index, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM"]
FINAL = INSTRUCTIONS[STAGES[-1] :]


def final(word: str) -> list[str]:
    """What these instructions of the last stage say."""
    return [rest for name, rest in FINAL if name == word]


def test_its_linter_has_nothing_to_say() -> None:
    said = subprocess.run(
        [installed("hadolint"), "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout) == (0, "")


def test_both_stages_have_one_base_of_one_patch_release() -> None:
    assert re.fullmatch(r"docker\.io/library/python:\d+\.\d+\.\d+-slim-[a-z]+", base())
    assert [INSTRUCTIONS[index][1].partition(" ")[0] for index in STAGES] == ["${BASE}", "${BASE}"]


def test_the_user_is_a_number_and_not_root() -> None:
    (user,) = final("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_nothing_runs_in_the_last_stage() -> None:
    """So nothing of the build, no cache and no list of packages, can stay in it."""
    assert final("RUN") == []
    assert all(rest.startswith("--from=build ") for rest in final("COPY"))


def test_health_is_looked_for_without_a_shell_or_curl() -> None:
    (check,) = final("HEALTHCHECK")
    assert check.endswith(' CMD ["python", "-m", "exporter.commands.healthcheck"]')
    assert "curl" not in TEXT


@pytest.mark.parametrize("word", ["ENTRYPOINT", "CMD"])
def test_commands_need_no_shell(word: str) -> None:
    (command,) = final(word)
    assert command.startswith("[")


def test_labels_say_what_it_is() -> None:
    (labels,) = final("LABEL")
    assert set(re.findall(r"org\.opencontainers\.image\.(\w+)=", labels)) >= {"title", "description", "licenses"}


def test_only_what_the_wheel_is_built_from_goes_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    copied = [rest.split() for word, rest in INSTRUCTIONS if word == "COPY" and not rest.startswith("--from")]
    assert {line[1:] for line in lines if line.startswith("!")} == {word for words in copied for word in words[:-1]}
