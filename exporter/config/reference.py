"""The tables of docs/configuration.md, out of the schema: `python -m exporter.config.reference` rewrites them."""

import sys
import types
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from exporter.config.presets import PRESETS, Preset
from exporter.config.resolve.scopes import DEFAULTS
from exporter.config.schema import duration as span
from exporter.config.schema.assertions import AssertBlock
from exporter.config.schema.blocks import Tunables
from exporter.config.schema.fields import Means
from exporter.config.schema.probe_entry import ProbeEntry
from exporter.config.schema.schema import (
    AuthBlock,
    BucketsBlock,
    BudgetBlock,
    DiscoverEntry,
    Document,
    KeyHeaderBlock,
    MaintenanceEntry,
    ModelEntry,
    PriceBlock,
    ProviderEntry,
    QuirksBlock,
    ShardBlock,
    TopBudgetBlock,
)
from exporter.dialects import DIALECTS
from exporter.probes import PROBES

BEGIN, END = "<!-- generated from the schema: begin -->", "<!-- generated from the schema: end -->"

_BLOCKS: Sequence[tuple[str, type[BaseModel], bool]] = (
    ("The top", Document, True),
    ("Settings that stand anywhere", Tunables, False),
    ("A provider", ProviderEntry, True),
    ("A model", ModelEntry, True),
    ("A probe", ProbeEntry, True),
    ("Assertions", AssertBlock, False),
    ("A discovery", DiscoverEntry, True),
    ("Quirks", QuirksBlock, False),
    ("The key's header", KeyHeaderBlock, False),
    ("What gets in", AuthBlock, False),
    ("A budget", BudgetBlock, False),
    ("The budget of all", TopBudgetBlock, False),
    ("A shard", ShardBlock, False),
    ("A price", PriceBlock, False),
    ("A maintenance window", MaintenanceEntry, False),
    ("Buckets", BucketsBlock, False),
)
"""Heading, model, and whether the settings that stand anywhere are left out of its table."""

_HEADINGS = {model: heading for heading, model, _ in _BLOCKS}
_LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
_PLAIN = {bool: "true or false", int: "whole number", float: "number", str: "text", Path: "path", Any: "any value"}


def render_reference() -> str:
    """Render all tables, as they stand between the two marks."""
    return "\n".join([*_render_blocks(), *_render_probes(), *_render_presets()])


def _render_blocks() -> Iterator[str]:
    for heading, model, without in _BLOCKS:
        yield f"### {heading}\n\n{_read_docstring(model)}\n"
        yield "| key | value | default | meaning |\n|---|---|---|---|"
        for name, field in model.model_fields.items():
            if field.description and not (without and name in Tunables.model_fields):
                cells = (
                    f"`{field.alias or name}`",
                    _describe_field(field),
                    _describe_default(name, field),
                    field.description,
                )
                yield f"| {' | '.join(cells)} |"
        yield ""


def _render_probes() -> Iterator[str]:
    yield "### Probes and their own settings\n\n| probe | asked | costs | own settings |\n|---|---|---|---|"
    for probe in PROBES.values():
        settings = [
            f"`{name}`: {_describe_field(field)}"
            + (f" ({default})" if (default := _describe_default(name, field)) else "")
            for name, field in probe.settings.model_fields.items()
        ]
        asked = "once per provider" if probe.per_provider else "of each model"
        cells = (f"`{probe.name}`", asked, "money" if probe.paid else "nothing", "; ".join(settings))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _render_presets() -> Iterator[str]:
    yield "### Presets\n\n| preset | kind | address | key | dialects | price list |\n|---|---|---|---|---|---|"
    for preset in PRESETS.values():
        keys = " or ".join(f"`{key}`" for key in preset.keys) or "`api_key`"
        needed = keys if preset.key_required else f"{keys}, if it needs one"
        cells = (
            f"`{preset.name}`",
            preset.kind.value,
            _describe_address(preset),
            needed,
            ", ".join(name for name in preset.dialects if name in DIALECTS),
            preset.prices or "",
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _describe_address(preset: Preset) -> str:
    """Describe where a preset's address comes from."""
    variable = f", or `{preset.url_variable.name}`" if preset.url_variable else ""
    if preset.address:
        needed = [part for part in ("region", "project") if f"{{{part}}}" in preset.address]
        return "made of " + " and ".join(f"`{part}`" for part in needed)
    return f"`{preset.base_url}`{variable}" if preset.base_url else f"you give `base_url`{variable}"


def _read_docstring(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _describe_default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if name in DEFAULTS and name in Tunables.model_fields:
        value: Any = DEFAULTS[name]
        return span.format_duration(value) if isinstance(value, float) else f"{value}"
    if field.default in (None, {}, []) or isinstance(field.default, BaseModel):
        return ""
    if name in ("every", "retention"):
        return span.format_duration(field.default)
    return f"{field.default}".lower() if isinstance(field.default, bool) else f"`{field.default}`".replace("'", '"')


def _describe_field(field: FieldInfo) -> str:
    limits = {name: getattr(each, name) for each in field.metadata for name in _LIMITS if hasattr(each, name)}
    return ", ".join(
        [_describe_type(field.annotation, field.metadata), *(f"{_LIMITS[name]} {limits[name]:g}" for name in limits)]
    )


def _describe_type(shape: Any, metadata: Sequence[Any] = ()) -> str:
    """Describe a type in the words of a reader."""
    meant = [each.words for each in metadata if isinstance(each, Means)]
    origin, inner = get_origin(shape), get_args(shape)
    if meant:
        return str(meant[-1])
    if origin is Annotated:
        return _describe_type(inner[0], shape.__metadata__)
    if origin in (Union, types.UnionType):
        return _describe_type(next(each for each in inner if each is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in inner)
    return _describe_collection(origin, inner) if inner else _describe_simple(shape)


def _describe_collection(origin: Any, inner: Sequence[Any]) -> str:
    """Describe a list or a mapping. Lists by position are mappings inside; see `Positions`."""
    if origin is dict and inner[0] is not int:
        return f"mapping from {_describe_type(inner[0])} to {_describe_type(inner[1])}"
    return f"list of {_describe_type(inner[-1])}"


def _describe_simple(shape: type) -> str:
    if issubclass(shape, Enum):
        return ", ".join(f"`{each.value}`" for each in shape)
    if shape in _HEADINGS:
        anchor = _HEADINGS[shape].lower().replace(" ", "-").replace("'", "")
        return f"[{_HEADINGS[shape].lower()}](#{anchor})"
    return _PLAIN[shape]


def rewrite_tables(text: str) -> str:
    """Return a page with the current tables between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{render_reference()}\n{END}{after}"


def main(path: Path) -> None:
    """Rewrite the page."""
    path.write_text(rewrite_tables(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/configuration.md"))
