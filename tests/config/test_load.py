"""Whole files: what becomes of the good ones, and what is said of the bad ones."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config.load import load_plan
from exporter.config.presets import PRESETS
from exporter.config.schema.schema import Document
from exporter.core.errors import ConfigError
from exporter.dialects import DIALECTS
from tests.config.cases import ENVIRON, EVERY_KEY, HERE, SOME_PROBES, line, load, problems, written

VALID = sorted((HERE / "valid").glob("*.yaml"))
INVALID = sorted((HERE / "invalid").glob("*.yaml"))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in VALID])
def test_valid(path: Path) -> None:
    """Beside each file stand the checks it makes, one a line."""
    expected = path.with_suffix(".checks").read_text(encoding="utf-8").splitlines()
    assert [line(check) for check in load(path).checks] == expected


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in INVALID])
def test_invalid(path: Path) -> None:
    """Beside each file stands exactly what is said of it; lists that grow with the project stand for themselves."""
    expected = path.with_suffix(".error").read_text(encoding="utf-8").strip()
    for name, words in (("{presets}", PRESETS), ("{top keys}", Document.model_fields)):
        expected = expected.replace(name, ", ".join(sorted(words)))
    assert problems(path) == expected


def test_there_are_enough_of_both() -> None:
    assert len(INVALID) > 80
    assert len(VALID) > 10
    assert {path.stem for path in (HERE / "invalid").iterdir()} == {path.stem for path in INVALID}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in INVALID])
def test_no_error_shows_a_key(path: Path) -> None:
    said = problems(path)
    shown = [value for value in ENVIRON.values() if value in said]
    assert shown == []
    assert "hunter22" not in said
    assert "sk-live" not in said


def test_problems_come_in_the_order_of_their_lines() -> None:
    with pytest.raises(ConfigError) as caught:
        load(HERE / "invalid" / "many_at_once.yaml")
    lines = [problem.line or 0 for problem in caught.value.problems]
    assert lines == sorted(lines)
    assert len(lines) == 7


NOT_ASKED_TO_CHAT = {"jina": ("jina//models", "jina/m/chat")}
"""Vendors of embeddings, and what is left out for them."""


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_is_ready_to_use(tmp_path: Path, name: str) -> None:
    """With a key, and an address where the preset has none."""
    address = "" if PRESETS[name].base_url else "base_url: https://llm.example/v1"
    path = written(tmp_path, f"providers:\n  {name}: {{{address}}}\nmodels:\n  - {{model: m, provider: {name}}}\n")
    if name in NOT_ASKED_TO_CHAT:
        path.write_text(path.read_text().partition("models:")[0])
    plan = load_plan(path, EVERY_KEY, SOME_PROBES, DIALECTS, free_only=False)
    asked = [f"{name}//models", f"{name}/m/chat"]
    assert [check.id for check in plan.checks] == [
        each for each in asked if each not in NOT_ASKED_TO_CHAT.get(name, ())
    ]
    assert plan.providers[0].base_url == (PRESETS[name].base_url or "https://llm.example/v1")


def test_with_a_file_the_environment_adds_no_provider(tmp_path: Path) -> None:
    plan = load(written(tmp_path, "providers: {openai: {}}\n"), EVERY_KEY)
    assert [provider.name for provider in plan.providers] == ["openai"]


def test_free_only_leaves_out_what_costs() -> None:
    path = HERE / "valid" / "the_whole_idea.yaml"
    plan = load(path, free_only=True)
    assert {check.kind for check in plan.checks} == {"models"}
    assert len(plan.targets) == 3
    assert "only free probes run (AI_API_EXPORTER_FREE_ONLY)" in plan.notices


def test_nothing_written_shows_in_a_repr(tmp_path: Path) -> None:
    """A value out of a variable is a secret wherever it ends up."""
    environ = {f"V{number}": f"hush-{number}-hush-hush" for number in range(9)}
    text = """
providers:
  relay:
    preset: openai-compatible
    base_url: https://${V0}.example/v1
    api_key: ${V1}
    headers: {X-Org: "${V2}"}
    proxy: http://user:${V3}@proxy.example:3128
    key_header: {name: X-Key, prefix: "${V4} "}
    quirks: {extra: {user: "${V5}"}}
  filed: {preset: vllm, base_url: https://b.example, api_key: {file: "${V6}"}}
models:
  - {model: m, provider: relay, quirks: {extra: {metadata: {org: "${V7}"}}}}
discover:
  - {provider: relay, probes: [chat]}
"""
    (tmp_path / environ["V6"]).write_text("in-the-file-0123456789")
    plan = load(written(tmp_path, text), environ)
    shown = f"{plan!r} {plan} {plan.checks!r} {plan.targets!r} {plan.discoveries!r}"
    assert [value for value in (*environ.values(), "in-the-file") if value in shown] == []
    secrets = {secret.get_secret_value() for secret in plan.secrets()}
    assert {*environ.values()} - {environ["V8"]} <= secrets
    assert "in-the-file-0123456789" in secrets


JUNK: tuple[str, ...] = (
    *("~", "[]", "{}", "5", "1e400", "true", "''", "${RELAY_KEY}", "${", "*a", "&a", "<<", "\t", "- ", "? ", '"', "{{"),
    *("]", "!x", "\x00", "\u00e9", "\u0663", "30s", "null", "models", "[[[]]]", "..", "a/b", "9" * 30, ".nan", "\n"),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_written_is_used_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A good file with a few things put in the wrong place: never another exception, never a raw library sentence."""
    text = data.draw(st.sampled_from(VALID)).read_text(encoding="utf-8-sig")
    words = [match.span() for match in re.finditer(r"[^\s,:\[\]{}]+", text)]
    for start, end in sorted(data.draw(st.lists(st.sampled_from(words), max_size=3, unique=True)), reverse=True):
        text = text[:start] + data.draw(st.sampled_from(JUNK)) + text[end:]
    said = problems(written(tmp_path_factory.getbasetemp(), text))
    assert "pydantic" not in said
    assert "Input should" not in said
    assert [value for value in ENVIRON.values() if value in said] == []


def test_a_misspelt_setting_is_noticed(tmp_path: Path) -> None:
    environ = {**ENVIRON, "AI_API_EXPORTER_FREE_ONLI": "1"}
    said = "the variable AI_API_EXPORTER_FREE_ONLI is not a setting; did you mean AI_API_EXPORTER_FREE_ONLY?"
    assert load(written(tmp_path, "providers: {openai: {}}\n"), environ).notices[-1] == said


def test_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    path = written(tmp_path, "providers: {openai: {ca_file: ca.pem}}\n")
    assert load(path).providers[0].ca_file == tmp_path / "ca.pem"
