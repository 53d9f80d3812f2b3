"""A configuration as it stands in its file: plain values, and for each the line and the text as written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from exporter.core.errors import Problem

Loc = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top (`("models", 2, "probes", 0, "interval")`)."""

_LONGEST_QUOTE = 60
_MARK = re.compile("[:=]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenConfig:
    """What was read. `tree` is expanded; `lines` and `texts` tell of each place; `secrets` came from `${NAME}`."""

    source: str
    tree: dict[str, Any] = field(repr=False)
    lines: Mapping[Loc, int] = field(default_factory=dict)
    texts: Mapping[Loc, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[Loc, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def find_line(self, loc: Loc) -> int | None:
        """Find the line of that place, or of the nearest one around it."""
        return next((self.lines[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in self.lines), None)

    def quote(self, loc: Loc) -> str:
        """Quote the text of a place as written, shortened, on one line."""
        text = self.texts.get(loc)
        return "this" if text is None else quote_text(text)

    def make_problem(self, loc: Loc, what: str, instead: str = "") -> Problem:
        """Make a problem at that place. `{given}` in the sentences becomes the text as written."""
        given = self.quote(loc)
        what, instead = (self._mask(each.replace("{given}", given)) for each in (what, instead))
        return Problem(self.source, self.find_line(loc), format_loc(loc), what, instead)

    def list_secrets(self) -> tuple[SecretStr, ...]:
        """List every value that came out of the environment by `${NAME}`."""
        return tuple(dict.fromkeys(SecretStr(value) for values in self.secrets.values() for value in values if value))

    def _mask(self, sentence: str) -> str:
        """No sentence shows an expanded value, wherever it comes from (a probe's settings word their own errors)."""
        for loc, values in self.secrets.items():
            for value in sorted(values, key=len, reverse=True):
                if len(value) > 2:  # noqa: PLR2004 (shorter ones would spoil innocent words and give nothing away)
                    sentence = sentence.replace(value, self.texts[loc])
        return sentence


def format_loc(loc: Loc) -> str:
    """Format a place like `models[2].probes[0].interval`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{_to_printable(show_key(part))}" for part in loc)
    return path.removeprefix(".")


def show_key(text: str) -> str:
    """Shorten a key for display: if a space is missing in `api_key: VALUE`, the value is part of the key."""
    mark = _MARK.search(text)
    return text if mark is None else f"{text[: mark.end()]}..."


def quote_text(text: str) -> str:
    """Quote a text, shortened, without control characters."""
    return f'"{_to_printable(text)}"'


def _to_printable(text: str) -> str:
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return clean if len(clean) <= _LONGEST_QUOTE else f"{clean[:_LONGEST_QUOTE]}..."
