"""What most protocols share: errors named by the one table, headers read by the one reader, one form of question."""

from collections.abc import Mapping

from exporter.core.exchange import Event
from exporter.core.outcome import Failure
from exporter.core.target import Quirks
from exporter.dialects.base import ORDINARY
from exporter.dialects.errors.classify import Verdict, classify_error
from exporter.dialects.response_headers import read_response_headers


class BaseDialect:
    """The part of a dialect that is left as it is unless the protocol deviates."""

    def classify_error(self, status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
        return classify_error(status, headers, body)

    def adapt_quirks(self, quirks: Quirks, failure: Failure) -> Quirks | None:  # noqa: ARG002 (one form for every model)
        return None

    def read_headers(self, headers: Mapping[str, str], now: float, quirks: Quirks = ORDINARY) -> tuple[Event, ...]:
        return read_response_headers(headers, now, quirks)
