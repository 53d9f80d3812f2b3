"""Files and texts as such: what can be read, what a plain value is, where things stand."""

from pathlib import Path
from time import process_time
from typing import Any

import pytest

from exporter.config.yaml.read import LARGEST, read_file
from exporter.core.errors import ConfigError
from tests.config.cases import problems, written

UNUSABLE = {
    "not UTF-8": (
        b"providers:\n  openai: {}\n  caf\xe9: {}\n",
        ":3: the file is not UTF-8 text; is this the right file?",
    ),
    "UTF-16": ("providers:\n".encode("utf-16"), ":1: the file is not UTF-8 text; is this the right file?"),
    "a program": (b"\x7fELF\x02\x01\x00\x00", ":1: the file holds control characters; write it as UTF-8 text"),
    "nothing": (b"", ": the file is empty; name at least one provider under `providers:`"),
    "only a marker": (b"---\n", ": the file is empty; name at least one provider under `providers:`"),
    "a null": (b"~\n", ":1: the file must hold keys and values; begin with `providers:`"),
    "too large": (b"#" * (LARGEST + 1), ": the file is larger than 4 MiB; is this the right file?"),
}


@pytest.mark.parametrize(("data", "said"), [pytest.param(*row, id=name) for name, row in UNUSABLE.items()])
def test_unusable(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "exporter.yaml"
    path.write_bytes(data)
    assert problems(path) == f"exporter.yaml{said}"


def test_missing(tmp_path: Path) -> None:
    assert problems(tmp_path / "no.yaml") == "no.yaml: there is no such file; check the path"


def test_directory(tmp_path: Path) -> None:
    assert problems(tmp_path) == f"{tmp_path.name}: this is a directory; name a YAML file"


def test_unreadable_place(tmp_path: Path) -> None:
    inside_a_file = written(tmp_path, "x") / "exporter.yaml"
    said = problems(inside_a_file)
    assert said == "exporter.yaml: the file cannot be read (Not a directory); check its owner and mode"


PLAIN: dict[str, Any] = {
    "true": True,
    "False": False,
    "yes": "yes",
    "no": "no",
    "on": "on",
    "12": 12,
    "-7": -7,
    "+7": 7,
    "1.5": 1.5,
    "1e3": 1000.0,
    ".5": 0.5,
    "1_000": "1_000",
    "0x1F": "0x1F",
    "010": 10,
    "1:30": "1:30",
    "2024-05-13": "2024-05-13",
    "4o": "4o",
    ".inf": ".inf",
    "~": None,
    "null": None,
    "''": "",
    "'12'": "12",
    '"true"': "true",
    "!!str 12": "12",
    "9" * 400: "9" * 400,
}


@pytest.mark.parametrize(("text", "value"), [pytest.param(*row, id=row[0][:12]) for row in PLAIN.items()])
def test_plain_values(tmp_path: Path, text: str, value: object) -> None:
    """By the core rules of YAML 1.2; what is quoted is text."""
    read, troubles = read_file(written(tmp_path, f"key: {text}\n"), {})
    assert troubles == []
    assert read.tree == {"key": value}
    assert type(read.tree["key"]) is type(value)


def test_lines_and_texts(tmp_path: Path) -> None:
    text = "# first\nproviders:\n  openai: {timeout: 1.50}\nmodels:\n  - model: a\n    probes:\n      - chat\n"
    read, _ = read_file(written(tmp_path, text), {})
    assert {place: read.lines[place] for place in read.lines if len(place) > 1} == {
        ("providers", "openai"): 3,
        ("providers", "openai", "timeout"): 3,
        ("models", 0): 5,
        ("models", 0, "model"): 5,
        ("models", 0, "probes"): 6,
        ("models", 0, "probes", 0): 7,
    }
    assert read.texts["providers", "openai", "timeout"] == "1.50"


def test_expansion_is_remembered(tmp_path: Path) -> None:
    read, troubles = read_file(written(tmp_path, "a: x-${KEY}-$${KEY}\nb: plain\n"), {"KEY": "hush"})
    assert troubles == []
    assert read.tree == {"a": "x-hush-${KEY}", "b": "plain"}
    assert [secret.get_secret_value() for secret in read.list_secrets()] == ["hush"]
    assert "hush" not in repr(read)


def test_merged_mappings(tmp_path: Path) -> None:
    """Own keys win over merged ones, earlier merged ones over later, and what is merged may merge too."""
    text = """
base: &base {a: 1, b: 1}
more: &more {<<: *base, b: 2, c: 2}
both: {<<: [*more, *base], c: 3}
quoted: {"<<": text}
"""
    read, troubles = read_file(written(tmp_path, text), {})
    assert troubles == []
    assert read.tree["more"] == {"a": 1, "b": 2, "c": 2}
    assert read.tree["both"] == {"a": 1, "b": 2, "c": 3}
    assert read.tree["quoted"] == {"<<": "text"}


def test_aliases_cannot_blow_up(tmp_path: Path) -> None:
    """Nine levels of nine would be 387 million values."""
    levels = ["l0: &l0 x"]
    levels += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ConfigError, match="the file is too large once its aliases are written out"):
        read_file(written(tmp_path, "\n".join(levels)), {})


@pytest.mark.parametrize("width", [2, 9, 40])
def test_merge_keys_cannot_blow_up(width: int, tmp_path: Path) -> None:
    """Twelve levels, each merging the one before many times: merged once each, so the work stays small."""
    levels = [
        f"m{level}: &m{level} {{'<<': [{', '.join([f'*m{level - 1}'] * width)}], k{level}: {level}}}"
        for level in range(1, 13)
    ]
    path = tmp_path / "f.yaml"
    path.write_text("m0: &m0 {k: 1}\n" + "\n".join(levels).replace("'<<'", "<<") + "\n")
    begin = process_time()
    written, troubles = read_file(path, {})
    assert process_time() - begin < 2
    assert troubles == []
    assert written.tree["m12"] == {"k": 1, **{f"k{level}": level for level in range(1, 13)}}


def test_an_alias_cannot_hold_itself(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="refers to no anchor"):
        read_file(written(tmp_path, "a: &a [*a]\n"), {})
