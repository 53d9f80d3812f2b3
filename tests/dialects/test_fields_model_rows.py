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


def test_fields_under_the_names_of_the_vendor() -> None:
    row = {"name": "models/m", "gone": "2026-11-30T00:00:00Z", "stage": "deprecated"}
    assert read_model_rows([row], name="name", retires="gone", lifecycle="stage", prefix="models/") == (
        ListedModel(id="m", retires_at=1_795_996_800.0, lifecycle="deprecated"),
    )


@pytest.mark.parametrize("date", [None, "", "soon", 7])
def test_a_date_that_is_none(date: Any) -> None:
    assert read_model_rows([{"id": "m", "gone": date}], retires="gone") == (ListedModel(id="m"),)


def test_a_prefix_alone_is_no_name() -> None:
    assert read_model_rows([{"id": "models/"}], prefix="models/") == ()
