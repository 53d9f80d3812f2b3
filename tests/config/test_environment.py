"""A start without a file."""

from collections.abc import Mapping

import pytest

from exporter.config.load import load_plan
from exporter.config.presets import PRESETS
from exporter.core.errors import ConfigError
from exporter.core.plan import Budget
from exporter.dialects import DIALECTS
from tests.config.cases import EVERY_KEY, SOME_PROBES, load

STARTS: dict[str, tuple[Mapping[str, str], list[str]]] = {
    "one vendor": ({"OPENAI_API_KEY": "k"}, ["openai//models"]),
    "two vendors, in the order of the presets": (
        {"DEEPSEEK_API_KEY": "k", "ANTHROPIC_API_KEY": "k"},
        [
            "anthropic//models",
            "deepseek//models",
        ],
    ),
    "one vendor by two variables": (
        {"GOOGLE_API_KEY": "k", "GEMINI_API_KEY": "k"},
        ["gemini//models"],
    ),
    "a key that two presets share": (
        {"HOLYSHEEP_API_KEY": "k"},
        ["holysheep//models"],
    ),
    "a vendor whose prices are not known": ({"TOGETHER_API_KEY": "k"}, ["together//models"]),
    "keys of what has no address are not enough by themselves": (
        {"VLLM_API_KEY": "k", "XAI_API_KEY": "k"},
        ["xai//models"],
    ),
    "set to nothing is not set": (
        {"OPENAI_API_KEY": "", "MISTRAL_API_KEY": "k"},
        ["mistral//models"],
    ),
}


@pytest.mark.parametrize(("environ", "ids"), [pytest.param(*row, id=name) for name, row in STARTS.items()])
def test_what_starts(environ: Mapping[str, str], ids: list[str]) -> None:
    plan = load(None, environ)
    assert [check.id for check in plan.checks] == ids
    asked = [name.partition("/")[0] for name in ids if name != "together//models"]
    assert [(row.provider.name, row.include, row.limit) for row in plan.discoveries] == [
        (name, PRESETS[name].starters, 1) for name in asked
    ]
    for row in plan.discoveries:
        assert [check.kind for check in row.checks("m")] == ["chat"]
    assert plan.source == "environment"


@pytest.mark.parametrize("environ", [pytest.param(row[0], id=name) for name, row in STARTS.items()])
def test_for_free(environ: Mapping[str, str]) -> None:
    plan = load(None, environ, free_only=True)
    assert {check.kind for check in plan.checks} == {"models"}
    assert plan.discoveries == ()
    assert plan.budget == Budget()
    assert not any("USD" in notice for notice in plan.notices)


def test_what_costs_has_a_budget() -> None:
    plan = load(None, {"OPENAI_API_KEY": "k"})
    assert plan.budget == Budget(daily_usd=1.0)


def test_the_first_lines_say_what_was_chosen() -> None:
    first = "the first of gpt-6-luna, gpt-5.6-luna, gpt-5.4-nano, gpt-4o-mini that it lists"
    assert load(None, {"OPENAI_API_KEY": "k", "TOGETHER_API_KEY": "k"}).notices[:4] == (
        "no configuration file: the keys in the environment say what is probed",
        f"OPENAI_API_KEY is set: openai is asked for its list of models and a short chat with {first}",
        "TOGETHER_API_KEY is set: together is asked for its list of models (free)",
        "budget: 1 USD a day (AI_API_EXPORTER_FREE_ONLY=1 leaves out what costs)",
    )


@pytest.mark.parametrize("environ", [{}, {"HOME": "/root"}, {"VLLM_API_KEY": "k"}, {"OPENAI_API_KEY": ""}])
def test_nothing_to_start_with(environ: Mapping[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, environ)
    said = str(caught.value)
    assert said.startswith("environment: there is no configuration file and no key of a known vendor; name a file by ")
    rows = [row for row in PRESETS.values() if row.base_url and row.key_required and row.lists_models]
    looked_for = {key for row in rows for key in row.keys}
    assert set(said.rpartition("set one of: ")[2].split(", ")) == looked_for


def test_a_key_that_is_none() -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, {"OPENAI_API_KEY": "sk-hush\nhush"})
    assert str(caught.value) == (
        "environment: providers.openai: the key in the variable OPENAI_API_KEY holds a line break or another "
        "character that no key has; put the key there, and nothing else"
    )


def test_every_vendor_at_once() -> None:
    plan = load_plan(None, EVERY_KEY, SOME_PROBES, DIALECTS, free_only=False)
    started = {provider.name for provider in plan.providers}
    assert started == {
        name
        for name, row in PRESETS.items()
        if row.base_url and row.key_required and name not in {"holysheep-anthropic", "jina"}
    }
    assert [value for value in EVERY_KEY.values() if value in repr(plan)] == []
