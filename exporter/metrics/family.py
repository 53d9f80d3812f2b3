"""What one row of the table of metrics says, and how rows are written down."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Kind(StrEnum):
    """What sort of metric a family is. `info` is written as a gauge in the text format, which has no such type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"


class Scope(StrEnum):
    """What one series of a family speaks of."""

    CHECK = "check"
    MODEL = "model"
    PROVIDER = "provider"
    EXPORTER = "exporter"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that name it."""
        return _NAMED_BY[self]


_NAMED_BY = {
    Scope.CHECK: ("provider", "model", "probe"),
    Scope.MODEL: ("provider", "model"),
    Scope.PROVIDER: ("provider",),
    Scope.EXPORTER: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric: its full name, kind, scope, HELP text, and labels beyond those of its scope."""

    name: str
    kind: Kind
    scope: Scope
    text: str
    labels: tuple[str, ...] = ()
    exemplars: bool = False

    @property
    def bare_name(self) -> str:
        """The name OpenMetrics announces it by: without the ending that its samples add."""
        ending = {Kind.COUNTER: "_total", Kind.INFO: "_info"}.get(self.kind, "")
        return self.name.removesuffix(ending)

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The labels of each series, those of the scope first (user labels and `le` aside)."""
        return self.scope.labels + self.labels


def _make_row(
    kind: Kind, name: str, text: str, *labels: str, scope: Scope = Scope.CHECK, exemplars: bool = False
) -> Family:
    return Family(name=name, kind=kind, scope=scope, text=text, labels=labels, exemplars=exemplars)


counter = partial(_make_row, Kind.COUNTER)
gauge = partial(_make_row, Kind.GAUGE)
histogram = partial(_make_row, Kind.HISTOGRAM)
info = partial(_make_row, Kind.INFO)
