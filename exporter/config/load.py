"""From a file, or from nothing but the environment, to the plan; or to every problem at once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from exporter.config.environment import from_environment
from exporter.config.presets import PRESETS
from exporter.config.resolve.plan import Resolver
from exporter.config.schema.blocks import Known
from exporter.config.schema.document import understand
from exporter.config.settings import unknown_settings
from exporter.config.yaml.read import read_file
from exporter.core.errors import ConfigError
from exporter.core.plan import Plan
from exporter.dialects.base import Dialect
from exporter.probes.base import Probe


def load_plan(
    path: Path | None,
    environ: Mapping[str, str],
    probes: Mapping[str, Probe],
    dialects: Mapping[str, Dialect],
    *,
    free_only: bool = False,
) -> Plan:
    """The plan that a configuration file stands for; without a file, the one that the keys in `environ` stand for.

    With a file the environment supplies keys and `${NAME}` values and adds no provider. `free_only` leaves out
    what costs. Raises ConfigError with every problem found.
    """
    known = Known(probes=probes, dialects=dialects, presets=frozenset(PRESETS))
    if path is None:
        written, notices = from_environment(environ, free_only=free_only)
        reading = understand(written, [], known)
    else:
        reading, notices = understand(*read_file(path, environ), known), []
    if reading.document is None:
        raise ConfigError([reading.written.problem(*trouble) for trouble in reading.troubles])
    folder = path.parent if path is not None else Path()
    plan = Resolver(reading, reading.document, known, environ, folder=folder, free_only=free_only).plan()
    return replace(plan, notices=(*notices, *plan.notices, *unknown_settings(environ)))
