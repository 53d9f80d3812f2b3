"""Reads what a Responses server answers, in events or whole. See openai_responses.py for the sources.

The three terminal events are the only end of a stream, and each holds the whole answer again. Text is looked for in
every item of the output: the first is often reasoning.
"""

from collections.abc import Iterator
from typing import Any

from exporter.core.exchange import Delta, Event, Finish, Finished, RemoteError, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import Failure, Reason, Tokens
from exporter.dialects.errors.classify import find_error_in_answer
from exporter.dialects.fields import as_count, as_list, as_object, as_text
from exporter.dialects.finish_words import find_finish

TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed"})
REASONING = frozenset({"response.reasoning_summary_text.delta", "response.reasoning_text.delta"})
INCOMPLETE = {"max_output_tokens": Finish.LENGTH, "length": Finish.LENGTH, "content_filter": Finish.FILTERED}
ANSWERED = frozenset({"", "completed", "incomplete"})
"""How an answer may stand that is one; some servers do not say."""


class ResponseReading:
    """One streamed answer. Keep-alives and events of tomorrow are passed over, as are all that only open or close."""

    wanted = "response.completed, response.incomplete or response.failed"

    def __init__(self) -> None:
        self.ended = False
        self.known = False
        self._served: Event | None = None
        self._tools: dict[int, int] = {}
        self._refused = False
        self._output = False

    def read_message(self, event: str, body: dict[str, Any]) -> list[Event]:
        kind = as_text(body.get("type")) or event
        if self.ended:
            return []
        if kind == "error":
            error = find_error_in_answer({**body, "type": "error"})
            return [] if error is None else [error]
        if not kind.startswith("response."):
            return []
        self.known = True
        found = list(self._read_output(kind, body))
        self._output = self._output or bool(found)
        return self._read_state(kind, as_object(body.get("response")), found)

    def read_done_marker(self) -> list[Event]:
        """Ignore the end marker of Chat Completions, which some gateways append: it is not the end of this protocol."""
        return []

    def is_complete(self) -> bool:
        return False

    def _read_output(self, kind: str, body: dict[str, Any]) -> Iterator[Event]:
        """Read the output in one event."""
        piece = as_text(body.get("delta"))
        if kind == "response.output_item.added":
            item = as_object(body.get("item"))
            if item.get("type") == "function_call":
                position = self._tools.setdefault(as_count(body.get("output_index")), len(self._tools))
                yield ToolCall(position, as_text(item.get("name")), as_text(item.get("arguments")))
        elif not piece:
            return
        elif kind in REASONING:
            yield Thinking(piece)
        elif kind in {"response.output_text.delta", "response.refusal.delta"}:
            self._refused = self._refused or kind == "response.refusal.delta"
            yield Delta(piece)
        elif kind == "response.function_call_arguments.delta":
            yield ToolCall(self._tools.get(as_count(body.get("output_index")), 0), "", piece)

    def _read_state(self, kind: str, response: dict[str, Any], found: list[Event]) -> list[Event]:
        """Read what an event says of the answer as a whole: who gives it, and how it ended."""
        events = found
        if response and (served := _read_served(response)) not in (self._served, ServedBy()):
            self._served = served
            events = [served, *events]
        if kind not in TERMINAL:
            return events
        self.ended = True
        if not self._output:
            # a server that streams only the frame of an answer
            events = [*events, *_read_output_items(response)]
        return [
            *events,
            *_read_usage(response),
            _read_end(response, kind.removeprefix("response."), refused=self._refused),
        ]


def read_response(document: Any) -> list[Event] | None:
    """Read one whole answer; None if the document is none."""
    body = as_object(document)
    if not isinstance(body.get("output"), list):
        return None
    return [
        _read_served(body),
        *_read_output_items(body),
        *_read_usage(body),
        _read_end(body, as_text(body.get("status")), refused=False),
    ]


def _read_served(response: dict[str, Any]) -> Event:
    return ServedBy(model=as_text(response.get("model")) or None, request_id=as_text(response.get("id")) or None)


def _read_output_items(response: dict[str, Any]) -> Iterator[Event]:
    """Read everything the model produced, in order: reasoning, text and refusals, calls."""
    calls = 0
    for item in map(as_object, as_list(response.get("output"))):
        kind = item.get("type")
        if kind == "function_call":
            yield ToolCall(calls, as_text(item.get("name")), as_text(item.get("arguments")))
            calls += 1
        for part in map(as_object, (*as_list(item.get("summary")), *as_list(item.get("content")))):
            said = as_text(part.get("text")) or as_text(part.get("refusal"))
            if said:
                yield Thinking(said) if kind == "reasoning" else Delta(said)


def _read_end(response: dict[str, Any], status: str, *, refused: bool) -> Event:
    """Read how the answer ended: its own status, or that of the event that holds it."""
    status = as_text(response.get("status")) or status
    error = find_error_in_answer(response)
    if error is not None:
        return error
    if status not in ANSWERED:
        said = f"the answer has the status {status[:40]}"
        return RemoteError(Failure(reason=Reason.SERVER_ERROR, detail=said))
    kinds = {part.get("type") for part in _iter_parts(response)}
    if refused or "refusal" in kinds:
        return Finished(Finish.REFUSED, status)
    if status == "incomplete":
        why = as_text(as_object(response.get("incomplete_details")).get("reason"))
        return Finished(find_finish(why, INCOMPLETE), why or status)
    called = any(as_object(item).get("type") == "function_call" for item in as_list(response.get("output")))
    return Finished(Finish.TOOL if called else Finish.STOP, status)


def _iter_parts(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in map(as_object, as_list(response.get("output"))):
        yield from (part for part in map(as_object, as_list(item.get("content"))) if isinstance(part.get("type"), str))


def _read_usage(response: dict[str, Any]) -> list[Event]:
    """Read usage. `input_tokens` includes cached ones, `output_tokens` includes reasoning."""
    usage = as_object(response.get("usage"))
    if not usage:
        return []
    inputs, outputs = as_count(usage.get("input_tokens")), as_count(usage.get("output_tokens"))
    inside = as_object(usage.get("input_tokens_details"))
    tokens = Tokens(
        input=inputs,
        output=outputs,
        cached_input=min(inputs, as_count(inside.get("cached_tokens"))),
        cache_write=as_count(inside.get("cache_write_tokens")),
        reasoning=min(outputs, as_count(as_object(usage.get("output_tokens_details")).get("reasoning_tokens"))),
    )
    return [Usage(tokens)]
