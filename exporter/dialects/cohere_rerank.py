"""Reranking as Cohere has it, which Jina, vLLM, llama.cpp and Hugging Face's server followed.

Sources: Cohere SDK 7.3 and documentation, Jina's documentation. The path begins with `v2` as at Cohere, unless the base
URL ends in a version already, as those of the others do.
"""

import re
from typing import Any, ClassVar

from exporter.core.ask import Ask, Rerank
from exporter.core.exchange import Event, Finish, Finished, Ranked, Request, ServedBy, Usage
from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.dialects.base import BEARER, BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder
from exporter.dialects.fields import as_count, as_list, as_object, as_text
from exporter.dialects.request_forms import make_post

VERSIONED = re.compile(r"/v\d+$")
"""An address that says which version of an API it is."""


class CohereRerank(BaseDialect):
    """The dialect `cohere-rerank`."""

    name: ClassVar[str] = "cohere-rerank"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Rerank})
    key_header: ClassVar[KeyHeader] = BEARER
    version_in_base_url: ClassVar[bool | None] = None

    def encode(self, ask: Ask, target: Target) -> Request:
        if not isinstance(ask, Rerank):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        body = {"model": target.model, "query": ask.query, "documents": list(ask.documents)}
        return make_post("/rerank" if VERSIONED.search(target.provider.base_url) else "/v2/rerank", body, target)

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (one question, one answer)
        return DocumentDecoder(_read_ranking)


def _read_ranking(document: Any) -> list[Event] | None:
    body = as_object(document)
    rows = [_read_result(as_object(row)) for row in as_list(body.get("results"))]
    results = tuple(row for row in rows if row is not None)
    if not results or len(results) < len(rows):
        return None
    served = ServedBy(model=as_text(body.get("model")) or None, request_id=as_text(body.get("id")) or None)
    return [served, Ranked(results), *_read_usage(body), Finished(Finish.STOP)]


def _read_result(row: dict[str, Any]) -> tuple[int, float] | None:
    """Read a document's position and its score, which may be below 0 if it is no probability."""
    index, score = row.get("index"), row.get("relevance_score")
    if type(index) is int and index >= 0 and isinstance(score, int | float):
        return index, float(score)
    return None


def _read_usage(body: dict[str, Any]) -> list[Event]:
    """Read usage: Cohere bills searches but may count tokens; the others count only tokens."""
    told = as_object(as_object(body.get("meta")).get("tokens")) or as_object(body.get("usage"))
    tokens = (
        as_count(told.get("input_tokens")) or as_count(told.get("total_tokens")) or as_count(told.get("prompt_tokens"))
    )
    return [Usage(Tokens(input=tokens))] if tokens else []
