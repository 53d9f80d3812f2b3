"""A checked, immutable table from name to unit: how dialects and probes are found without import side effects."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """Anything that carries its own name."""

    @property
    def name(self) -> str:
        """The name users write in the configuration."""


Unit = TypeVar("Unit", bound=Named)


class Registry(Mapping[str, Unit], Generic[Unit]):
    """Units by name, in the order given. Two units of one name are a programming error (ValueError)."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[str, Unit] = {}
        for unit in units:
            if unit.name in self._units:
                raise ValueError(f"two units are named {unit.name!r}")
            self._units[unit.name] = unit

    def __getitem__(self, name: str) -> Unit:
        return self._units[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._units)

    def __len__(self) -> int:
        return len(self._units)
