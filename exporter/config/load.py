"""From a file, or from nothing but the environment, to the plan; or to every problem at once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from exporter.config.environment import read_environment
from exporter.config.presets import PRESETS
from exporter.config.resolve.plan import Resolver
from exporter.config.schema.blocks import KnownNames
from exporter.config.schema.document import read_document
from exporter.config.settings import find_unknown_settings
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
    """Load the plan from a configuration file; without a file, from the keys in `environ`.

    With a file the environment supplies keys and `${NAME}` values and adds no provider. `free_only` leaves out
    what costs. Raises ConfigError with every problem found.
    """
    known = KnownNames(probes=probes, dialects=dialects, presets=frozenset(PRESETS))
    if path is None:
        written, notices = read_environment(environ, free_only=free_only)
        reading = read_document(written, [], known)
    else:
        reading, notices = read_document(*read_file(path, environ), known), []
    if reading.document is None:
        raise ConfigError([reading.written.make_problem(*trouble) for trouble in reading.troubles])
    folder = path.parent if path is not None else Path()
    plan = Resolver(reading, reading.document, known, environ, folder=folder, free_only=free_only).resolve()
    return replace(plan, notices=(*notices, *plan.notices, *find_unknown_settings(environ)))
