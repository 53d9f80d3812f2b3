"""The exposition, kept ready: text per family and owner, written when something changed, only joined at a scrape.

A page is what one family says; its fragments are what it says of one check, model or provider. Nothing here knows
what a metric means.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from exporter.metrics.families import Family, Kind
from exporter.metrics.text import encode_utf8

Chunk = Callable[[], bytes]
"""Yields a part of the exposition when called. May be called on any thread; a later change does not show in it."""


def render_head(family: Family, *, openmetrics: bool) -> bytes:
    """Render the lines that announce a family."""
    name = family.bare_name if openmetrics else family.name
    kind = Kind.GAUGE if family.kind is Kind.INFO and not openmetrics else family.kind
    return encode_utf8(f"# HELP {name} {family.text}\n# TYPE {name} {kind}\n")


TOGETHER = 262_144
"""Bytes, roughly, that one chunk joins: few enough that other threads do not wait long for the interpreter."""


class _Group:
    """Some fragments of a page as it stood once. The parts are shared with the other groups of the page.

    What is joined is not kept: it would take as much memory as all fragments, and a page with many is rarely the same
    at the next scrape.
    """

    __slots__ = ("_begin", "_end", "_parts")

    def __init__(self, parts: tuple[bytes, ...], begin: int, end: int) -> None:
        self._parts = parts
        self._begin = begin
        self._end = end

    def __call__(self) -> bytes:
        return b"".join(self._parts[self._begin : self._end])


def _group_parts(parts: tuple[bytes, ...]) -> tuple[Chunk, ...]:
    """All parts in pieces worth joining; the fragments of a family are about as long as the last one."""
    step = TOGETHER // len(parts[-1]) + 1
    return tuple(_Group(parts, begin, begin + step) for begin in range(0, len(parts), step))


class FamilyBuffer:
    """The fragments of one family, in the order in which their owners came."""

    __slots__ = ("_exemplars", "_heads", "_openmetrics", "_plain", "_ready", "writes")

    def __init__(self, family: Family) -> None:
        self._heads = (render_head(family, openmetrics=False), render_head(family, openmetrics=True))
        self._plain: dict[str, bytes] = {}
        # Without exemplars both formats say the same: one store serves both.
        self._openmetrics: dict[str, bytes] = {} if family.exemplars else self._plain
        self._exemplars = family.exemplars
        self._ready: dict[bool, tuple[Chunk, ...]] = {}
        self.writes = 0

    def put(self, owner: str, plain: bytes, openmetrics: bytes | None = None) -> None:
        """Let the family say this of an owner from now on; b"" says nothing."""
        if not plain:
            self.remove(owner)
            return
        told = openmetrics if self._exemplars and openmetrics else plain
        # Exemplars only add: if the OpenMetrics text did not change, the plain text did not either.
        if self._openmetrics.get(owner) != told:
            self._plain[owner] = plain
            self._openmetrics[owner] = told
            self.writes += 1
            self._ready.clear()

    def remove(self, owner: str) -> None:
        """Say nothing of an owner any more."""
        if self._plain.pop(owner, None) is not None:
            self._openmetrics.pop(owner, None)
            self._ready.clear()

    def chunks(self, *, openmetrics: bool) -> tuple[Chunk, ...]:
        """Return the current page; the same object until something changes, () while it is empty."""
        if not self._plain:
            return ()
        if openmetrics not in self._ready:
            fragments = self._openmetrics if openmetrics else self._plain
            self._ready[openmetrics] = _group_parts((self._heads[openmetrics], *fragments.values()))
        return self._ready[openmetrics]


FamilyBuffers = Mapping[str, FamilyBuffer]
"""Pages by the name of their family, in the order of the exposition."""


def make_buffers(families: Iterable[Family]) -> FamilyBuffers:
    """Make an empty page for each family."""
    return {family.name: FamilyBuffer(family) for family in families}


def iter_chunks(pages: FamilyBuffers, *, openmetrics: bool) -> Iterator[Chunk]:
    """Yield all pages with content, each as it is when its first piece is taken."""
    for page in pages.values():
        yield from page.chunks(openmetrics=openmetrics)
