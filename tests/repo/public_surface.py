"""What users rely on, as one text: `python -m tests.repo.public_surface` (or `make surface`) writes it anew."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from exporter import cli
from exporter.config import reference
from exporter.config.presets import PRESETS
from exporter.config.schema.blocks import Tunables
from exporter.config.settings import PREFIX, Settings
from exporter.core.health_state import State
from exporter.core.outcome import FAULTS, Fault
from exporter.dialects import DIALECTS
from exporter.metrics.families import FAMILIES
from exporter.probes import PROBES
from exporter.results.status_cache import StatusCache
from exporter.server import make_report_routes
from exporter.server.api.openapi import OPERATIONS, REPORT, make_document
from exporter.server.status import make_health_report
from exporter.store.tables import VERSION
from tests.metrics.make import answered, check, seen
from tests.server.door import Runs, world_with
from tests.server.running import app_of

GOLDEN = Path(__file__).with_suffix(".txt")


def render_surface() -> str:
    """Return the whole text, one line for each thing that a user may have written down somewhere."""
    parts = {
        "metrics": list_metrics(),
        "label values": list_label_values(),
        "configuration file": list_keys(),
        "environment": list_settings(),
        "command line": list_words(),
        "http": list_paths(),
        "json": list_fields(),
        "store": [f"version {VERSION}"],
    }
    return "\n".join(f"# {title}\n" + "".join(f"{line}\n" for line in lines) for title, lines in parts.items())


def list_metrics() -> Iterator[str]:
    """Name, type and labels, in the order of names."""
    for family in sorted(FAMILIES, key=lambda family: family.name):
        yield f"{family.name} {family.kind.value} {{{','.join(family.all_labels)}}}"


def list_label_values() -> Iterator[str]:
    """The closed sets that rules may match on."""
    yield from (f"error_type={reason.value} fault={fault.value}" for reason, fault in FAULTS.items())
    yield from (f"fault={fault.value}" for fault in Fault)
    yield from (f"state={state.value}" for state in State)


def list_keys() -> Iterator[str]:
    """Keys of each block with their kind and default, then names that stand as values."""
    for heading, block, without in reference._BLOCKS:
        for name, field in block.model_fields.items():
            if field.description and not (without and name in Tunables.model_fields):
                yield describe_key(heading, name, field)
    for probe in PROBES.values():
        for name, field in probe.settings.model_fields.items():
            yield describe_key(f"Probe {probe.name}", name, field)
    yield from (f"preset {name}" for name in sorted(PRESETS))
    yield from (f"dialect {name}" for name in sorted(DIALECTS))
    yield from (f"probe {name}" for name in sorted(PROBES))


def describe_key(block: str, name: str, field: Any) -> str:
    """One key as a line."""
    default = reference._describe_default(name, field) or "none"
    return f"{block}: {field.alias or name} = {default} ({reference._describe_field(field)})"


def list_settings() -> Iterator[str]:
    """The variables of the process with their defaults."""
    for name, field in Settings.model_fields.items():
        yield f"{PREFIX}{name.upper()} = {field.default}"


def list_words() -> Iterator[str]:
    """Each command with its options and arguments."""
    parser = cli._make_parser()
    (commands,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    yield from (f"ai-api-exporter {describe_option(action)}" for action in parser._actions if action is not commands)
    for name, command in sorted(commands.choices.items()):
        yield f"ai-api-exporter {name}"
        yield from (f"ai-api-exporter {name} {describe_option(action)}" for action in command._actions)


def describe_option(action: argparse.Action) -> str:
    """An option with what may follow it."""
    words = "|".join(action.option_strings) or str(action.metavar or action.dest)
    follows = "|".join(map(str, action.choices)) if action.choices else str(action.metavar or "")
    return f"{words}{f' {follows}' if follows and action.option_strings else ''} = {action.default}"


def list_paths() -> Iterable[str]:
    """Method and path of every route."""
    world = world_with([check()], Runs())
    world.routes = [*world.routes, *make_report_routes(_report_nothing)]
    routes = app_of(world).router.routes()
    return sorted({f"{route.method} {route.resource.canonical}" for route in routes if route.resource is not None})


async def _report_nothing(_window: float) -> dict[str, Any]:
    return {}


def list_fields() -> Iterator[str]:
    """Every field of the JSON that is served, with its type where it is known."""
    board = StatusCache()
    board.add_check(check())
    board.record_run(seen(check(), answered()))
    yield from (f"/health {path}" for path in list_nested_keys(make_health_report(board.snapshot())))
    document = make_document(operations=[*OPERATIONS, REPORT])
    for name, schema in sorted(document["components"]["schemas"].items()):
        for field, told in schema.get("properties", {}).items():
            yield f"{name}.{field}: {describe_schema(told)}"
        if "enum" in schema:
            yield f"{name}: {'|'.join(map(str, schema['enum']))}"


def list_nested_keys(value: Any, path: str = "") -> Iterator[str]:
    """The path of each key in a JSON value, `[]` for the elements of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}"
            yield from list_nested_keys(inner, f"{path}.{name}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from list_nested_keys(value[0], f"{path}[]")


def describe_schema(schema: dict[str, Any]) -> str:
    """A JSON schema in a word or two."""
    if "anyOf" in schema:
        return "|".join(describe_schema(each) for each in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return "|".join(map(str, schema["enum"]))
    kind = str(schema.get("type", schema.get("const", "any")))
    inner = schema.get("items", schema.get("additionalProperties"))
    return f"{kind} of {describe_schema(inner)}" if isinstance(inner, dict) else kind


def main() -> None:
    """Write the text to its place."""
    GOLDEN.write_text(render_surface())
    sys.stdout.write(f"{GOLDEN}: written\n")


if __name__ == "__main__":
    main()
