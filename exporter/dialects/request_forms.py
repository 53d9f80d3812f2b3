"""The two forms in which every protocol here asks: a list is got, anything else is posted as JSON."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson

from exporter.core.exchange import Request
from exporter.core.target import Target
from exporter.dialects.fields import merge

JSON, EVENTS = "application/json", "text/event-stream"
NONE: Mapping[str, str] = MappingProxyType({})


def make_get(path: str, headers: Mapping[str, str] = NONE, origin: str | None = None) -> Request:
    """Ask for a list. `headers` come beside what every request has."""
    return Request(method="GET", path=path, headers={"accept": JSON, **headers}, origin=origin)


def make_post(
    path: str,
    body: Mapping[str, Any],
    target: Target,
    *,
    streamed: bool = False,
    stream: str = EVENTS,
    headers: Mapping[str, str] = NONE,
) -> Request:
    """Ask a question: `body` with what the provider's quirks add. `stream` is the media type of a streamed answer."""
    return Request(
        method="POST",
        path=path,
        headers={"accept": stream if streamed else JSON, "content-type": JSON, **headers},
        body=orjson.dumps(merge(body, target.quirks.extra)),
        streamed=streamed,
    )
