"""Takes secrets out of everything that leaves the process: logs, metrics, pages, errors and the store.

A vendor may send a key back whole, in part, escaped or encoded, so what is searched for are runs of 8 characters of
the secret, of its base64 and base32 and of its common escapes, in the text and in what the text says when it is decoded
(`encodings.py`). Upper and lower case are not told apart, as a header or a model's name may change it.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache, lru_cache, partial
from operator import is_
from types import NoneType
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from exporter.core.encodings import decode

_CREDENTIALS = re.compile(
    r"authori[sz]ation|(?:^|[-_])auth(?:$|[-_])|cookie|token(?!s)|secret|passw|credential|signature|(?:^|[-_])key(?:$|[-_])|apikey"
)
_NO_CREDENTIALS = frozenset({"idempotency-key", "x-idempotency-key", "sec-websocket-key"})
"""How header names read that carry a credential, and names that only look so."""

RUN = 8
"""Characters in a row that give a secret away. A value shorter than this would be found in innocent text."""

PART = 4
STRIDE = RUN - PART + 1
"""Distance of places at which a text is searched first: each run covers one of them with a part of this length."""

MASK = "***"

RETIRED = 32
"""Secrets no longer in use that are still masked: a request under way may yet return one."""

LONGEST = 300
"""Characters of any vendor's text that are kept."""

READ = 2048
"""Characters of a vendor's text that are looked at: a detail of a megabyte would hold the event loop."""

LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
"""Unlike `str.lower` it never changes the length of a text."""

Thing = TypeVar("Thing")
Clean = Callable[[str], str]
Way = Callable[[Any, Clean], Any]


class Traces(NamedTuple):
    """What gives secrets away: all their runs, and the parts of those."""

    runs: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, runs: frozenset[str]) -> "Traces":
        """Make the traces with these runs."""
        return cls(runs, frozenset(run[at : at + PART] for run in runs for at in range(STRIDE)))


class Redactor:
    """Masks the secrets of now, and those of a while ago.

    `secrets` is asked each time, so that a key file that changes is noticed; its runs are worked out only then.
    """

    def __init__(self, secrets: Callable[[], Iterable[SecretStr]]) -> None:
        self._secrets = secrets
        self._values: tuple[str, ...] = ()
        self._runs_of: dict[str, frozenset[str]] = {}
        self._traces = Traces()

    def clean(self, text: str) -> str:
        """Return the text with every trace of a secret masked."""
        return self.make_cleaner()(text)

    def make_cleaner(self) -> Clean:
        """Return `clean` with the current secrets, for many texts in a row."""
        return partial(_masked, traces=self._current())

    def _current(self) -> Traces:
        values = tuple(each.get_secret_value() for each in self._secrets())
        if values != self._values:
            self._learn(values)
        return self._traces

    def _learn(self, values: tuple[str, ...]) -> None:
        now = {value: self._runs_of.get(value) or frozenset(_runs(value)) for value in values if len(value) >= RUN}
        gone = {value: runs for value, runs in self._runs_of.items() if value not in now}
        self._runs_of = dict([*list(gone.items())[-RETIRED:], *now.items()])
        self._traces = Traces.of(frozenset().union(*self._runs_of.values()))
        self._values = values


def _runs(secret: str) -> Iterator[str]:
    for form in _forms(secret):
        low = form.translate(LOWER)
        yield from (low[start : start + RUN] for start in range(len(low) - RUN + 1))


def _forms(secret: str) -> Iterator[str]:
    """Yield every way a secret may be written."""
    yield secret
    for escaped in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        yield escaped[1:-1]
        yield escaped[1:-1].replace("/", "\\/")
    yield repr(secret)[1:-1]
    yield html.escape(secret)
    raw = secret.encode(errors="surrogatepass")
    for safe in ("", "/", "!*'()~"):
        yield quote(raw, safe=safe)
    yield quote_plus(raw)
    yield from _base64(raw)
    yield from _base32(raw)


def _base64(raw: bytes) -> Iterator[str]:
    """Yield the secret's base64: it may begin at any of the three bytes that make four characters.

    Characters that also carry bits of what stands before are not the secret's own.
    """
    for before, shared in ((0, 0), (1, 2), (2, 3)):
        whole = bytes(before) + raw
        yield base64.b64encode(whole).decode()[shared:]
        yield base64.urlsafe_b64encode(whole).decode()[shared:]


