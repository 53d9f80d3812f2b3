"""What is asked of models and providers, in which dialect, and what decides their health."""

from dataclasses import replace

import pytest

from exporter.config.presets import PRESETS
from exporter.config.resolve.checks import CheckMaker, Draft, Drafts, Route, decide_required
from exporter.config.resolve.credentials import NoKey
from exporter.config.resolve.providers import ResolvedProvider
from exporter.config.schema.schema import DiscoverEntry, Document, ModelEntry, ProviderEntry
from exporter.config.yaml.problems import Trouble
from exporter.core.target import Kind, Provider
from tests.config.stand_ins import known


def resolved(
    *dialects: str, entry: dict[str, object] | None = None, preset: str = "openai-compatible"
) -> ResolvedProvider:
    made = ProviderEntry.model_validate(entry or {}, context=known())
    provider = Provider(
        name="p",
        preset=preset,
        kind=Kind.DIRECT,
        dialects=dialects or ("openai-chat",),
        base_url="https://p.example",
        credential=NoKey(),
    )
    return ResolvedProvider(provider=provider, entry=made, preset=PRESETS[preset], credential=NoKey())


def maker(document: dict[str, object] | None = None, *, free_only: bool = False) -> CheckMaker:
    return CheckMaker(Document.model_validate(document or {}, context=known()), known(), free_only)


def route(at: ResolvedProvider, **entry: object) -> Route:
    made = ModelEntry.model_validate({"model": "m", **entry}, context=known())
    return Route(at=at, model="m", entry=made, loc=("models", 0))


def told(made: Drafts) -> list[tuple[str, str]]:
    return [(draft.check.id, draft.check.target.dialect) for draft in made.drafts]


def test_the_first_dialect_that_can_ask() -> None:
    at = resolved("openai-chat", "openai-responses")
    made = maker().draft_model(route(at, probes=["chat", "tools"]))
    assert told(made) == [("p/m/chat", "openai-chat"), ("p/m/tools", "openai-responses")]


def test_the_dialect_that_is_written() -> None:
    at = resolved("openai-chat", "openai-responses")
    made = maker().draft_model(route(at, dialect="openai-responses", probes=["chat"]))
    assert told(made) == [("p/m/chat", "openai-responses")]


def test_no_dialect_that_can_ask() -> None:
    made = maker().draft_model(route(resolved(), probes=["chat", "tools"]))
    assert told(made) == [("p/m/chat", "openai-chat")]
    assert made.troubles == [
        Trouble(
            ("models", 0, "probes", 1),
            "the probe `tools` cannot be asked of p in openai-chat",
            "dialects that can: openai-responses, tools-only",
        )
    ]


def test_what_is_written_of_a_provider_must_be_possible() -> None:
    at = resolved("tools-only", entry={"probes": ["models"]})
    made = maker().draft_provider(at)
    assert [trouble.loc for trouble in made.troubles] == [("providers", "p", "probes", 0)]


def test_what_nobody_wrote_is_left_out_with_a_word() -> None:
    made = maker().draft_provider(resolved("tools-only"))
    assert (made.drafts, made.troubles) == ([], [])
    assert made.notices == ["provider p: `models` is not asked, its dialect cannot"]


def test_what_costs_is_asked_of_a_provider_only_when_it_is_written() -> None:
    assert told(maker().draft_provider(resolved())) == [("p//models", "openai-chat")]
    asked = maker().draft_provider(resolved(entry={"probes": ["balance"]}))
    assert told(asked) == [("p//models", "openai-chat"), ("p//balance", "openai-chat")]


def test_free_only() -> None:
    at = resolved(entry={"probes": ["balance", "chat"]})
    assert told(maker(free_only=True).draft_provider(at)) == [("p//models", "openai-chat")]
    assert told(maker(free_only=True).draft_model(route(at))) == []


def test_discovered_models_are_only_listed_unless_more_is_written() -> None:
    at = resolved()
    bare, asking = (
        DiscoverEntry.model_validate({"provider": "p", **more}, context=known())
        for more in ({}, {"probes": ["chat"], "interval": "1h"})
    )
    assert told(maker().draft_model(Route(at=at, model="found", entry=bare, loc=()))) == []
    made = maker().draft_model(Route(at=at, model="found", entry=asking, loc=()))
    assert told(made) == [("p/found/chat", "openai-chat")]
    assert made.drafts[0].check.interval == 3600


def test_a_provider_s_probe_may_be_named_beside_a_model_but_not_set_there() -> None:
    assert maker().draft_model(route(resolved(), probes=["models"])) == Drafts()
    for probe in ({"probe": "models", "interval": "5m"}, {"probe": "models", "name": "other"}):
        made = maker().draft_model(route(resolved(), probes=[probe]))
        assert [trouble.instead for trouble in made.troubles] == ["write its settings under providers.p.probes"]


def test_quirks_from_far_to_near() -> None:
    """Preset, family, provider, model: each over the one before, `extra` key by key."""
    at = resolved(entry={"quirks": {"minimum_cap": 50, "extra": {"user": "us", "reasoning_effort": "low"}}})
    entry = ModelEntry.model_validate(
        {"model": "gpt-5-nano", "quirks": {"stream_usage": False, "extra": {"user": None, "a": 1}}}, context=known()
    )
    quirks = maker().make_target(Route(at=at, model="gpt-5-nano", entry=entry, loc=())).quirks
    assert (quirks.done_marker, quirks.cap_field, quirks.minimum_cap) == (False, "max_completion_tokens", 50)
    assert (quirks.stream_usage, quirks.extra) == (False, {"reasoning_effort": "low", "a": 1})


def test_the_alias_is_the_model_s_own_name_unless_written() -> None:
    assert maker().make_target(route(resolved())).alias == "m"
    assert maker().make_target(route(resolved(), alias="best")).alias == "best"


REQUIRED = {
    "the usual probe": ({"canary": None, "chat": None}, {"chat"}),
    "the first without it": ({"tools": None, "dice": None}, {"tools"}),
    "the first that may": ({"tools": False, "dice": None}, {"dice"}),
    "as written": ({"tools": True, "chat": None, "dice": True}, {"tools", "chat", "dice"}),
    "written of another": ({"tools": None, "dice": True}, {"dice"}),
    "the usual one excepted": ({"chat": False, "dice": None}, {"dice"}),
    "none": ({"chat": False, "dice": False}, set()),
}


@pytest.mark.parametrize(("wanted", "required"), [pytest.param(*row, id=name) for name, row in REQUIRED.items()])
def test_required(wanted: dict[str, bool | None], required: set[str]) -> None:
    drafts = [draft(kind, want) for kind, want in wanted.items()]
    assert {check.kind for check in decide_required(drafts) if check.required} == required


def test_each_model_of_each_provider_is_for_itself() -> None:
    drafts = [draft("tools", None, "a"), draft("tools", None, "b"), draft("dice", None, "a"), draft("models", None, "")]
    assert [check.required for check in decide_required(drafts)] == [True, True, False, True]


def draft(kind: str, wanted: bool | None, model: str = "m") -> Draft:
    """A check of that kind, made from a real one."""
    made = maker().draft_model(route(resolved())).drafts[0].check
    return Draft(replace(made, kind=kind, probe=kind, target=replace(made.target, model=model)), (), wanted)
