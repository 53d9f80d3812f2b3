"""YAML text into nodes: with the C parser and with the Python one alike."""

from pathlib import Path

import pytest
import yaml

from exporter.config.yaml.nodes import DEEPEST, LOADER, Mapping, Node, Scalar, Sequence, compose
from exporter.core.errors import ConfigError
from tests.config.cases import HERE

LOADERS = [pytest.param(yaml.SafeLoader, id="python"), pytest.param(LOADER, id="as built")]
TEXTS = sorted((HERE / "invalid").glob("yaml_*.yaml"))


def composed(text: str, loader: type[yaml.SafeLoader]) -> Node | str | None:
    try:
        return compose(text, "f.yaml", loader)
    except ConfigError as error:
        return str(error)


@pytest.mark.parametrize("loader", LOADERS)
def test_nodes_know_their_line(loader: type[yaml.SafeLoader]) -> None:
    text = "a: 1\nb:\n  - &x two\n  - *x\n"
    two = Scalar(3, "two", plain=True)
    assert compose(text, "f", loader) == Mapping(
        1,
        [
            (Scalar(1, "a", plain=True), Scalar(1, "1", plain=True)),
            (Scalar(2, "b", plain=True), Sequence(3, [two, two])),
        ],
    )


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in TEXTS])
def test_both_parsers_say_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert composed(text, yaml.SafeLoader) == composed(text, LOADER)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", ["", "# comment\n", "---\n...\n"])
def test_nothing(loader: type[yaml.SafeLoader], text: str) -> None:
    found = compose(text, "f", loader)
    assert found is None or found == Scalar(found.line, "", plain=True)


DEEP = {
    "lists": "[" * 100_000,
    "mappings": "{a: " * 2000,
    "items": "- " * 2000 + "x",
    "keys": "? " * 2000 + "x",
    "closed": "[" * 1500 + "]" * 1500,
    "mixed": "[{a: " * 1500,
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in DEEP.items()])
def test_depth_is_bounded(text: str, loader: type[yaml.SafeLoader]) -> None:
    """The sentence is the same if the library refuses the depth first, as PyYAML does since 6.0.4."""
    assert composed(text, loader) == f"f.yaml:1: nested more than {DEEPEST} levels deep"


@pytest.mark.parametrize("loader", LOADERS)
def test_depth_by_indentation_is_bounded(loader: type[yaml.SafeLoader]) -> None:
    text = "".join(" " * level + "a:\n" for level in range(1500))
    assert f"nested more than {DEEPEST} levels deep" in str(composed(text, loader))


@pytest.mark.parametrize("loader", LOADERS)
def test_the_depth_allowed_is_allowed(loader: type[yaml.SafeLoader]) -> None:
    assert isinstance(composed("[" * DEEPEST + "]" * DEEPEST, loader), Sequence)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    "text", ['a: "\\UFFFFFFFF"', "a: !!timestamp [", "%YAML 9.9\n---\na", "a: \x00b", "&" + "x" * 100_000]
)
def test_whatever_the_parser_raises_is_one_sentence(text: str, loader: type[yaml.SafeLoader]) -> None:
    found = composed(text, loader)
    assert not isinstance(found, str) or (found.startswith("f.yaml") and len(found) < 200)


def test_quoted_is_not_plain() -> None:
    assert compose("'1'", "f") == Scalar(1, "1", plain=False)
    assert compose("!!str 1", "f") == Scalar(1, "1", plain=False)


@pytest.mark.parametrize("text", ["! 12", "!!python/object:os.system x", "!!binary aGk=", "!!map [1]", "a: !!set {b}"])
def test_tags_are_refused(text: str) -> None:
    assert composed(text, LOADER) == "f.yaml:1: a YAML tag (!name) stands here and none is understood; leave it out"


def test_keys_of_anchors_do_not_show() -> None:
    """Someone who writes a key without quotes after a star has written an alias."""
    assert "sk-live" not in str(composed("api_key: *sk-live-0123", LOADER))
