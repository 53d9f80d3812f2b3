"""What may be asked of a model: a closed set of frozen questions.

A probe says which of these it needs, a dialect says which it can express; a pair that does not fit is a
configuration error at load. Nothing here knows a vendor, a wire format or a socket.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ListModels:
    """Ask for the provider's list of models: free of charge nearly everywhere."""

    streamed: bool = field(default=False, init=False)


@dataclass(frozen=True, slots=True)
class Complete:
    """Ask for a short answer to one user message.

    `cap` is the most output tokens wanted (reasoning floors may widen it, see `Quirks`); `schema` asks for
    output that conforms to a JSON schema.
    """

    prompt: str
    cap: int = 32
    streamed: bool = True
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CallTool:
    """Ask a question that can only be answered by calling the one tool offered. `parameters` is its JSON schema."""

    prompt: str
    tool: str
    description: str
    parameters: Mapping[str, Any]
    cap: int = 128
    streamed: bool = True


@dataclass(frozen=True, slots=True)
class Embed:
    """Ask for the embedding of one text; `dimensions` where the model lets one choose (None: its own)."""

    text: str
    dimensions: int | None = None
    streamed: bool = field(default=False, init=False)


@dataclass(frozen=True, slots=True)
class Rerank:
    """Ask which of the documents answers the query best."""

    query: str
    documents: tuple[str, ...]
    streamed: bool = field(default=False, init=False)


Ask = ListModels | Complete | CallTool | Embed | Rerank
