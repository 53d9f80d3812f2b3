"""One contract for every dialect in the registry: what each of them must do with every transcript.

A new dialect is held to it by being in the registry, and must bring the transcripts named in NEEDED.
"""

import string
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.ask import CallTool, Complete, Embed, ListModels, Rerank
from exporter.core.exchange import Event, Finish, Finished, Listed, RemoteError
from exporter.core.outcome import Reason
from exporter.dialects import DIALECTS
from exporter.dialects.base import Dialect
from tests.dialects import forms
from tests.dialects.error_cases import ErrorCase, error_cases
from tests.dialects.transcripts import Transcript, answer, decode, errors, plain, question, target, transcripts

ALL = transcripts()
FINE = [each for each in ALL if each.fine]
NEEDED: dict[type, set[str]] = {
    Complete: {
        "ok_streamed",
        "ok_whole",
        "thinking_first",
        "starved",
        "cached",
        "error_before_output",
        "error_after_output",
        "error_whole",
        "cut",
        "html",
        "empty",
        "other_protocol",
    },
    CallTool: {"tools", "tools_whole"},
    Embed: {"embedding", "embedding_error", "embedding_cut", "embedding_other_protocol"},
    Rerank: {"ranking", "ranking_error", "ranking_cut", "ranking_other_protocol"},
    ListModels: {"models"},
}
"""The transcripts a dialect must have for each ask it can express."""

each_transcript = pytest.mark.parametrize("transcript", ALL, ids=lambda each: each.id)
each_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda each: each.name)


def complete(events: list[Event]) -> bool:
    """Whether the answer came to its end without an error."""
    return not errors(events) and any(isinstance(event, Finished | Listed) for event in events)


def in_order(events: list[Event]) -> bool:
    """An error is the last thing an answer says, and it is said once; an answer finishes once."""
    wrong = [position for position, event in enumerate(events) if isinstance(event, RemoteError)]
    finishes = [event for event in events if isinstance(event, Finished)]
    return wrong in ([], [len(events) - 1]) and len(finishes) <= 1


@each_dialect
def test_a_dialect_has_the_transcripts_it_needs(dialect: Dialect) -> None:
    told = {each.case for each in ALL if each.dialect == dialect.name}
    needed = set().union(*(names for ask, names in NEEDED.items() if ask in dialect.asks))
    assert needed - told == set()
    assert Complete not in dialect.asks or any(case.startswith(("refused", "filtered")) for case in told)


def test_every_transcript_is_of_a_dialect() -> None:
    assert {each.dialect for each in ALL} == set(DIALECTS)


@each_transcript
def test_fed_at_once(transcript: Transcript) -> None:
    decoder = DIALECTS[transcript.dialect].make_decoder(transcript.question(), transcript.target())
    events = list(decoder.feed(transcript.body))
    assert decoder.ended == transcript.ended
    events += decoder.close()
    assert [plain(event) for event in events] == transcript.events
    assert in_order(events)


@each_transcript
def test_fed_byte_by_byte(transcript: Transcript) -> None:
    decoder = DIALECTS[transcript.dialect].make_decoder(transcript.question(), transcript.target())
    events = decode(decoder, [bytes([byte]) for byte in transcript.body])
    assert [plain(event) for event in events] == transcript.events


@each_transcript
def test_cut_after_every_byte(transcript: Transcript) -> None:
    """Always an error or a finished answer, and finished only once the end marker was there."""
    dialect = DIALECTS[transcript.dialect]
    for length in range(len(transcript.body)):
        events = answer(dialect, transcript, transcript.body[:length])
        assert in_order(events), length
        if transcript.fine:
            assert complete(events) == (length >= transcript.complete_from), length
        else:
            assert errors(events) or complete(events), length


@pytest.mark.parametrize("transcript", FINE, ids=lambda each: each.id)
def test_unknown_fields_change_nothing(transcript: Transcript) -> None:
    events = answer(DIALECTS[transcript.dialect], transcript, with_unknown_fields(transcript))
    assert [plain(event) for event in events] == transcript.events


def with_unknown_fields(transcript: Transcript) -> bytes:
    """The body with fields of tomorrow in every object."""
    parts = forms.pieces(transcript.form, transcript.body)
    return forms.joined(transcript.form, [part._replace(text=_widened_text(part.text)) for part in parts])


def _widened_text(text: bytes) -> bytes:
    try:
        return orjson.dumps(_widened(orjson.loads(text)))
    except orjson.JSONDecodeError:
        return text


OF_THE_MODEL = {"input", "args", "arguments"}
"""Objects whose fields are the model's words, not the protocol's."""


def _widened(value: Any) -> Any:
    if isinstance(value, list):
        return [_widened(each) for each in value]
    if isinstance(value, dict):
        widened = {key: each if key in OF_THE_MODEL else _widened(each) for key, each in value.items()}
        return {"x_tomorrow": [{"deep": None}], **widened, "x_later": True} if value else value
    return value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from _places(each, (*path, key))


