"""Rows of a list of models: what is read, what is left out."""

from typing import Any

import pytest

from exporter.core.outcome import ListedModel
from exporter.dialects.fields import read_model_rows


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * 257, id="too long"),
        pytest.param("a\nb", id="a line feed"),
        pytest.param("a\x1b[31m", id="an escape"),
        pytest.param("a\u202eb", id="a change of direction"),
        pytest.param("a\u2028b", id="a line separator"),
        pytest.param("a\x7f", id="delete"),
        pytest.param(None, id="null"),
        pytest.param(7, id="a number"),
        pytest.param(["a"], id="a list"),
    ],
)
def test_names_left_out(name: Any) -> None:
    assert read_model_rows([{"id": name}, {"id": "kept"}]) == (ListedModel(id="kept"),)


@pytest.mark.parametrize("name", ["gpt-4o-mini", "accounts/fireworks/models/x", "gemma3:1b", "a b", "模型", "x" * 256])
def test_names_kept(name: str) -> None:
    assert read_model_rows([{"id": name}]) == (ListedModel(id=name),)


GONE = 1_795_996_800.0
"""2026-11-30 00:00 UTC."""


def test_fields_under_the_names_of_the_vendor() -> None:
    row = {"name": "models/m", "stage": "deprecated"}
    assert read_model_rows([row], name="name", lifecycle="stage", prefix="models/") == (
        ListedModel(id="m", lifecycle="deprecated"),
    )


@pytest.mark.parametrize(
    ("row", "retires_at", "lifecycle"),
    [
        pytest.param({"deprecation": "2026-11-30T00:00:00Z"}, GONE, None, id="Mistral"),
        pytest.param({"retires_at": "2026-11-30", "lifecycle": "deprecated"}, GONE, "deprecated", id="Anthropic"),
        pytest.param({"expiration_date": "2026-11-30"}, GONE, None, id="OpenRouter"),
        pytest.param({"expiration_date": None}, None, None, id="OpenRouter, of a model that stays"),
        pytest.param({"shutdown_date": "2026-11-30"}, GONE, None, id="a shutdown"),
        pytest.param({"deprecation_date": "2026-11-30"}, GONE, None, id="LiteLLM"),
        pytest.param(
            {"deprecation": {"fine_tune": 1_700_000_000, "inference": 1_795_996_800}, "lifecycle_status": "preview"},
            GONE,
            "preview",
            id="Azure",
        ),
        pytest.param(
            {"modelLifecycle": {"status": "LEGACY", "endOfLifeTime": "2026-11-30T00:00:00Z"}},
            GONE,
            "LEGACY",
            id="Bedrock",
        ),
        pytest.param(
            {"lifecycle": {"stage": 1, "state": "retiring", "retirement_date": "2026-11-30"}},
            GONE,
            "retiring",
            id="an object of its life",
        ),
        pytest.param(
            {"deprecation_date": "2026-06-01", "shutdown_date": "2026-11-30"}, GONE, None, id="the final date counts"
        ),
        pytest.param({"deprecation": 1_795_996_800_000}, GONE, None, id="milliseconds"),
        pytest.param({"status": "ready", "state": "loaded"}, None, None, id="what a server says of its memory"),
    ],
)
def test_how_lists_tell_that_a_model_goes(row: dict[str, Any], retires_at: float | None, lifecycle: str | None) -> None:
    assert read_model_rows([{"id": "m", **row}]) == (ListedModel(id="m", retires_at=retires_at, lifecycle=lifecycle),)


@pytest.mark.parametrize("date", [None, "", "soon", 0, -7, True, 1e30, float("nan"), [], {"when": "soon"}])
def test_a_date_that_is_none(date: Any) -> None:
    assert read_model_rows([{"id": "m", "deprecation": date}]) == (ListedModel(id="m"),)


def test_a_prefix_alone_is_no_name() -> None:
    assert read_model_rows([{"id": "models/"}], prefix="models/") == ()
