"""The first page: the checks and their state as a table, made on the server, with nothing from outside.

It works without JavaScript and under a policy that allows none. What vendors said is escaped by the template.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from exporter import __version__
from exporter.board import Entry
from exporter.health import State
from exporter.outcome import Outcome
from exporter.server.status import counts, moment
from exporter.server.words import FAULTS, REASONS, SKIPS, ago, span

TEMPLATES = Path(__file__).parent / "templates"
WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check in words. `since_at` and `ran_at` are RFC 3339, "" for never; figures that are not known are ""."""

    provider: str
    model: str
    probe: str
    required: bool
    state: str
    since: str
    since_at: str
    reason: str
    detail: str
    fault: str
    skip: str
    first_token: str
    duration: str
    ran: str
    ran_at: str


def rows(entries: Sequence[Entry], now: float) -> list[Row]:
    """The checks, those in trouble first; `now` is Unix seconds."""
    ordered = sorted(entries, key=lambda entry: (WORST_FIRST.index(entry.health.state), entry.check.id))
    return [_row(entry, now) for entry in ordered]


def summary(entries: Sequence[Entry]) -> str:
    """How many checks are in which state, in one line."""
    found = counts(entries)
    return ", ".join(f"{found[state]} {state}" for state in reversed(WORST_FIRST))


class Page:
    """The page and the policy it is sent with."""

    def __init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("page.html")
        self._style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
        digest = b64encode(sha256(self._style.encode()).digest()).decode()
        self.policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    def render(self, entries: Sequence[Entry], now: float) -> str:
        """The page as HTML; `now` is Unix seconds."""
        return self._template.render(
            rows=rows(entries, now),
            summary=summary(entries),
            now=moment(now),
            style=Markup(self._style),  # noqa: S704 (our own file, escaped it would be no style sheet)
            version=__version__,
        )


def _row(entry: Entry, now: float) -> Row:
    check, health, last = entry.check, entry.health, entry.last
    return Row(
        provider=check.target.provider.name,
        model=check.target.model,
        probe=check.probe,
        required=check.required,
        state=health.state,
        since=ago(now - health.since) if health.since else "",
        since_at=moment(health.since) if health.since else "",
        reason=REASONS[last.reason] if last else "",
        detail=last.detail if last else "",
        fault=_fault(last),
        skip=SKIPS[entry.last_skip] if entry.last_skip else "",
        first_token=span(last.timing.first_token) if last and last.timing.first_token is not None else "",
        duration=span(last.timing.duration) if last else "",
        ran=ago(now - last.started_at) if last else "",
        ran_at=moment(last.started_at) if last else "",
    )


def _fault(last: Outcome | None) -> str:
    return FAULTS[last.whose] if last and last.whose else ""
