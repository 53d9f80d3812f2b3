from exporter.demo.catalog import MODELS, OFFERS
from exporter.demo.scenario_table import SHOWN, render_table
from exporter.demo.script import SCRIPT, Trouble
from tests.repo.source import ROOT

DOCUMENT = (ROOT / "docs/demo.md").read_text()


def test_the_document_shows_the_script_as_it_is() -> None:
    between = DOCUMENT.partition("<!-- script: begin")[2].partition("<!-- script: end -->")[0]
    assert between.partition("-->")[2].strip() == render_table(), (
        "write it anew: python -m exporter.demo.scenario_table"
    )


def test_the_document_names_every_vendor_and_model() -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| `")]
    for offer in OFFERS:
        row = next(row for row in rows if f"`{offer.name}`" in row)
        told = set(row.split("|")[4].replace("`", "").replace(",", " ").split())
        assert told == ({"all", "eight"} if set(offer.models) == set(MODELS) else set(offer.models))


def test_every_trouble_is_explained() -> None:
    assert set(SHOWN) == set(Trouble)
    assert render_table().count("\n") == len(SCRIPT) + 1
