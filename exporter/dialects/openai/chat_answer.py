"""Reads what a Chat Completions server answers, in chunks or whole. See openai_chat.py for the sources."""

from collections.abc import Iterator
from typing import Any

import orjson

from exporter.core.exchange import Delta, Event, Finish, Finished, RemoteError, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import Failure, Reason, Tokens
from exporter.core.target import Quirks
from exporter.dialects.errors.classify import find_error_in_answer
from exporter.dialects.fields import as_amount, as_count, as_list, as_object, as_text
from exporter.dialects.finish_words import find_finish

FINISHES = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,  # Together
    "length": Finish.LENGTH,
    "model_length": Finish.LENGTH,  # Mistral
    "tool_calls": Finish.TOOL,
    "function_call": Finish.TOOL,
    "content_filter": Finish.FILTERED,
    # what gateways pass on from their upstreams
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "tool_use": Finish.TOOL,
    "safety": Finish.FILTERED,
    "refusal": Finish.REFUSED,
}
"""In lower case: some write them in capitals."""

BROKEN = {
    "error": Reason.SERVER_ERROR,  # Mistral, OpenRouter
    "failed": Reason.SERVER_ERROR,
    "insufficient_system_resource": Reason.OVERLOADED,  # DeepSeek
    "abort": Reason.STREAM_INTERRUPTED,  # vLLM, SGLang
    "aborted": Reason.STREAM_INTERRUPTED,
    "cancelled": Reason.STREAM_INTERRUPTED,
    "canceled": Reason.STREAM_INTERRUPTED,
}
"""Finish reasons of an answer that broke, with status 200."""


class ChatReading:
    """One streamed answer. Usage may stand in any chunk, with or without choices; the last one told wins."""

    wanted = "[DONE]"

    def __init__(self, quirks: Quirks) -> None:
        self.ended = False
        self.known = False
        self._quirks = quirks
        self._told: tuple[Any, ...] = ()
        self._served = ServedBy()
        self._named: set[int] = set()
        self._refused = False
        self._finished = False
        self._usage_of_choice: Any = None

    def read_message(self, _event: str, body: dict[str, Any]) -> list[Event]:
        if self.ended:
            return []
        events: list[Event] = []
        # what has neither is a keep-alive of a gateway, or of another protocol
        if "choices" in body or "usage" in body:
            self.known = True
            self._read_served(body, events)
            for choice in as_list(body.get("choices")):
                self._read_choice(as_object(choice), events)
            if usage := body.get("usage") or self._usage_of_choice:  # null in all chunks but one
                events += _read_usage(usage, self._quirks)
                self._usage_of_choice = None
        if "x_groq" in body:
            events += self._read_groq(as_object(body["x_groq"]))
        return events

    def read_done_marker(self) -> list[Event]:
        self.ended = True
        return [] if self._finished else [Finished(Finish.OTHER)]

    def is_complete(self) -> bool:
        return self._finished and not self._quirks.done_marker

    def _read_served(self, body: dict[str, Any], events: list[Event]) -> None:
        """Read who answered, when a chunk has something new: Azure's first chunk has an empty model."""
        told = (body.get("model"), body.get("system_fingerprint"), body.get("provider"), body.get("id"))
        if told == self._told:  # nearly every chunk repeats the one before
            return
        self._told = told
        known = self._served
        self._served = known.fill(_read_served(body))
        if self._served != known:
            events.append(self._served)

    def _read_choice(self, choice: dict[str, Any], events: list[Event]) -> None:
        delta = as_object(choice.get("delta"))
        content = delta.get("content")
        if len(delta) == 1 and isinstance(content, str) and content:  # nearly every chunk says nothing else
            events.append(Delta(content))
        else:
            self._read_delta(delta, events)
        if "usage" in choice:  # Moonshot (go-moonshot, issue 17)
            self._usage_of_choice = choice["usage"]
        if (as_text(choice.get("finish_reason")) or choice.get("error")) and not self._finished:
            self._finished = True
            events.append(_read_finish(choice, refused=self._refused))

    def _read_delta(self, delta: dict[str, Any], events: list[Event]) -> None:
        events += _read_output(delta)
        for call in _read_calls(delta):
            # the name comes once, though some servers repeat it in every chunk
            name = "" if call.index in self._named else call.name
            if name:
                self._named.add(call.index)
            if name or call.arguments:
                events.append(ToolCall(call.index, name, call.arguments))
        self._refused = self._refused or bool(as_text(delta.get("refusal")))

    def _read_groq(self, corner: dict[str, Any]) -> list[Event]:
        """Read Groq's own object: usage without asking, and the error that cut a stream."""
        error = find_error_in_answer(corner)
        return _read_usage(corner.get("usage"), self._quirks) + ([] if error is None else [error])


def read_chat(document: Any, quirks: Quirks) -> list[Event] | None:
    """Read one whole answer; None if the document is none."""
    body = as_object(document)
    choices = as_list(body.get("choices"))
    choice = as_object(choices[0]) if choices else {}
    message = as_object(choice.get("message"))
    if not message:
        return None
    served = _read_served(body)
    events: list[Event] = [] if served == ServedBy() else [served]
    events += _read_output(message)
    events += [call for call in _read_calls(message) if call.name or call.arguments]
    events += _read_usage(body.get("usage") or choice.get("usage"), quirks)
    refused = bool(as_text(message.get("refusal")))
    return [*events, _read_finish(choice, refused=refused)]