def _replaced(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(copy[path[0]], path[1:], other)
    return copy


@given(data=st.data())
def test_any_value_in_any_place_is_survived(data: st.DataObject) -> None:
    """One value of one message is of another type: an answer or an error, never an exception."""
    transcript = data.draw(st.sampled_from(FINE))
    parts = forms.pieces(transcript.form, transcript.body)
    position = data.draw(st.integers(0, len(parts) - 1))
    try:
        document = orjson.loads(parts[position].text)
    except orjson.JSONDecodeError:
        return
    place = data.draw(st.sampled_from(list(_places(document))))
    parts[position] = parts[position]._replace(text=orjson.dumps(_replaced(document, place, data.draw(JSON))))
    events = answer(DIALECTS[transcript.dialect], transcript, forms.joined(transcript.form, parts))
    assert in_order(events)
    assert errors(events) or complete(events)


BYTES_OF_STREAMS = st.binary() | st.lists(
    st.sampled_from([b"data:", b"event: error", b": x", b" ", b"\n", b"\r", b"\r\n", b"[DONE]", b"{}", b"[]", b"null"])
    | JSON.map(orjson.dumps)
    | st.binary(max_size=4)
).map(b"".join)


KINDS: dict[type, str] = {
    Complete: "complete",
    CallTool: "tool",
    Embed: "embed",
    Rerank: "rerank",
    ListModels: "models",
}


def kinds(dialect: Dialect) -> list[str]:
    """What it can be asked; first what it is there for."""
    return [kind for ask, kind in KINDS.items() if ask in dialect.asks]


@pytest.mark.parametrize(
    ("dialect", "kind"),
    [pytest.param(each, kind, id=f"{each.name}-{kind}") for each in DIALECTS.values() for kind in kinds(each)],
)
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@given(body=BYTES_OF_STREAMS, split=st.integers(0, 40))
def test_any_bytes_are_survived(dialect: Dialect, kind: str, body: bytes, split: int, *, streamed: bool) -> None:
    decoder = dialect.make_decoder(question(kind, streamed=streamed), target(dialect.name))
    events = decode(decoder, [body[:split], body[split:]])
    assert in_order(events)
    assert errors(events) or complete(events)


@each_dialect
def test_nothing_comes_after_the_answer(dialect: Dialect) -> None:
    """What follows an error or the end of the body is not part of the answer."""
    for streamed in (True, False):
        decoder = dialect.make_decoder(question(kinds(dialect)[0], streamed=streamed), target(dialect.name))
        last = decode(decoder, [b"garbage"])
        assert [type(event) for event in last] == [RemoteError]
        assert decode(decoder, [b'data: {"error": "again"}\n\n']) == []


@each_dialect
def test_an_endless_body_costs_one_error(dialect: Dialect) -> None:
    """The bound of what may still become an answer is larger than that of what cannot."""
    for streamed, start in ((True, b"data: "), (True, b": "), (True, b'{"'), (True, b"<html>"), (False, b"[")):
        decoder = dialect.make_decoder(question(kinds(dialect)[0], streamed=streamed), target(dialect.name))
        pieces = [start, *[b"x" * 65536] * 200]
        reasons = [error.failure.reason for error in errors(decode(decoder, pieces))]
        assert reasons in ([Reason.INVALID_RESPONSE], [Reason.TOO_LARGE])
        assert decoder.ended


CASES = error_cases()


@each_dialect
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_error_bodies_are_named_even_when_cut(dialect: Dialect, case: ErrorCase) -> None:
    for length in range(0, len(case.body) + 1, 7):
        verdict = dialect.classify_error(case.status, case.headers, case.body[:length])
        assert isinstance(verdict, Finished) or verdict.failure.reason is not Reason.OK


@each_dialect
@given(status=st.integers(100, 999), body=st.binary() | JSON.map(orjson.dumps))
def test_any_error_body_is_named(dialect: Dialect, status: int, body: bytes) -> None:
    verdict = dialect.classify_error(status, {}, body)
    if isinstance(verdict, RemoteError):
        assert verdict.failure.http_status == status
        assert verdict.failure.detail
    else:
        assert verdict.why is Finish.LENGTH


HEADER = st.text(string.printable, max_size=40)
NAMES = st.sampled_from(
    [
        "x-request-id",
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-requests",
        "anthropic-ratelimit-tokens-reset",
        "x-litellm-response-cost",
        "x-litellm-cache-key",
        "retry-after",
        "date",
        "content-type",
    ]
)


@each_dialect
@given(headers=st.dictionaries(NAMES, HEADER))
def test_any_headers_are_survived(dialect: Dialect, headers: dict[str, str]) -> None:
    dialect.read_headers(headers, 1.7e9)
    dialect.classify_error(429, headers, b"")
