"""Recorded answers and what they mean: reads the files under tests/transcripts.

Beside each raw body `<case>.sse`, `.ndjson`, `.frames` (streams) or `.json` (a whole document) stands `<case>.yaml`:

about    what it shows
ask      complete (if left out), tool, embed, rerank or models
quirks   the provider's deviations, as in `Quirks`
marker   text of the line with which the answer is complete (streams that end well)
ended    whether the decoder has seen the end before the body was over
events   what comes out; fields at their defaults are left out
"""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from exporter.core.ask import Ask, CallTool, Complete, Embed, ListModels, Rerank
from exporter.core.exchange import Event, RemoteError
from exporter.core.target import Kind, Provider, Quirks, Target
from exporter.dialects.base import Decoder, Dialect
from tests.dialects import forms

ROOT = Path(__file__).parent.parent / "transcripts"
TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """One recorded answer."""

    dialect: str
    case: str
    body: bytes
    events: list[Any]
    about: str = ""
    ask: str = "complete"
    form: str = "sse"
    ended: bool = False
    marker: str = ""
    quirks: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.dialect}/{self.case}"

    @property
    def streamed(self) -> bool:
        return self.form != "json"

    @property
    def complete_from(self) -> int:
        """How many bytes make a complete answer: fewer must give an error. More than all where none is complete."""
        return forms.complete_from(self.form, self.body, self.marker)

    @property
    def fine(self) -> bool:
        """Whether the vendor answered at all (a filtered answer is one)."""
        return not any("RemoteError" in event for event in self.events)

    def question(self) -> Ask:
        return question(self.ask, streamed=self.streamed)

    def target(self) -> Target:
        return target(self.dialect, Quirks(**self.quirks))


class NoKey:
    """A provider without a key."""

    def reveal(self) -> SecretStr | None:
        return None


def target(dialect: str, quirks: Quirks | None = None, model: str = "some-model") -> Target:
    """A model to ask; nothing listens at its address."""
    provider = Provider(
        name="vendor",
        preset="openai-compatible",
        kind=Kind.DIRECT,
        dialects=(dialect,),
        base_url="http://127.0.0.1:9/v1",
        credential=NoKey(),
    )
    return Target(provider=provider, model=model, dialect=dialect, quirks=quirks or Quirks())


def question(kind: str, *, streamed: bool) -> Ask:
    """The question a transcript answers."""
    if kind == "models":
        return ListModels()
    if kind == "embed":
        return Embed("Say hello.")
    if kind == "rerank":
        return Rerank("A greeting?", ("Good night.", "Hello."))
    if kind == "tool":
        return CallTool("Weather in Paris?", "weather", "Tells the weather.", TOOL, streamed=streamed)
    return Complete("Say hello.", streamed=streamed)


def transcripts() -> list[Transcript]:
    """All of them, in the order of their names."""
    return sorted((_read(path) for path in ROOT.glob("*/*.yaml") if path.parent.name != "errors"), key=lambda t: t.id)


def _read(path: Path) -> Transcript:
    suffixes = (".sse", ".json", ".ndjson", ".frames")
    raw = next(path.with_suffix(suffix) for suffix in suffixes if path.with_suffix(suffix).is_file())
    form = raw.suffix.removeprefix(".")
    told = yaml.safe_load(path.read_text())
    return Transcript(
        dialect=path.parent.name, case=path.stem, body=forms.body(form, raw.read_bytes()), form=form, **told
    )


def plain(value: Any) -> Any:
    """An event as it stands in the files: its name and what it holds beside defaults."""
    name = type(value).__name__
    return {name: _plain(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        told = {each.name: getattr(value, each.name) for each in fields(value) if _differs(value, each)}
        return {name: _plain(each) for name, each in told.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _differs(value: Any, each: Any) -> bool:
    return each.default is MISSING or getattr(value, each.name) != each.default


def decode(decoder: Decoder, pieces: Iterator[bytes] | list[bytes]) -> list[Event]:
    """Everything that comes out of a body, its end included."""
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.close()]


def answer(dialect: Dialect, transcript: Transcript, body: bytes | None = None) -> list[Event]:
    """What a transcript's body (or another in its place) means to its dialect, fed at once."""
    decoder = dialect.make_decoder(transcript.question(), transcript.target())
    return decode(decoder, [transcript.body if body is None else body])


def errors(events: list[Event]) -> list[RemoteError]:
    """The errors among them."""
    return [event for event in events if isinstance(event, RemoteError)]
