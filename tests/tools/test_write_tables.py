"""Generated tables are found by their markers and replaced by what their module prints."""

from pathlib import Path

from exporter.metrics.table import render_table
from tools.write_tables import main, renewed

OLD = """# Title

<!-- metrics: begin (python -m exporter.metrics.table) -->
| old |
<!-- metrics: end -->

<!-- other: end -->
"""


def test_a_table_is_replaced_between_its_markers() -> None:
    assert renewed(OLD) == OLD.replace(
        OLD[OLD.index("<!-- m") : OLD.index("\n\n<!-- other")], render_table().rstrip("\n")
    )
    assert renewed(renewed(OLD)) == renewed(OLD)


def test_documents_are_found_and_written(tmp_path: Path) -> None:
    (tmp_path / "docs" / "more").mkdir(parents=True)
    places = [tmp_path / "README.md", tmp_path / "docs" / "more" / "page.md"]
    for place in places:
        place.write_text(OLD)
    main(tmp_path)
    assert [place.read_text() for place in places] == [renewed(OLD)] * 2
