"""Reads what a Chat Completions server answers, in chunks or whole. See openai_chat.py for the sources."""

from collections.abc import Iterator
from typing import Any

import orjson

from exporter.core.exchange import Delta, Event, Finish, Finished, RemoteError, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import Failure, Reason, Tokens
from exporter.core.target import Quirks
from exporter.dialects.errors.classify import in_answer
from exporter.dialects.fields import amount, count, items, record, text

FINISHES = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,  # Together
    "length": Finish.LENGTH,
    "model_length": Finish.LENGTH,  # Mistral
    "tool_calls": Finish.TOOL,
    "function_call": Finish.TOOL,
    "content_filter": Finish.FILTERED,
}
BROKEN = {
    "error": Reason.SERVER_ERROR,  # Mistral, OpenRouter
    "insufficient_system_resource": Reason.OVERLOADED,  # DeepSeek
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

    def message(self, _event: str, body: dict[str, Any]) -> list[Event]:
        if self.ended:
            return []
        events: list[Event] = []
        # what has neither is a keep-alive of a gateway, or of another protocol
        if "choices" in body or "usage" in body:
            self.known = True
            self._who(body, events)
            for choice in items(body.get("choices")):
                self._choice(record(choice), events)
            if usage := body.get("usage"):  # null in all chunks but one
                events += _usage(usage, self._quirks)
        if "x_groq" in body:
            events += self._groq(record(body["x_groq"]))
        return events

    def done(self) -> list[Event]:
        self.ended = True
        return [] if self._finished else [Finished(Finish.OTHER)]

    def complete(self) -> bool:
        return self._finished and not self._quirks.done_marker

    def _who(self, body: dict[str, Any], events: list[Event]) -> None:
        """Who answered, when a chunk tells something new: Azure's first chunk has an empty model."""
        told = (body.get("model"), body.get("system_fingerprint"), body.get("provider"), body.get("id"))
        if told == self._told:  # nearly every chunk repeats the one before
            return
        self._told = told
        known, fresh = self._served, _served(body)
        self._served = ServedBy(
            model=known.model or fresh.model,
            fingerprint=known.fingerprint or fresh.fingerprint,
            upstream=known.upstream or fresh.upstream,
            request_id=known.request_id or fresh.request_id,
        )
        if self._served != known:
            events.append(self._served)

    def _choice(self, choice: dict[str, Any], events: list[Event]) -> None:
        delta = record(choice.get("delta"))
        content = delta.get("content")
        if len(delta) == 1 and isinstance(content, str) and content:  # nearly every chunk says nothing else
            events.append(Delta(content))
        else:
            self._delta(delta, events)
        if (text(choice.get("finish_reason")) or choice.get("error")) and not self._finished:
            self._finished = True
            events.append(_finish(choice, refused=self._refused))

    def _delta(self, delta: dict[str, Any], events: list[Event]) -> None:
        events += _said(delta)
        for call in _calls(delta):
            # the name comes once, though some servers repeat it in every chunk
            name = "" if call.index in self._named else call.name
            if name:
                self._named.add(call.index)
            if name or call.arguments:
                events.append(ToolCall(call.index, name, call.arguments))
        self._refused = self._refused or bool(text(delta.get("refusal")))

    def _groq(self, corner: dict[str, Any]) -> list[Event]:
        """Groq's own corner: usage without asking, and the error that cut a stream."""
        error = in_answer(corner)
        return _usage(corner.get("usage"), self._quirks) + ([] if error is None else [error])


def read_chat(document: Any, quirks: Quirks) -> list[Event] | None:
    """One whole answer, or None where the document is none."""
    body = record(document)
    choices = items(body.get("choices"))
    choice = record(choices[0]) if choices else {}
    message = record(choice.get("message"))
    if not message:
        return None
    served = _served(body)
    events: list[Event] = [] if served == ServedBy() else [served]
    events += _said(message)
    events += [call for call in _calls(message) if call.name or call.arguments]
    events += _usage(body.get("usage"), quirks)
    refused = bool(text(message.get("refusal")))
    return [*events, _finish(choice, refused=refused)]


def _served(body: dict[str, Any]) -> ServedBy:
    """`provider` is OpenRouter's word for who answered behind it."""
    return ServedBy(
        model=text(body.get("model")) or None,
        fingerprint=text(body.get("system_fingerprint")) or None,
        upstream=text(body.get("provider")) or None,
        request_id=text(body.get("id")) or None,
    )


def _said(message: dict[str, Any]) -> list[Event]:
    """Reasoning, answer and refusal of one message or delta. Empty and null pieces are no output."""
    said: list[Event] = []
    reasoning = text(message.get("reasoning_content")) or text(message.get("reasoning"))
    if reasoning:
        said.append(Thinking(reasoning))
    content = message.get("content")
    if isinstance(content, str):
        if content:
            said.append(Delta(content))
    else:
        for part in items(content):
            said += _part(record(part))
    refusal = text(message.get("refusal"))
    if refusal:
        said.append(Delta(refusal))
    return said


def _part(part: dict[str, Any]) -> Iterator[Event]:
    """Mistral's content may be a list: `text` parts, and `thinking` parts that hold text parts or a string."""
    thinking = part.get("thinking")
    for piece in items(thinking) or [{"text": thinking}]:
        shown = text(record(piece).get("text"))
        if shown:
            yield Thinking(shown)
    said = text(part.get("text"))
    if said:
        yield Delta(said)


def _calls(message: dict[str, Any]) -> Iterator[ToolCall]:
    calls = items(message.get("tool_calls"))
    if not calls and isinstance(message.get("function_call"), dict):
        calls = [{"function": message["function_call"]}]  # the older form
    for position, call in enumerate(map(record, calls)):
        function = record(call.get("function"))
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = orjson.dumps(arguments).decode()
        index = call.get("index")
        yield ToolCall(index if isinstance(index, int) else position, text(function.get("name")), text(arguments))


def _finish(choice: dict[str, Any], *, refused: bool) -> Event:
    """How the answer ended. OpenRouter may put an error into the choice, beside any reason or none."""
    error = in_answer(choice)
    if error is not None:
        return error
    native = text(choice.get("finish_reason"))
    if native in BROKEN:
        return RemoteError(Failure(reason=BROKEN[native], detail="the answer was broken off", code=native))
    if refused:
        return Finished(Finish.REFUSED, native)
    return Finished(FINISHES.get(native, Finish.OTHER), native)


def _usage(value: Any, quirks: Quirks) -> list[Event]:
    """`prompt_tokens` includes cached ones everywhere, `completion_tokens` includes reasoning nearly everywhere."""
    usage = record(value)
    if not usage:
        return []
    inputs, outputs = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    inside = record(usage.get("prompt_tokens_details"))
    reasoning = count(record(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    total = count(usage.get("total_tokens"))
    if _outside(total, inputs, outputs, reasoning, quirks):
        outputs += reasoning
    tokens = Tokens(
        input=inputs,
        output=outputs,
        cached_input=min(inputs, count(inside.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens"))),
        cache_write=count(inside.get("cache_write_tokens")),
        reasoning=min(outputs, reasoning),
    )
    return [Usage(tokens, cost_usd=amount(usage.get("cost")))]


def _outside(total: int, inputs: int, outputs: int, reasoning: int, quirks: Quirks) -> bool:
    """Whether reasoning was counted beside the output (xAI): the total shows it, else the provider's quirk says so."""
    if total == inputs + outputs:
        return False
    return total == inputs + outputs + reasoning or quirks.reasoning_outside_output
