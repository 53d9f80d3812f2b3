"""The structure that keeps a scrape cheap: what did not change is neither written nor gathered again."""

import pytest

from exporter.metrics.exposition import TOGETHER, FamilyBuffer, iter_chunks, make_buffers, render_head
from exporter.metrics.families import Family, Kind, Scope


def family(name: str = "ai_api_x", kind: Kind = Kind.GAUGE, *, exemplars: bool = False) -> Family:
    return Family(name=name, kind=kind, scope=Scope.CHECK, text="A text.", exemplars=exemplars)


def joined(page: FamilyBuffer, *, openmetrics: bool = False) -> bytes:
    return b"".join(piece() for piece in page.chunks(openmetrics=openmetrics))


@pytest.mark.parametrize(
    ("kind", "name", "openmetrics", "announced"),
    [
        pytest.param(Kind.COUNTER, "x_total", False, "x_total counter", id="a counter"),
        pytest.param(Kind.COUNTER, "x_total", True, "x counter", id="a counter in OpenMetrics"),
        pytest.param(Kind.INFO, "x_info", False, "x_info gauge", id="an info"),
        pytest.param(Kind.INFO, "x_info", True, "x info", id="an info in OpenMetrics"),
        pytest.param(Kind.GAUGE, "x", True, "x gauge", id="a gauge"),
        pytest.param(Kind.HISTOGRAM, "x_seconds", True, "x_seconds histogram", id="a histogram"),
    ],
)
def test_a_family_is_announced(kind: Kind, name: str, openmetrics: bool, announced: str) -> None:
    bare = announced.split(maxsplit=1)[0]
    told = render_head(family(name, kind), openmetrics=openmetrics)
    assert told.decode() == f"# HELP {bare} A text.\n# TYPE {announced}\n"


def test_a_page_without_fragments_says_nothing() -> None:
    page = FamilyBuffer(family())
    assert page.chunks(openmetrics=False) == ()
    page.put("a", b"a 1\n")
    page.remove("a")
    assert page.chunks(openmetrics=False) == ()


def test_fragments_stand_together_in_the_order_of_their_owners() -> None:
    page = FamilyBuffer(family())
    for owner, text in (("a", b"a 1\n"), ("b", b"b 1\n"), ("a", b"a 2\n")):
        page.put(owner, text)
    assert joined(page) == render_head(family(), openmetrics=False) + b"a 2\nb 1\n"


def test_an_empty_fragment_takes_the_old_one_away() -> None:
    page = FamilyBuffer(family())
    page.put("a", b"a 1\n")
    page.put("b", b"b 1\n")
    page.put("a", b"")
    assert joined(page) == render_head(family(), openmetrics=False) + b"b 1\n"


def test_exemplars_are_told_in_openmetrics_only() -> None:
    page = FamilyBuffer(family(exemplars=True))
    page.put("a", b"a 1\n", b"a 1 # {}\n")
    assert joined(page).endswith(b"\na 1\n")
    assert joined(page, openmetrics=True).endswith(b"\na 1 # {}\n")
    page.put("a", b"a 1\n", b"a 1 # new\n")
    assert joined(page, openmetrics=True).endswith(b"\na 1 # new\n")
    page.remove("a")
    assert page.chunks(openmetrics=True) == ()


def test_a_family_without_exemplars_never_shows_one() -> None:
    page = FamilyBuffer(family())
    page.put("a", b"a 1\n", b"a 1 # {}\n")
    assert joined(page, openmetrics=True) == render_head(family(), openmetrics=True) + b"a 1\n"


def test_what_did_not_change_is_not_written_and_not_gathered_again() -> None:
    page = FamilyBuffer(family())
    page.put("a", b"a 1\n")
    before = page.chunks(openmetrics=False)
    page.put("a", b"a 1\n")
    page.remove("never there")
    assert page.writes == 1
    assert page.chunks(openmetrics=False) is before


def test_a_change_is_seen_by_the_next_pieces_and_not_by_those_before() -> None:
    page = FamilyBuffer(family())
    page.put("a", b"a 1\n")
    (before,) = page.chunks(openmetrics=False)
    page.put("a", b"a 2\n")
    assert before().endswith(b"a 1\n")
    assert joined(page).endswith(b"a 2\n")


def test_a_large_page_is_joined_piece_by_piece() -> None:
    page = FamilyBuffer(family())
    fragments = [b"%d" % n + b" " * 5000 + b"1\n" for n in range(200)]
    for n, fragment in enumerate(fragments):
        page.put(str(n), fragment)
    pieces = [piece() for piece in page.chunks(openmetrics=False)]
    assert len(pieces) == 4
    assert max(map(len, pieces)) < 1.1 * TOGETHER
    assert b"".join(pieces) == render_head(family(), openmetrics=False) + b"".join(fragments)


def test_pages_come_in_the_order_of_the_table() -> None:
    pages = make_buffers([family("ai_api_b"), family("ai_api_silent"), family("ai_api_a")])
    pages["ai_api_a"].put("x", b"a 1\n")
    pages["ai_api_b"].put("x", b"b 1\n")
    assert [piece().splitlines()[-1] for piece in iter_chunks(pages, openmetrics=False)] == [b"b 1", b"a 1"]