def _base32(raw: bytes) -> Iterator[str]:
    """Yield the secret's base32: it may begin at any of the five bytes that make eight characters."""
    for before in range(5):
        yield base64.b32encode(bytes(before) + raw).decode().rstrip("=")[-(-before * 8 // 5) :]


def _masked(text: str, traces: Traces) -> str:
    """Mask until nothing is found: what stands left and right of a mask must not make up a secret together."""
    while spans := _found(text, traces):
        kept, end = [], 0
        for start, stop in spans:
            kept += [text[end:start], MASK]
            end = stop
        text = "".join(kept) + text[end:]
    return text


def _found(text: str, traces: Traces) -> list[tuple[int, int]]:
    """Find where secrets stand, from and up to, in order; spans that touch are one."""
    if len(text) < RUN or not traces.runs:
        return []
    spans: list[tuple[int, int]] = []
    for start, stop in sorted(
        decoded.locate(*span) for decoded in decode(text) for span in _find_runs(decoded.text, traces)
    ):
        if spans and start <= spans[-1][1]:
            first, last = spans.pop()
            spans.append((first, max(last, stop)))
        else:
            spans.append((start, stop))
    return spans


def _find_runs(text: str, traces: Traces) -> Iterator[tuple[int, int]]:
    """Yield where runs of secrets stand unencoded."""
    low = text.translate(LOWER)
    if traces.parts.isdisjoint([low[at : at + PART] for at in range(0, len(low) - PART + 1, STRIDE)]):
        return
    for start in range(len(low) - RUN + 1):
        if low[start : start + RUN] in traces.runs:
            yield start, start + RUN


def make_presentable(text: str, *, clean: Clean) -> str:
    """Make a vendor's text fit to show: without secrets, on one line, without control characters, not too long.

    Cut last, so that no half of a secret is left; cleaned again where flattening may have joined what stood apart.
    """
    safe = clean(text[:READ])
    if not safe.isprintable():
        safe = clean(" ".join("".join(each if each.isprintable() else " " for each in safe).split()))
    return safe if len(safe) <= LONGEST else f"{safe[: LONGEST - 1]}…"


def scrub(thing: Thing, clean: Clean) -> Thing:
    """Clean every text in a thing, however deep: dataclasses, mappings, sequences, bytes.

    What holds no text that changes is returned as it is; members of enumerations are never touched.
    """
    scrubbed: Thing = _scrubbed(thing, clean)
    return scrubbed


def _scrubbed(thing: Any, clean: Clean) -> Any:
    way = _way(thing.__class__)
    return thing if way is None else way(thing, clean)


@cache
def _way(kind: type) -> Way | None:
    """Find how things of a class are scrubbed, once per class; None if there is no text in them."""
    if issubclass(kind, NoneType | float | int | Enum | type):
        return None
    if is_dataclass(kind):
        return partial(_dataclass, names=tuple(each.name for each in fields(kind) if each.init))
    ways: tuple[tuple[Any, Way], ...] = (
        (str, _text),
        (bytes, _bytes),
        (Mapping, _mapping),
        (tuple, _tuple),
        (list | set | frozenset, _several),
    )
    return next((way for kinds, way in ways if issubclass(kind, kinds)), None)


def _text(thing: str, clean: Clean) -> str:
    return clean(thing)


def _bytes(thing: bytes, clean: Clean) -> bytes:
    return clean(thing.decode(errors="backslashreplace")).encode()


def _dataclass(thing: Any, clean: Clean, names: Iterable[str]) -> Any:
    changed = {}
    for name in names:
        before = getattr(thing, name)
        if (way := _way(before.__class__)) is not None and (after := way(before, clean)) is not before:
            changed[name] = after
    return replace(thing, **changed) if changed else thing


def _mapping(thing: Mapping[Any, Any], clean: Clean) -> Mapping[Any, Any]:
    if not any(map(_way, map(type, (*thing, *thing.values())))):
        return thing
    mapped = {_scrubbed(key, clean): _scrubbed(value, clean) for key, value in thing.items()}
    return thing if mapped == thing else mapped


def _tuple(thing: tuple[Any, ...], clean: Clean) -> tuple[Any, ...]:
    parts = [_scrubbed(each, clean) for each in thing]
    if all(map(is_, parts, thing)):
        return thing
    return type(thing)(*parts) if hasattr(thing, "_fields") else tuple(parts)


def _several(thing: Any, clean: Clean) -> Any:
    several = type(thing)(_scrubbed(each, clean) for each in thing)
    return thing if several == thing else several


@lru_cache(maxsize=256)  # the same few names in every request
def carries_credentials(header: str) -> bool:
    """Whether a header of that name holds a credential: its value is masked wherever it appears, others never are."""
    return header.lower() not in _NO_CREDENTIALS and _CREDENTIALS.search(header.lower()) is not None


def mask_headers(headers: Mapping[str, str], credentials: Iterable[str] = ()) -> dict[str, str]:
    """Return headers as they may be shown: the values of those that carry a credential masked, but for their scheme.

    `credentials` are names of more such headers, in lower case.
    """
    known = frozenset(credentials)
    return {
        name: _mask_credential(value) if name.lower() in known or carries_credentials(name) else value
        for name, value in headers.items()
    }


def _mask_credential(value: str) -> str:
    scheme, space, rest = value.partition(" ")
    return f"{scheme} {MASK}" if space and rest and scheme.isalpha() else MASK
