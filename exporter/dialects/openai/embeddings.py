"""OpenAI's embeddings, spoken by Azure, Mistral, LiteLLM, vLLM, Ollama and others.

Sources: OpenAI SDK 2.54 and documentation. `encoding_format` is left out: plain numbers are the default on the wire,
and servers that answer in base64 all the same are understood.
"""

from typing import Any, ClassVar

from exporter.core.ask import Ask, Embed, ListModels
from exporter.core.exchange import Embedded, Event, Finish, Finished, Request, ServedBy, Usage
from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.dialects.base import BEARER, Decoder, KeyHeader
from exporter.dialects.base_dialect import Ordinary
from exporter.dialects.decoders import DocumentDecoder
from exporter.dialects.fields import count, items, record, text
from exporter.dialects.openai.model_list import read_models
from exporter.dialects.openai.paths import of_account, of_model
from exporter.dialects.request_forms import get, post
from exporter.dialects.vectors import vector


class OpenAIEmbeddings(Ordinary):
    """The dialect `openai-embeddings`. Base URLs include the version (`https://api.openai.com/v1`)."""

    name: ClassVar[str] = "openai-embeddings"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Embed})
    key_header: ClassVar[KeyHeader] = BEARER

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return get(of_account(target, "/models"))
        if not isinstance(ask, Embed):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        body: dict[str, Any] = {"model": target.model, "input": ask.text}
        if ask.dimensions is not None:
            body["dimensions"] = ask.dimensions
        return post(of_model(target, "/embeddings"), body, target)

    def decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (the protocol has no deviations)
        return DocumentDecoder(read_models if isinstance(ask, ListModels) else read_embedding)


def read_embedding(document: Any) -> list[Event] | None:
    """The first embedding of the answer, or None where it holds none."""
    body = record(document)
    rows = items(body.get("data"))
    found = vector(record(rows[0]).get("embedding")) if rows else None
    if found is None:
        return None
    usage = record(body.get("usage"))
    counted = [Usage(Tokens(input=count(usage.get("prompt_tokens")) or count(usage.get("total_tokens"))))]
    served = ServedBy(model=text(body.get("model")) or None, request_id=text(body.get("id")) or None)
    return [served, Embedded(found), *(counted if usage else []), Finished(Finish.STOP)]
