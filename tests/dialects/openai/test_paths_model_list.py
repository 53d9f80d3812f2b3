"""The list of models of OpenAI and those who followed, in the shapes it comes in."""

from typing import Any

import pytest

from exporter.core.exchange import Listed
from exporter.core.outcome import ListedModel
from exporter.dialects.openai.paths import read_models

ONE = Listed((ListedModel(id="a"),))


@pytest.mark.parametrize(
    ("document", "listed"),
    [
        pytest.param({"object": "list", "data": [{"id": "a"}]}, ONE, id="OpenAI"),
        pytest.param({"data": [{"id": "a"}]}, ONE, id="no kind"),
        pytest.param([{"id": "a"}], ONE, id="a bare array (Together)"),
        pytest.param({"object": "list", "data": None}, Listed(()), id="null for none (Ollama)"),
        pytest.param({"data": None}, None, id="null, and nothing says that it is a list"),
        pytest.param({"models": []}, None, id="another protocol"),
        pytest.param("a", None, id="no list"),
    ],
)
def test_lists(document: Any, listed: Listed | None) -> None:
    assert read_models(document) == (None if listed is None else [listed])


def test_when_a_model_goes() -> None:
    [listed] = read_models({"data": [{"id": "m", "deprecation": "2026-12-31T00:00:00Z"}]}) or []
    assert listed == Listed((ListedModel(id="m", retires_at=1798675200.0),))
