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
from exporter.results.failed_exchanges import FailedRun
from exporter.results.history import KEPT_FAILURES, Past
from exporter.results.status_cache import Entry
from exporter.server.pages.check import make_check_view, render_exchanges
from exporter.server.pages.overview import OverviewQuery, make_overview
from exporter.server.sources import Notice
from exporter.server.status import format_time

TEMPLATES = Path(__file__).parent / "templates"

REFRESH = 5
"""Seconds between two updates in place."""


class PageRenderer:
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
            f"default-src 'none'; style-src '{_hash_script(style)}'; script-src '{_hash_script(script)}'; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    def render_overview(
        self,
        known: Sequence[Known],
        now: float,
        *,
        wanted: OverviewQuery | None = None,
        costs: Mapping[str, float] | None = None,
        notices: Sequence[Notice] = (),
        fragment: bool = False,
    ) -> str:
        """Render the overview; `now` is Unix seconds, `costs` USD today by check id."""
        view = make_overview(known, now, wanted or OverviewQuery(), costs or {}, notices)
        return self._render("overview", fragment=fragment, title=f"{view.headline} · AI API Exporter", view=view)

    def render_check(
        self,
        entry: Entry,
        past: Past,
        now: float,
        *,
        cost: float | None = None,
        may_see: bool = False,
        asked: bool = False,
        shown: FailedRun | None = None,
        fragment: bool = False,
    ) -> str:
        """Render the page of one check. `asked`: the exchange is wanted, and is `shown` if one was kept."""
        view = make_check_view(entry, past, now, cost)
        exchange = {"at": format_time(shown.outcome.started_at), "text": render_exchanges(shown)} if shown else None
        return self._render(
            "check",
            fragment=fragment,
            title=f"{view.state}: {view.id} · AI API Exporter",
            view=view,
            now=format_time(now),
            phases=[phase.value for phase in Phase],
            kept=KEPT_FAILURES,
            may_see=may_see,
            asked=asked,
            exchange=exchange,
        )

    def _render(self, name: str, *, fragment: bool, **what: Any) -> str:
        return self._environment.get_template(f"{name}_main.html" if fragment else f"{name}.html").render(**what)


def _hash_script(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
