"""Lists of models: a model is listed by its name, or by a snapshot of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.outcome import ListedModel
from exporter.models.provider_list import ProviderList

LISTED = ProviderList(
    ListedModel(id=name)
    for name in (
        "claude-sonnet-4-5-20250929",
        "claude-sonnet-4-5-20251101",
        "gpt-4o",
        "gpt-4o-2024-08-06",
        "gpt-4o-mini-2024-07-18",
        "openai/gpt-5",
        "mistral-large-2411",
    )
)


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        pytest.param("gpt-4o", "gpt-4o", id="by its very name"),
        pytest.param("gpt-4o-2024-08-06", "gpt-4o-2024-08-06", id="a snapshot by its very name"),
        pytest.param("claude-sonnet-4-5", "claude-sonnet-4-5-20251101", id="only snapshots listed: the latest"),
        pytest.param("claude-sonnet-4.5", "claude-sonnet-4-5-20251101", id="the version written with a dot"),
        pytest.param("mistral-large-latest", "mistral-large-2411", id="the latest one"),
        pytest.param("gpt-4o-2024-11-20", "gpt-4o", id="a snapshot of what is listed plainly"),
        pytest.param("claude-sonnet-4-5-20240101", None, id="another snapshot"),
        pytest.param("gpt-4o-mini", "gpt-4o-mini-2024-07-18", id="not the larger one"),
        pytest.param("gpt-4", None, id="another model that begins the same"),
        pytest.param("gpt-5", None, id="listed with its maker, which is another name"),
        pytest.param("openai/gpt-4o", None, id="listed without its maker"),
    ],
)
def test_find(asked: str, row: str | None) -> None:
    found = LISTED.find(asked)

    assert (None if found is None else found.id) == row


def test_the_date_of_retirement_comes_with_the_row() -> None:
    listing = ProviderList(
        [ListedModel(id="claude-opus-4-20250514", retires_at=1.0), ListedModel(id="other", retires_at=2.0)]
    )

    assert listing.find("claude-opus-4") == ListedModel(id="claude-opus-4-20250514", retires_at=1.0)


def test_a_model_listed_twice_counts_once() -> None:
    assert len(ProviderList([ListedModel(id="a"), ListedModel(id="a"), ListedModel(id="b")])) == 2


@given(st.lists(st.text(max_size=20), max_size=8))
def test_every_model_listed_is_found(names: list[str]) -> None:
    listing = ProviderList(ListedModel(id=name) for name in names)

    assert [listing.find(name) for name in names] == [ListedModel(id=name) for name in names]
