"""The probes there are. A new one is a file in this package and a line in the tuple below."""

from exporter.core.registry import Registry
from exporter.probes.base import Draw, Probe, draw
from exporter.probes.canary import CanaryProbe
from exporter.probes.chat import ChatProbe
from exporter.probes.embeddings import EmbeddingsProbe
from exporter.probes.json import JsonProbe
from exporter.probes.models import ModelsProbe
from exporter.probes.rerank import RerankProbe
from exporter.probes.throughput import ThroughputProbe
from exporter.probes.tools import ToolsProbe


def make_probes(source: Draw = draw) -> Registry[Probe]:
    """Make every probe, by its name; `source` makes their prompts unique."""
    return Registry[Probe](
        (
            ModelsProbe(),
            ChatProbe(source),
            CanaryProbe(source),
            ThroughputProbe(source),
            JsonProbe(source),
            ToolsProbe(source),
            EmbeddingsProbe(source),
            RerankProbe(source),
        )
    )


PROBES: Registry[Probe] = make_probes()
