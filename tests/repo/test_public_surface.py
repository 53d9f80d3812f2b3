"""What users rely on changes on purpose or not at all."""

from tests.repo.public_surface import GOLDEN, render_surface


def test_it_is_what_was_written_down() -> None:
    told = "run `make surface`, read the difference, and name it in CHANGELOG.md"
    assert render_surface().splitlines() == GOLDEN.read_text().splitlines(), told
