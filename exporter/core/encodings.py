"""Find what a text says in other encodings, so that a secret in it can be masked where it stands.

Covered: percent-encoding, HTML character references, backslash escapes (JSON, Python, JavaScript), up to three of them
inside one another; and within any of these hexadecimal. Base64 and base32 are not decoded here: their few possible
forms are searched for as they are (`redaction.py`).
"""

import html
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

LAYERS = 3
"""Encodings inside one another that are undone, such as a percent-encoded text in a JSON string in a JSON string."""

ESCAPE = re.compile(
    r"(?P<percent>%[0-7][0-9a-f]|%[c-f][0-9a-f](?:%[89ab][0-9a-f]){1,3})"
    r"|(?P<html>&(?:\#[0-9]{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});)"
    r"|\\(?:(?-i:u)(?P<pair>d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|(?-i:u)(?P<u4>[0-9a-f]{4})|u\{(?P<braced>[0-9a-f]{1,6})\}"
    r"|(?-i:U)(?P<u8>[0-9a-f]{8})|x(?P<x>[0-9a-f]{2})|(?P<octal>[0-3][0-7]{2})|(?P<one>.))",
    re.IGNORECASE | re.DOTALL,
)
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b", "0": "\0"}

HEX = re.compile(r"(?:0x)?[0-9a-f](?:[ :,;_-]{0,2}(?:0x)?[0-9a-f]){15,}", re.IGNORECASE)
"""At least the digits of 8 characters; between them may stand what dumps and fingerprints put there."""

HEX_DIGIT = re.compile(r"(?:0x(?=[0-9a-f]))?([0-9a-f])", re.IGNORECASE)


class Decoded(NamedTuple):
    """A decoded text; `locate` maps a span of it to the span of the original that says it."""

    text: str
    locate: Callable[[int, int], tuple[int, int]]


def decode(text: str) -> Iterator[Decoded]:
    """Yield the text itself, then what it says when decoded, one reading at a time."""
    layer = Decoded(text, lambda start, stop: (start, stop))
    for _ in range(LAYERS + 1):
        yield layer
        yield from _decode_hex(layer)
        escapes = list(ESCAPE.finditer(layer.text))
        if not escapes:
            return
        layer = _unescape(layer, escapes)


def _unescape(outer: Decoded, escapes: list[re.Match[str]]) -> Decoded:
    """Undo one layer of escapes. `starts` are where each piece begins in the decoded text."""
    pieces, starts, origins = [], [], []
    at = length = 0
    for found in escapes:
        for piece, origin in ((outer.text[at : found.start()], at), (_say(found), -1 - found.start())):
            pieces.append(piece)
            starts.append(length)
            origins.append(origin)
            length += len(piece)
        at = found.end()
    pieces.append(outer.text[at:])
    starts.append(length)
    origins.append(at)
    ends = {-1 - found.start(): found.end() for found in escapes}

    def locate(start: int, stop: int) -> tuple[int, int]:
        first, last = (bisect_right(starts, place) - 1 for place in (start, stop - 1))
        begin, end = origins[first], origins[last]
        return outer.locate(
            -1 - begin if begin < 0 else begin + start - starts[first],
            ends[end] if end < 0 else end + stop - starts[last],
        )

    return Decoded("".join(pieces), locate)


def _say(found: re.Match[str]) -> str:
    """Return what one escape stands for."""
    kind = found.lastgroup
    said = found[0]
    match kind:
        case "percent":
            return bytes.fromhex(said.replace("%", "")).decode(errors="replace")
        case "html":
            return html.unescape(said)
        case "pair":
            return bytes.fromhex(found["pair"].lower().replace("\\u", "")).decode("utf-16-be", errors="replace")
        case "one":
            return CONTROLS.get(found["one"], found["one"])
        case "octal":
            return chr(int(found["octal"], 8))
        case _:
            code = int(found[kind or 0], 16)
            return chr(code) if code <= sys.maxunicode else said


def _decode_hex(layer: Decoded) -> Iterator[Decoded]:
    """Read each run of hexadecimal digits from its first and from its second digit on."""
    for found in HEX.finditer(layer.text):
        digits = [digit.start(1) for digit in HEX_DIGIT.finditer(layer.text, found.start(), found.end())]
        values = "".join(layer.text[place] for place in digits)
        for first in (0, 1):
            places = digits[first : len(digits) - (len(digits) - first) % 2]
            read = bytes.fromhex(values[first : first + len(places)])
            yield _read_bytes(read, partial(_locate_hex, layer, places))


def _locate_hex(layer: Decoded, places: list[int], start: int, stop: int) -> tuple[int, int]:
    return layer.locate(places[2 * start], places[2 * stop - 1] + 1)


def _read_bytes(read: bytes, locate: Callable[[int, int], tuple[int, int]]) -> Decoded:
    """Read bytes as UTF-8 where they are; `locate` takes places of bytes."""
    text = read.decode(errors="surrogateescape")
    if len(text) == len(read):
        return Decoded(text, locate)
    ends = [0]
    for character in text:
        ends.append(ends[-1] + len(character.encode(errors="surrogateescape")))
    return Decoded(text, lambda start, stop: locate(ends[start], ends[stop]))
