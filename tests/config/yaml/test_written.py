"""How a place is named, quoted and kept from showing secrets."""

import pytest

from exporter.config.yaml.written import Loc, WrittenConfig, format_loc, quote_text

DOTTED: dict[str, Loc] = {
    "": (),
    "interval": ("interval",),
    "models[2].probes[0].interval": ("models", 2, "probes", 0, "interval"),
    "providers.my-vllm.api_key": ("providers", "my-vllm", "api_key"),
    "providers.a?b": ("providers", "a\nb"),
    "providers.openai.api_key:...": ("providers", "openai", "api_key:sk-live-0123"),
    "api_key=...": ("api_key=sk:live",),
}


@pytest.mark.parametrize(("path", "loc"), DOTTED.items())
def test_dotted(path: str, loc: Loc) -> None:
    assert format_loc(loc) == path


@pytest.mark.parametrize(
    ("text", "shown"), [("a b", '"a b"'), ("a\tb\x1b[0m", '"a?b?[0m"'), ("x" * 61, f'"{"x" * 60}..."'), ("", '""')]
)
def test_quoted(text: str, shown: str) -> None:
    assert quote_text(text) == shown


def written() -> WrittenConfig:
    return WrittenConfig(
        source="f.yaml",
        tree={},
        lines={("a",): 3, ("a", "b"): 4},
        texts={("a", "b"): "${SECRET}", ("a", "c"): "x-${SHORT}"},
        secrets={("a", "b"): ("hush-hush",), ("a", "c"): ("no", "hush-hush")},
    )


def test_a_problem_stands_at_the_nearest_known_line() -> None:
    assert str(written().make_problem(("a", "b", "c"), "wrong", "right")) == "f.yaml:4: a.b.c: wrong; right"
    assert str(written().make_problem(("a", "z"), "wrong")) == "f.yaml:3: a.z: wrong"
    assert str(written().make_problem(("z",), "wrong")) == "f.yaml: z: wrong"
    assert str(written().make_problem((), "wrong")) == "f.yaml: wrong"


def test_what_was_given_is_quoted_as_written() -> None:
    assert written().make_problem(("a", "b"), "{given} is wrong", "not {given}").what == '"${SECRET}" is wrong'
    assert written().make_problem(("a",), "{given} is wrong").what == "this is wrong"


def test_no_sentence_shows_a_value() -> None:
    problem = written().make_problem((), "a library says: hush-hush is not", "write no hush-hush")
    assert (problem.what, problem.instead) == ("a library says: ${SECRET} is not", "write no ${SECRET}")


def test_revealed_once_each() -> None:
    assert [secret.get_secret_value() for secret in written().list_secrets()] == ["hush-hush", "no"]
