"""A vendor for end-to-end tests: OpenAI's chat protocol, with models that are named after what they do.

`good` answers; `broken` answers 500; `slow` keeps a stream open and says nothing; any other name is `good` too.
"""

import json
from typing import Any

from tests.fakes.script import Hang, Received, Script, Send, chunk, head, reply, stream

STREAM = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}


def event(data: object) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def piece(model: str, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """One chunk of a streamed chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}


def answer(model: str) -> Script:
    """A whole streamed answer with its usage and its end."""
    usage = {"prompt_tokens": 20, "completion_tokens": 4, "total_tokens": 24}
    return stream(
        event(piece(model, {"role": "assistant", "content": ""})),
        *(event(piece(model, {"content": word})) for word in ("one ", "two ", "three ", "four")),
        event(piece(model, {}, "stop")),
        event({**piece(model, {}), "choices": [], "usage": usage}),
        b"data: [DONE]\n\n",
    )


def listing(*models: str) -> Script:
    """The list of models."""
    rows = [{"id": model, "object": "model", "created": 1, "owned_by": "vendor"} for model in models]
    return reply(json.dumps({"object": "list", "data": rows}).encode())


def refusal(status: int, message: str, code: str) -> Script:
    """An error as OpenAI writes it."""
    error = {"message": message, "type": code, "param": None, "code": code}
    return reply(json.dumps({"error": error}).encode(), status)


def vendor(request: Received) -> Script:
    """What the vendor does with a request."""
    if request.method == "GET":
        return listing("good", "broken", "slow")
    model = json.loads(request.body)["model"]
    match model:
        case "broken":
            return refusal(500, "The server had an error while processing your request.", "server_error")
        case "slow":
            return [Send(head(200, STREAM)), Send(chunk(b": one moment\n\n")), Hang()]
        case _:
            return answer(model)
