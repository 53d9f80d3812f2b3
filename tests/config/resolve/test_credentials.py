"""Keys: what can be one, and files that change under a running daemon."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from exporter.config.resolve.credentials import LONGEST_KEY, FileKey, FixedKey, KeyProblem, NoKey, check_key


def revealed(key: FileKey) -> str:
    return key.reveal().get_secret_value()


def known(key: FileKey) -> list[str]:
    return [secret.get_secret_value() for secret in key.list_known()]


@pytest.mark.parametrize("text", ["sk-1", "sk-1\n", " \tsk-1\r\n"])
def test_white_space_around_a_key_is_no_part_of_it(text: str) -> None:
    assert check_key(text, "the key").get_secret_value() == "sk-1"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the key is empty"),
        (" \n", "the key is empty"),
        ("sk\n1", "the key holds a line break or another character that no key has"),
        ("sk\x001", "the key holds a line break or another character that no key has"),
        ("sk\x7f1", "the key holds a line break or another character that no key has"),
        ("clé", "the key holds a line break or another character that no key has"),
    ],
)
def test_unusable(text: str, what: str) -> None:
    with pytest.raises(KeyProblem) as caught:
        check_key(text, "the key")
    assert str(caught.value) == what


def test_fixed_and_none() -> None:
    assert FixedKey(SecretStr("sk-1")).reveal().get_secret_value() == "sk-1"
    assert list(FixedKey(SecretStr("sk-1")).list_known()) == [SecretStr("sk-1")]
    assert NoKey().reveal() is None
    assert list(NoKey().list_known()) == []


def test_a_repr_shows_no_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-file-0123")
    key = FileKey(path)
    key.reveal()
    assert "sk-" not in repr(key) + repr(FixedKey(SecretStr("sk-1")))


def test_the_same_source_is_the_same_key(tmp_path: Path) -> None:
    """So that a reload sees what changed, and what did not."""
    path = tmp_path / "key"
    path.write_text("sk-1")
    read = FileKey(path)
    read.reveal()
    assert read == FileKey(path)
    assert read != FileKey(tmp_path / "other")
    assert FixedKey(SecretStr("sk-1")) == FixedKey(SecretStr("sk-1"))
    assert FixedKey(SecretStr("sk-1")) != FixedKey(SecretStr("sk-2"))


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-first\n")
    key = FileKey(path)
    assert revealed(key) == "sk-first"
    path.write_text("sk-second-longer\n")
    assert revealed(key) == "sk-second-longer"
    assert known(key) == ["sk-first", "sk-second-longer"]


def test_a_file_that_is_replaced_is_read_again(tmp_path: Path) -> None:
    """As Kubernetes does it: a link is turned to another file of the same size."""
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"sk-{name}")
    link = tmp_path / "key"
    link.symlink_to(tmp_path / "one")
    key = FileKey(link)
    assert revealed(key) == "sk-one"
    link.unlink()
    link.symlink_to(tmp_path / "two")
    assert revealed(key) == "sk-two"


@pytest.mark.parametrize("text", ["", "two\nlines"])
def test_a_file_that_turns_bad_leaves_the_last_key(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text("sk-good")
    key = FileKey(path)
    key.reveal()
    path.write_text(text)
    assert revealed(key) == "sk-good"
    path.write_text("sk-better")
    assert revealed(key) == "sk-better"


def test_a_file_that_goes_leaves_the_last_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-good")
    key = FileKey(path)
    key.reveal()
    path.unlink()
    assert revealed(key) == "sk-good"
    path.write_text("sk-back")
    assert revealed(key) == "sk-back"


def test_a_key_that_comes_back_is_the_one_of_now(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = FileKey(path)
    for text in ("sk-a", "sk-bb", "sk-a"):
        path.write_text(text)
        assert revealed(key) == text
    assert known(key) == ["sk-bb", "sk-a"]


def test_a_file_that_never_held_a_key(tmp_path: Path) -> None:
    (tmp_path / "large").write_text("k" * (LONGEST_KEY + 1))
    (tmp_path / "empty").touch()
    said = {}
    for name in ("none", "large", "empty", "."):
        with pytest.raises(KeyProblem) as caught:
            FileKey(tmp_path / name).reveal()
        said[name] = str(caught.value)
    assert said == {
        "none": "the key file cannot be read (No such file or directory)",
        "large": "the key file is larger than 65536 bytes",
        "empty": "the key file is empty",
        ".": "the key file is not a regular file",
    }
