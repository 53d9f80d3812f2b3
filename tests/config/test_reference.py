"""docs/configuration.md tells every key, and every example in it and beside it is one that works."""

import re
from pathlib import Path

import pytest

from exporter.config.presets import PRESETS
from exporter.config.reference import BEGIN, END, main, render_reference, rewrite_tables
from exporter.config.schema.schema import Document, ModelEntry, ProviderEntry
from exporter.config.settings import PREFIX, Settings
from tests.config.cases import EVERY_KEY, HERE, load, written

ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "configuration.md"
EXAMPLES = sorted((ROOT / "deploy" / "examples").glob("*.yaml"))
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_page_is_as_the_schema_says() -> None:
    """If not: `python -m exporter.config.reference`."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert rewrite_tables(text) == text


def test_every_key_and_preset_is_told() -> None:
    tables = render_reference()
    for model in (Document, ProviderEntry, ModelEntry):
        assert [name for name in model.model_fields if f"| `{name}` |" not in tables] == []
    assert [name for name in PRESETS if f"| `{name}` |" not in tables] == []


def test_every_setting_of_the_process_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(rf"\| `{PREFIX}(\w+)` \| .*? \| (.*) \|", text))
    assert rows == {name.upper(): field.description for name, field in Settings.model_fields.items()}


def test_links_inside_the_page_lead_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= headings


def test_a_page_is_rewritten_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    main(page)
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\n{render_reference()}\n{END}\nafter\n"


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in EXAMPLES])
def test_examples_work(path: Path, tmp_path: Path) -> None:
    """With the keys they name; a secret that would be mounted lies in the test's own folder."""
    text = path.read_text(encoding="utf-8").replace("/run/secrets/", f"{tmp_path}/")
    (tmp_path / "anthropic").write_text("sk-ant")
    plan = load(written(tmp_path, text), {**EVERY_KEY, "RELAY_KEY": "sk", "LITELLM_KEY": "sk"})
    assert plan.checks
    assert not any("no model of it is configured" in notice for notice in plan.notices)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_blocks_of_the_page_work(number: int, tmp_path: Path) -> None:
    (tmp_path / "vllm").write_text("sk-vllm")
    text = BLOCKS[number].replace("/run/secrets/", f"{tmp_path}/")
    assert load(written(tmp_path, text), EVERY_KEY).checks


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4
    assert len(BLOCKS) >= 3
