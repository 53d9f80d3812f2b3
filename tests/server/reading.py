"""Reads HTML as a browser would, and fails where tags do not match."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from exporter.core.health_state import Health, State
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.health.states import grade_run
from exporter.results.diagnosis import Known
from exporter.results.history import History, Past
from exporter.results.status_cache import Entry
from tests.metrics.make import STARTED

VOID = {"meta", "link", "br", "img", "input"}


@dataclass
class Read(HTMLParser):
    """What a browser would find: tags in their order, attributes, and the text that stands in each kind of tag."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    text: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=lambda: [""])

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text[self._open[-1]] = self.text.get(self._open[-1], "") + data

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.attributes if known == name]

    @property
    def words(self) -> str:
        """All text but style and script, with single spaces."""
        return " ".join(" ".join(text for tag, text in self.text.items() if tag not in ("style", "script")).split())


def read(html: str) -> Read:
    found = Read()
    found.feed(html)
    return found


def past_of(check: Check, outcomes: Iterable[Outcome]) -> Past:
    history = History()
    for outcome in outcomes:
        history.add_run(outcome, grade_run(check, outcome))
    return history.freeze()


def known(check: Check, *outcomes: Outcome, state: State = State.UP, since: float = STARTED) -> Known:
    """A check that ran so, oldest first, and is in this state."""
    health = Health(state=state, since=since) if outcomes else Health()
    last = outcomes[-1] if outcomes else None
    return Entry(check=check, health=health, last=last), past_of(check, outcomes)
