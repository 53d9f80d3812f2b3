"""What a client takes: which exposition format, and whether compressed.

prometheus-client's own `choose_encoder` ignores weights, echoes a version it does not speak and raises on one that is
no number, so the headers are read here; its content types are used.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST

OPENMETRICS = "application/openmetrics-text"
SPOKEN = ("1.0.0", "")
"""Versions of OpenMetrics that are answered with 1.0.0; "" is a client that names none."""

CONTENT_TYPE = {False: CONTENT_TYPE_PLAIN_0_0_4, True: CONTENT_TYPE_LATEST}
"""By whether the answer is OpenMetrics."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """One item of an Accept header: what, in which version, and how much it is wanted (0 not at all, 1 most)."""

    name: str
    version: str
    weight: float


def wants_openmetrics(accept: str) -> bool:
    """Return whether to answer in OpenMetrics 1.0; else in the text format 0.0.4, which every client takes."""
    choices = list(_parse_accept(accept))
    best = max((each.weight for each in choices if each.name == OPENMETRICS and each.version in SPOKEN), default=0.0)
    text = max((each.weight for each in choices if each.name in ("text/plain", "text/*", "*/*")), default=0.0)
    return best > 0 and best >= text


def takes_gzip(accept_encoding: str) -> bool:
    """Return whether the answer may be compressed."""
    weights = {each.name: each.weight for each in _parse_accept(accept_encoding)}
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _parse_accept(header: str) -> Iterator[_Choice]:
    for item in header.lower().split(","):
        name, *rest = (part.strip() for part in item.split(";"))
        parameters = {key.strip(): value.strip() for key, _, value in (part.partition("=") for part in rest)}
        yield _Choice(name, parameters.get("version", ""), _parse_weight(parameters.get("q", "1")))


def _parse_weight(text: str) -> float:
    """Parse a weight; an unreadable one counts as 0."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
