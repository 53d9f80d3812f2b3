"""Names lead to units; two of one name are refused."""

from dataclasses import dataclass

import pytest

from exporter.core.registry import Registry


@dataclass(frozen=True)
class Unit:
    name: str


def test_units_are_found_by_name_in_their_order() -> None:
    registry = Registry([Unit("b"), Unit("a")])

    assert list(registry) == ["b", "a"]
    assert registry["a"] == Unit("a")
    assert "c" not in registry
    assert len(registry) == 2


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="'a'"):
        Registry([Unit("a"), Unit("a")])
