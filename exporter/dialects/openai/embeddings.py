"""OpenAI's embeddings, spoken by Azure, Mistral, LiteLLM, vLLM, Ollama and others.

Sources: OpenAI SDK 2.54 and documentation. `encoding_format` is left out: plain numbers are the default on the wire,
and servers that answer in base64 all the same are understood.
"""

from typing import Any, ClassVar

from exporter.core.ask import Ask, Embed, ListModels
from exporter.core.exchange import Embedded, Event, Finish, Finished, Request, ServedBy, Usage
from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.dialects.base import BEARER, BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder
from exporter.dialects.fields import as_count, as_list, as_object, as_text, read_vector
from exporter.dialects.openai.paths import make_account_path, make_model_path, read_models
from exporter.dialects.request_forms import make_get, make_post


class OpenAIEmbeddings(BaseDialect):
    """The dialect `openai-embeddings`. Base URLs include the version (`https://api.openai.com/v1`)."""

    name: ClassVar[str] = "openai-embeddings"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Embed})
    key_header: ClassVar[KeyHeader] = BEARER
    version_in_base_url: ClassVar[bool | None] = True

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return make_get(make_account_path(target, "/models"))
        if not isinstance(ask, Embed):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        body: dict[str, Any] = {"model": target.model, "input": ask.text}
        if ask.dimensions is not None:
            body["dimensions"] = ask.dimensions
        return make_post(make_model_path(target, "/embeddings"), body, target)

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (the protocol has no deviations)
        return DocumentDecoder(read_models if isinstance(ask, ListModels) else read_embedding)


def read_embedding(document: Any) -> list[Event] | None:
    """Read the first embedding of the answer; None if it holds none."""
    body = as_object(document)
    rows = as_list(body.get("data"))
    found = read_vector(as_object(rows[0]).get("embedding")) if rows else None
    if found is None:
        return None
    usage = as_object(body.get("usage"))
    counted = [Usage(Tokens(input=as_count(usage.get("prompt_tokens")) or as_count(usage.get("total_tokens"))))]
    served = ServedBy(model=as_text(body.get("model")) or None, request_id=as_text(body.get("id")) or None)
    return [served, Embedded(found), *(counted if usage else []), Finished(Finish.STOP)]
