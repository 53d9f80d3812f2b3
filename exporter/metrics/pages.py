"""The exposition, kept ready: text per family and owner, written when something changed, only joined at a scrape.

A page is what one family says; its fragments are what it says of one check, model or provider. Nothing here knows
what a metric means.
"""

from collections.abc import Callable, Iterable, Mapping

from exporter.metrics.families import Family, Kind
from exporter.metrics.text import encode

Piece = Callable[[], bytes]
"""Yields a part of the exposition when called. May be called on any thread; a later change does not show in it."""


def head(family: Family, *, openmetrics: bool) -> bytes:
    """The lines that announce a family."""
    name = family.bare_name if openmetrics else family.name
    kind = Kind.GAUGE if family.kind is Kind.INFO and not openmetrics else family.kind
    return encode(f"# HELP {name} {family.text}\n# TYPE {name} {kind}\n")


class _Joined:
    """A page in one format as it stood once; joined when first asked for, then kept."""

    __slots__ = ("_bytes", "_parts")

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        self._parts = parts
        self._bytes: bytes | None = None

    def __call__(self) -> bytes:
        # Two threads may ask at once. The parts are read before the result is looked at and dropped after it is
        # set, so that whoever finds no result still holds them.
        parts = self._parts
        if self._bytes is None:
            self._bytes = b"".join(parts)
            self._parts = ()
        return self._bytes


class Page:
    """The fragments of one family, in the order in which their owners came."""

    __slots__ = ("_exemplars", "_heads", "_openmetrics", "_plain", "_ready", "writes")

    def __init__(self, family: Family) -> None:
        self._heads = (head(family, openmetrics=False), head(family, openmetrics=True))
        self._plain: dict[str, bytes] = {}
        # Without exemplars both formats say the same: one store serves both.
        self._openmetrics: dict[str, bytes] = {} if family.exemplars else self._plain
        self._exemplars = family.exemplars
        self._ready: dict[bool, Piece] = {}
        self.writes = 0

    def put(self, owner: str, plain: bytes, openmetrics: bytes | None = None) -> None:
        """Let the family say this of an owner from now on; b"" says nothing."""
        if not plain:
            self.drop(owner)
            return
        told = openmetrics if self._exemplars and openmetrics else plain
        # Exemplars only add: where what OpenMetrics is told did not change, the plain text did not either.
        if self._openmetrics.get(owner) != told:
            self._plain[owner] = plain
            self._openmetrics[owner] = told
            self.writes += 1
            self._ready.clear()

    def drop(self, owner: str) -> None:
        """Say nothing of an owner any more."""
        if self._plain.pop(owner, None) is not None:
            self._openmetrics.pop(owner, None)
            self._ready.clear()

    def piece(self, *, openmetrics: bool) -> Piece | None:
        """The page as it stands; the same object until something changes, None while it says nothing."""
        if not self._plain:
            return None
        if openmetrics not in self._ready:
            fragments = self._openmetrics if openmetrics else self._plain
            self._ready[openmetrics] = _Joined((self._heads[openmetrics], *fragments.values()))
        return self._ready[openmetrics]


Pages = Mapping[str, Page]
"""Pages by the name of their family, in the order of the exposition."""


def blank(families: Iterable[Family]) -> Pages:
    """A page for each family, none of which says anything yet."""
    return {family.name: Page(family) for family in families}


def pieces(pages: Pages, *, openmetrics: bool) -> tuple[Piece, ...]:
    """All pages that say something, as they stand."""
    found = (page.piece(openmetrics=openmetrics) for page in pages.values())
    return tuple(piece for piece in found if piece is not None)
