"""What is recognised as the same message with other words, and that it is never taken for anything else."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.exchange import Delta, Event, Finish, Finished, Thinking
from exporter.dialects import DIALECTS
from exporter.dialects.delta_fast_path import DeltaFastPath
from exporter.dialects.framing.sse import Message
from tests.dialects import forms
from tests.dialects.transcripts import Transcript, decode, transcripts

STREAMS = [each for each in transcripts() if each.streamed]


def chunk(text: str, **beside: Any) -> Message:
    """One message of a chat stream."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return Message("", orjson.dumps({"id": "c1", "model": "m", "choices": [choice], **beside}))


def learnt(message: Message, *found: Event) -> DeltaFastPath:
    refrain = DeltaFastPath()
    refrain.learn(message, found)
    return refrain


@pytest.mark.parametrize("kind", [Delta, Thinking])
@pytest.mark.parametrize("text", ["two", " two", "zwei\u00fc", "{", "one"])
def test_other_words_in_the_same_message(kind: type[Delta | Thinking], text: str) -> None:
    assert learnt(chunk("one"), kind("one")).match(chunk(text)) == kind(text)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(chunk(""), id="no words"),
        pytest.param(chunk("a\nb"), id="words that are written otherwise than they are"),
        pytest.param(chunk('a"b'), id="a quote"),
        pytest.param(chunk("two", usage=1), id="a field more"),
        pytest.param(Message("ping", chunk("two").data), id="an event of another name"),
        pytest.param(Message("", chunk("two").data.replace(b"two", b"\xff")), id="bytes that are no text"),
        pytest.param(Message("", chunk("two").data.replace(b"two", b"a\x01b")), id="what JSON does not allow"),
        pytest.param(Message("", chunk("two").data.replace(b"two", b'two","content":"three')), id="a field slipped in"),
        pytest.param(Message("", chunk("two").data[:-4]), id="one that was cut"),
        pytest.param(Message("", chunk("").data.replace(b'""', b'"')), id="beginning and end that overlap"),
    ],
)
def test_what_has_to_be_read(message: Message) -> None:
    assert learnt(chunk("one"), Delta("one")).match(message) is None


@pytest.mark.parametrize(
    ("message", "found"),
    [
        pytest.param(chunk("one"), (), id="nothing was in it"),
        pytest.param(chunk("one"), (Delta("one"), Finished(Finish.STOP)), id="more than words was in it"),
        pytest.param(chunk("one"), (Delta("another"),), id="the words are not in it as they are"),
        pytest.param(chunk("one", told="one"), (Delta("one"),), id="the words are in it twice"),
        pytest.param(chunk("a\nb"), (Delta("a\nb"),), id="words that are written otherwise"),
        pytest.param(Message("", b'{"say":"one"}'), (Delta("one"),), id="too short to be worth it"),
    ],
)
def test_what_is_not_learnt(message: Message, found: tuple[Event, ...]) -> None:
    refrain = learnt(message, *found)
    assert refrain.match(message) is None
    assert refrain.match(Message("", message.data.replace(b"one", b"two"))) is None


def test_words_that_stand_elsewhere_for_others_are_not_learnt() -> None:
    r"""What was said is written `a\\b`; `a\b`, which stands in another field, is something else."""
    refrain = learnt(chunk(r"a\b", told="a\b"), Delta(r"a\b"))
    assert refrain.match(chunk(r"a\b", told="two")) is None


def test_words_to_be_read_between_do_not_end_it() -> None:
    refrain = learnt(chunk("one"), Delta("one"))
    assert refrain.match(chunk("a\nb")) is None
    refrain.learn(chunk("a\nb"), (Delta("a\nb"),))
    assert refrain.match(chunk("two")) == Delta("two")


def test_anything_else_between_ends_it() -> None:
    refrain = learnt(chunk("one"), Delta("one"))
    assert refrain.match(chunk("", usage=1)) is None
    refrain.learn(chunk("", usage=1), ())
    assert refrain.match(chunk("two")) is None


WORDS = st.sampled_from(
    ["one", "two ", "a\nb", 'q"', "", "\u00fc", "error", "stop", "[DONE]", "</think>", "null", "{}"]
)


@given(data=st.data())
def test_a_stream_says_the_same_where_nothing_is_recognised(data: st.DataObject) -> None:
    """Messages of a dialect, some again with other words in any string: spaces keep them from being recognised."""
    transcript = data.draw(st.sampled_from(STREAMS))
    blocks = [again for block in in_blocks(transcript) for again in (block, *data.draw(variants(block)))]
    apart = [spaced(block, position % 2 + 1) for position, block in enumerate(blocks)]
    assert told(transcript, blocks) == told(transcript, apart)


Block = list[forms.Piece]


def in_blocks(transcript: Transcript) -> list[Block]:
    """The body in messages; of an event stream each has several lines."""
    blocks: list[Block] = [[]]
    for piece in forms.pieces(transcript.form, transcript.body):
        blocks[-1].append(piece)
        if transcript.form != "sse" or not (piece.before or piece.text):
            blocks.append([])
    return [block for block in blocks if block]


@st.composite
def variants(draw: st.DrawFn, block: Block) -> list[Block]:
    """The block some times more, with other words in one of its strings."""
    position = next((number for number, piece in enumerate(block) if document(piece)), None)
    if position is None:
        return []
    body = document(block[position])
    places = [path for path in paths(body) if isinstance(at(body, path), str)]
    if not places:
        return []
    path = draw(st.sampled_from(places))
    bodies = [replaced(body, path, words) for words in draw(st.lists(WORDS, max_size=4))]
    return [
        [*block[:position], block[position]._replace(text=b" " + orjson.dumps(each)), *block[position + 1 :]]
        for each in bodies
    ]


def document(piece: forms.Piece) -> Any:
    try:
        return orjson.loads(piece.text)
    except orjson.JSONDecodeError:
        return None


def paths(value: Any) -> list[tuple[Any, ...]]:
    """Every place in a document that is no object and no list."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    return [()] if inside is None else [(key, *path) for key, each in inside for path in paths(each)]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def replaced(value: Any, path: tuple[Any, ...], other: str) -> Any:
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], other)
    return copy


def spaced(block: Block, spaces: int) -> Block:
    """The same JSON with so many spaces after its first brace."""
    return [
        piece._replace(text=piece.text.replace(b"{", b"{" + b" " * spaces, 1)) if document(piece) else piece
        for piece in block
    ]


def told(transcript: Transcript, blocks: list[Block]) -> list[Event]:
    body = forms.joined(transcript.form, [piece for block in blocks for piece in block])
    return decode(DIALECTS[transcript.dialect].make_decoder(transcript.question(), transcript.target()), [body])
