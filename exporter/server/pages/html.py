"""The pages as HTML: made on the server, whole without JavaScript, with nothing from outside.

The policy they are sent with allows exactly their own style and script, by hash. What vendors and users wrote is
escaped by the templates.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from exporter import __version__
from exporter.core.outcome import Phase
from exporter.results.diagnosis import Known
from exporter.results.failed_exchanges import Kept
from exporter.results.history import KEPT_FAILURES, Past
from exporter.results.status_cache import Entry
from exporter.server.pages.check import check_view, exchange_text
from exporter.server.pages.overview import Wanted, overview
from exporter.server.sources import Notice
from exporter.server.status import moment

TEMPLATES = Path(__file__).parent / "templates"

REFRESH = 5
"""Seconds between two updates in place."""


class Page:
    """Renders pages and knows the policy they are sent with. `fragment` leaves out all but the part that changes."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
        script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
        self._environment.globals.update(
            style=Markup(style),  # noqa: S704 (our own file: escaped it would be no style sheet)
            script=Markup(script),  # noqa: S704 (the same)
            version=__version__,
            every=REFRESH,
        )
        self.policy = (
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; connect-src 'self'; "
            "img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    def overview(
        self,
        known: Sequence[Known],
        now: float,
        *,
        wanted: Wanted | None = None,
        costs: Mapping[str, float] | None = None,
        notices: Sequence[Notice] = (),
        fragment: bool = False,
    ) -> str:
        """The first page; `now` is Unix seconds, `costs` USD today by check id."""
        view = overview(known, now, wanted or Wanted(), costs or {}, notices)
        return self._render("overview", fragment=fragment, title=f"{view.headline} · AI API Exporter", view=view)

    def check(
        self,
        entry: Entry,
        past: Past,
        now: float,
        *,
        cost: float | None = None,
        may_see: bool = False,
        asked: bool = False,
        shown: Kept | None = None,
        fragment: bool = False,
    ) -> str:
        """The page of one check. `asked`: its exchange is wanted, and is `shown`, if any was kept."""
        view = check_view(entry, past, now, cost)
        exchange = {"at": moment(shown.outcome.started_at), "text": exchange_text(shown)} if shown else None
        return self._render(
            "check",
            fragment=fragment,
            title=f"{view.state}: {view.id} · AI API Exporter",
            view=view,
            now=moment(now),
            phases=[phase.value for phase in Phase],
            kept=KEPT_FAILURES,
            may_see=may_see,
            asked=asked,
            exchange=exchange,
        )

    def _render(self, name: str, *, fragment: bool, **what: Any) -> str:
        return self._environment.get_template(f"{name}_main.html" if fragment else f"{name}.html").render(**what)


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