def _read_served(body: dict[str, Any]) -> ServedBy:
    """Read who answered; `provider` is OpenRouter's word for the upstream."""
    return ServedBy(
        model=as_text(body.get("model")) or None,
        fingerprint=as_text(body.get("system_fingerprint")) or None,
        upstream=as_text(body.get("provider")) or None,
        request_id=as_text(body.get("id")) or None,
    )


def _read_output(message: dict[str, Any]) -> list[Event]:
    """Read reasoning, answer and refusal of one message or delta. Empty and null pieces are no output."""
    said: list[Event] = []
    reasoning = as_text(message.get("reasoning_content")) or as_text(message.get("reasoning"))
    if reasoning:
        said.append(Thinking(reasoning))
    content = message.get("content")
    if isinstance(content, str):
        if content:
            said.append(Delta(content))
    else:
        for part in as_list(content):
            said += _read_part(as_object(part))
    refusal = as_text(message.get("refusal"))
    if refusal:
        said.append(Delta(refusal))
    return said


def _read_part(part: dict[str, Any]) -> Iterator[Event]:
    """Mistral's content may be a list: `text` parts, and `thinking` parts that hold text parts or a string."""
    thinking = part.get("thinking")
    for piece in as_list(thinking) or [{"text": thinking}]:
        shown = as_text(as_object(piece).get("text"))
        if shown:
            yield Thinking(shown)
    said = as_text(part.get("text"))
    if said:
        yield Delta(said)


def _read_calls(message: dict[str, Any]) -> Iterator[ToolCall]:
    calls = as_list(message.get("tool_calls"))
    if not calls and isinstance(message.get("function_call"), dict):
        calls = [{"function": message["function_call"]}]  # the older form
    for position, call in enumerate(map(as_object, calls)):
        function = as_object(call.get("function"))
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = orjson.dumps(arguments).decode()
        index = call.get("index")
        yield ToolCall(index if isinstance(index, int) else position, as_text(function.get("name")), as_text(arguments))


def _read_finish(choice: dict[str, Any], *, refused: bool) -> Event:
    """Read how the answer ended. OpenRouter may put an error into the choice, beside any reason or none."""
    error = find_error_in_answer(choice)
    if error is not None:
        return error
    native = as_text(choice.get("finish_reason"))
    word = native.lower()
    if word in BROKEN:
        return RemoteError(Failure(reason=BROKEN[word], detail="the answer was broken off", code=native))
    if refused:
        return Finished(Finish.REFUSED, native)
    why = find_finish(word, FINISHES)
    if why is Finish.ERROR:
        return RemoteError(Failure(reason=Reason.STREAM_INTERRUPTED, detail="the answer was broken off", code=native))
    return Finished(why, native)


def _read_usage(value: Any, quirks: Quirks) -> list[Event]:
    """`prompt_tokens` includes cached ones everywhere, `completion_tokens` includes reasoning nearly everywhere."""
    usage = as_object(value)
    if not usage:
        return []
    # Some gateways pass on the names of Anthropic and of OpenAI's responses.
    inputs = as_count(usage.get("prompt_tokens")) or as_count(usage.get("input_tokens"))
    outputs = as_count(usage.get("completion_tokens")) or as_count(usage.get("output_tokens"))
    inside = as_object(usage.get("prompt_tokens_details"))
    reasoning = as_count(as_object(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    total = as_count(usage.get("total_tokens"))
    if _is_outside_output(total, inputs, outputs, reasoning, quirks):
        outputs += reasoning
    elif not reasoning and total > inputs + outputs > 0:
        # Gemini's OpenAI form counts thinking in the total alone.
        reasoning = total - inputs - outputs
        outputs += reasoning
    tokens = Tokens(
        input=inputs,
        output=outputs,
        cached_input=min(
            inputs, as_count(inside.get("cached_tokens")) or as_count(usage.get("prompt_cache_hit_tokens"))
        ),
        cache_write=as_count(inside.get("cache_write_tokens")),
        reasoning=min(outputs, reasoning),
    )
    return [Usage(tokens, cost_usd=_read_cost(usage))]


def _read_cost(usage: dict[str, Any]) -> float | None:
    """Read the cost; with a key of one's own at OpenRouter `cost` is 0 and the upstream's bill is in the details."""
    cost = as_amount(usage.get("cost"))
    upstream = as_amount(as_object(usage.get("cost_details")).get("upstream_inference_cost"))
    own_key = usage.get("is_byok") is True or not cost
    return (cost or 0.0) + upstream if upstream and own_key else cost


def _is_outside_output(total: int, inputs: int, outputs: int, reasoning: int, quirks: Quirks) -> bool:
    """Whether reasoning was counted beside the output (xAI): the total shows it, else the provider's quirk says so."""
    if total == inputs + outputs:
        return False
    return total == inputs + outputs + reasoning or quirks.reasoning_outside_output
