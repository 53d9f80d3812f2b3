"""What most protocols share: errors named by the one table, headers read by the one reader, one form of question."""

from collections.abc import Mapping

from exporter.dialects.base import ORDINARY
from exporter.dialects.classify import Verdict, classify
from exporter.dialects.heads import told_by_headers
from exporter.outcome import Failure
from exporter.target import Quirks
from exporter.wire import Event


class Ordinary:
    """The part of a dialect that is left as it is unless the protocol deviates."""

    def classify(self, status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
        return classify(status, headers, body)

    def adapt(self, quirks: Quirks, failure: Failure) -> Quirks | None:  # noqa: ARG002 (one form for every model)
        return None

    def head(self, headers: Mapping[str, str], now: float, quirks: Quirks = ORDINARY) -> tuple[Event, ...]:
        return told_by_headers(headers, now, quirks)
