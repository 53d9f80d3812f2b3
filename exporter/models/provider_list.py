"""A provider's list of models, looked into by the names that models are asked by.

Some vendors list only the dated snapshots of a model that they also serve by its plain name; such a model is listed.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from exporter.core.outcome import ListedModel
from exporter.probes.evaluation.model_match import Name, parse_name


class ProviderList:
    """One list. The index of snapshots takes microseconds per row; it is made only if a name is not listed itself."""

    def __init__(self, models: Iterable[ListedModel]) -> None:
        self._by_id = {model.id: model for model in models}

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, model: str) -> ListedModel | None:
        """Find the row of a model: by its exact name, else the latest snapshot of it; None if it is not listed."""
        if (row := self._by_id.get(model)) is not None:
            return row
        maker, name = _split_maker(model)
        rows = self._snapshots.get((maker, name.base), [])
        fitting = [(snapshot, row) for snapshot, row in rows if not name.snapshot or snapshot in ("", name.snapshot)]
        return max(fitting, key=lambda each: each[0], default=("", None))[1]

    @cached_property
    def _snapshots(self) -> dict[tuple[str, str], list[tuple[str, ListedModel]]]:
        """The rows by maker and base name, each with its snapshot."""
        snapshots: defaultdict[tuple[str, str], list[tuple[str, ListedModel]]] = defaultdict(list)
        for model in self._by_id.values():
            maker, name = _split_maker(model.id)
            snapshots[maker, name.base].append((name.snapshot, model))
        return snapshots


def _split_maker(model: str) -> tuple[str, Name]:
    """Split a name into its maker, where it has one (`openai/gpt-4o`), and the model."""
    return model.rpartition("/")[0].lower(), parse_name(model)
