"""Takes secrets out of everything that leaves the process: logs, metrics, pages, errors and the store.

A vendor may send a key back whole, in part, escaped or encoded, so what is searched for are runs of 8 characters of
any form a secret can take; upper and lower case are not told apart, as a header or a model's name may change it.
"""

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

RUN = 8
"""So many characters in a row give a secret away. A value shorter than this would be found in innocent text."""

MASK = "***"

RETIRED = 32
"""So many secrets that are no longer in use are still masked: a request under way may yet bring one back."""

LONGEST = 300
"""Characters of any vendor's text that are kept."""

READ = 8192
"""Characters of a vendor's text that are looked at: a detail of a megabyte would hold the event loop."""

LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
"""Unlike `str.lower` it never changes the length of a text."""

Thing = TypeVar("Thing")
Clean = Callable[[str], str]


class Redactor:
    """Masks the secrets of now, and those of a while ago.

    `secrets` is asked each time, so that a key file that changes is noticed; its runs are worked out only then.
    """

    def __init__(self, secrets: Callable[[], Iterable[SecretStr]]) -> None:
        self._secrets = secrets
        self._values: tuple[str, ...] = ()
        self._runs_of: dict[str, frozenset[str]] = {}
        self._runs: frozenset[str] = frozenset()

    def clean(self, text: str) -> str:
        """The text with every trace of a secret masked."""
        return self.cleaner()(text)

    def cleaner(self) -> Clean:
        """`clean` with the secrets of this moment, for many texts in a row."""
        return partial(_masked, runs=self._current())

    def _current(self) -> frozenset[str]:
        values = tuple(each.get_secret_value() for each in self._secrets())
        if values != self._values:
            self._learn(values)
        return self._runs

    def _learn(self, values: tuple[str, ...]) -> None:
        now = {value: self._runs_of.get(value) or frozenset(_runs(value)) for value in values if len(value) >= RUN}
        gone = {value: runs for value, runs in self._runs_of.items() if value not in now}
        self._runs_of = dict([*list(gone.items())[-RETIRED:], *now.items()])
        self._runs = frozenset().union(*self._runs_of.values())
        self._values = values


def _runs(secret: str) -> Iterator[str]:
    for form in _forms(secret):
        low = form.translate(LOWER)
        yield from (low[start : start + RUN] for start in range(len(low) - RUN + 1))


def _forms(secret: str) -> Iterator[str]:
    """Every way a secret may be written."""
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


def _base64(raw: bytes) -> Iterator[str]:
    """The secret within something longer: it may begin at any of the three bytes that make four characters.

    Characters that also carry bits of what stands before are not the secret's own.
    """
    for before, shared in ((0, 0), (1, 2), (2, 3)):
        whole = bytes(before) + raw
        yield base64.b64encode(whole).decode()[shared:]
        yield base64.urlsafe_b64encode(whole).decode()[shared:]


def _masked(text: str, runs: frozenset[str]) -> str:
    """Mask until nothing is found: what stands left and right of a mask must not make up a secret together."""
    while spans := _found(text, runs):
        kept, end = [], 0
        for start, stop in spans:
            kept += [text[end:start], MASK]
            end = stop
        text = "".join(kept) + text[end:]
    return text


def _found(text: str, runs: frozenset[str]) -> list[tuple[int, int]]:
    """Where secrets stand, from and up to, in order; spans that touch are one."""
    if not runs:
        return []
    low = text.translate(LOWER)
    spans: list[tuple[int, int]] = []
    for start in range(len(low) - RUN + 1):
        if low[start : start + RUN] in runs:
            joined = spans and start <= spans[-1][1]
            begin = spans.pop()[0] if joined else start
            spans.append((begin, start + RUN))
    return spans


def presentable(text: str, *, clean: Clean) -> str:
    """A vendor's text without secrets, on one line, without control characters, of bearable length.

    Cut last, so that no half of a secret is left; cleaned again where flattening may have joined what stood apart.
    """
    safe = clean(text[:READ])
    if not safe.isprintable():
        safe = clean(" ".join("".join(each if each.isprintable() else " " for each in safe).split()))
    return safe if len(safe) <= LONGEST else f"{safe[: LONGEST - 1]}…"


def scrub(thing: Thing, clean: Clean) -> Thing:
    """The same thing with every text in it cleaned, however deep: dataclasses, mappings, sequences, bytes.

    What holds no text that changes is returned as it is; members of enumerations are never touched.
    """
    scrubbed: Thing = _scrubbed(thing, clean)
    return scrubbed


def _scrubbed(thing: Any, clean: Clean) -> Any:
    if thing is None or isinstance(thing, float | int | Enum):
        return thing
    if isinstance(thing, str):
        return clean(thing)
    if isinstance(thing, bytes):
        return clean(thing.decode(errors="backslashreplace")).encode()
    if is_dataclass(thing) and not isinstance(thing, type):
        changed = {}
        for name in (each.name for each in fields(thing) if each.init):
            before = getattr(thing, name)
            if (after := _scrubbed(before, clean)) is not before:
                changed[name] = after
        return replace(thing, **changed) if changed else thing
    return _scrubbed_collection(thing, clean)


def _scrubbed_collection(thing: Any, clean: Clean) -> Any:
    if isinstance(thing, Mapping):
        mapped = {_scrubbed(key, clean): _scrubbed(value, clean) for key, value in thing.items()}
        return thing if mapped == thing else mapped
    if isinstance(thing, tuple):
        parts = [_scrubbed(each, clean) for each in thing]
        if all(after is before for after, before in zip(parts, thing, strict=True)):
            return thing
        return type(thing)(*parts) if hasattr(thing, "_fields") else tuple(parts)
    if isinstance(thing, list | set | frozenset):
        several = type(thing)(_scrubbed(each, clean) for each in thing)
        return thing if several == thing else several
    return thing
