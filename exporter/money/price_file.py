"""Prices from a mounted file: our own short YAML, or a snapshot of genai-prices as JSON. Re-read when it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from exporter.aio.bounded_file import read_bounded
from exporter.core.plain_yaml import load_plain_yaml
from exporter.core.target import Price, Target
from exporter.money.price_list import PriceList, SnapshotError

_EXAMPLE = "write `prices: {gpt-4o-mini: {input: 0.15, output: 0.60}}`, or a JSON array as genai-prices publishes it"
_Usd = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


LARGEST = 16 * 1024 * 1024
"""Bytes of a price file; the published snapshot of genai-prices has under one million."""


class PriceFileError(Exception):
    """A sentence that says what is wrong with the file."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    input: _Usd
    output: _Usd = Decimal(0)
    cached_input: _Usd | None = None
    cache_write: _Usd | None = None


class _Own(BaseModel):
    model_config = ConfigDict(extra="forbid")

    prices: dict[str, _Row]


_OWN = TypeAdapter(_Own)


@dataclass(frozen=True, slots=True)
class PriceFile:
    """What the file holds.

    `rows` are by glob over `provider/model` or `model`; `listed` is its snapshot of genai-prices, or the library's own.
    """

    rows: Mapping[str, Price] = field(default_factory=dict)
    listed: PriceList = field(default_factory=PriceList)

    def find_price(self, target: Target) -> Price | None:
        """Find the first row that fits the model, by its name or its alias, alone or after `provider/`."""
        names = [each for each in (target.model, target.alias) if each]
        names = [f"{target.provider.name}/{each}" for each in names] + names
        for glob, price in self.rows.items():
            if any(fnmatchcase(name, glob) for name in names):
                return price
        return None


def read_price_file(path: Path) -> PriceFile:
    """Read the file; PriceFileError says in one sentence why it cannot be used."""
    try:
        text = read_bounded(path, LARGEST)
    except OSError as error:
        raise PriceFileError(f"{path} cannot be read ({error.strerror})") from None
    if text.lstrip()[:1] == b"[":
        return PriceFile(listed=_read_snapshot(text, path))
    try:
        own = _OWN.validate_python(load_plain_yaml(text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the top"
        raise PriceFileError(f"{path}: {place}: {first['msg']}; {_EXAMPLE}") from None
    except (yaml.YAMLError, ValueError, RecursionError):  # such as a date that no calendar has
        raise PriceFileError(f"{path} is not YAML; {_EXAMPLE}") from None
    return PriceFile({glob: Price(**row.model_dump()) for glob, row in own.prices.items()})


def _read_snapshot(text: bytes, path: Path) -> PriceList:
    try:
        providers = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise PriceFileError(f"{path} is not JSON; {_EXAMPLE}") from None
    if not all(isinstance(each, dict) and "id" in each and "models" in each for each in providers):
        raise PriceFileError(f"{path} is not a snapshot of genai-prices; {_EXAMPLE}")
    try:
        return PriceList(providers)
    except SnapshotError as error:
        raise PriceFileError(f"{path}: {error}; take the file as it is published") from None
