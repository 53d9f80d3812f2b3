"""Rows of a provider's list of models, made safe: names go into labels, paths and pages."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from exporter.core.outcome import ListedModel
from exporter.dialects.fields import as_object, as_text
from exporter.dialects.times import read_timestamp

LONGEST_NAME = 256
LARGEST_LIST = 4000
"""Models in a list; the longest lists known have some hundred. A longer one is refused rather than cut: models that
were left out would seem to be gone."""


def read_model_rows(
    rows: Iterable[Any], name: str = "id", retires: str = "", lifecycle: str = "", prefix: str = ""
) -> tuple[ListedModel, ...]:
    """Read rows whose fields have the names given; `prefix` is taken off the names.

    At most one row more than `LARGEST_LIST` is read. Left out: rows without a name, names over 256 characters and names
    that hold characters one cannot see.
    """
    return tuple(_iter_rows(rows, name, retires, lifecycle, prefix))


def _iter_rows(rows: Iterable[Any], name: str, retires: str, lifecycle: str, prefix: str) -> Iterator[ListedModel]:
    for row in map(as_object, islice(rows, LARGEST_LIST + 1)):
        model = as_text(row.get(name)).removeprefix(prefix)
        if model and len(model) <= LONGEST_NAME and model.isprintable():
            told = as_text(row.get(retires))
            yield ListedModel(
                id=model,
                retires_at=read_timestamp(told) if told else None,
                lifecycle=as_text(row.get(lifecycle)) or None,
            )
