"""Write the table of announced retirements anew, from the newest LiteLLM package, and say which of our names are stale.

    python -m tools.retirements          # downloads the package with pip, as any client would

The table is what `make test` holds the names of presets, documents and deployment files against. It changes only here,
so that a checkout that was green stays green; exit code 1 says that a name should be replaced.
"""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from exporter.config.presets import PRESETS

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "tests/repo/retirements.txt"
PRICES = "litellm/model_prices_and_context_window_backup.json"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NAMED = re.compile(r"\bmodel: ?[\"']?([A-Za-z0-9][\w./:@-]*)")
"""A model as configuration names it, in YAML or in a document."""

PROVIDERS = {"fireworks": "fireworks_ai", "together": "together_ai"}
"""Presets that LiteLLM knows by another name."""

MAKERS = frozenset({"anthropic", "cohere", "deepseek", "gemini", "groq", "mistral", "openai", "xai"})
"""Who serves the models of documents and deployment files."""

NOTICE = timedelta(days=7)
"""A name that retires within so many days is stale."""

SIMULATED = frozenset({"docs/demo.md"})
"""Documents whose models are played by our own vendors and retire never."""


Table = Mapping[tuple[str, str], date]
"""When models retire, by LiteLLM's name of the provider and the model's."""


def read_table(text: str) -> tuple[date, Table]:
    """Read the table: when it was made, and when each model retires."""
    head, *lines = text.splitlines()
    rows = (line.split(" ") for line in lines if line)
    return date.fromisoformat(head.split(" ")[1]), {
        (provider, name): date.fromisoformat(day) for provider, name, day in rows
    }


def list_named_models() -> Iterator[tuple[str, frozenset[str], str]]:
    """Yield each model that a preset, a document or a deployment file names: the place, who may serve it, its name."""
    for preset in PRESETS.values():
        served_by = frozenset({PROVIDERS.get(preset.name, preset.name)})
        yield from ((f"preset {preset.name}", served_by, name) for name in preset.starters if "*" not in name)
    files = (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("deploy/**/*.y*ml")))
    for path in files:
        place = str(path.relative_to(ROOT))
        if place not in SIMULATED:
            yield from ((place, MAKERS, name) for name in NAMED.findall(path.read_text()))


def find_stale_names(table: Table, today: date) -> list[str]:
    """Return a sentence for each name that is retired, or will be soon."""
    stale = []
    for place, served_by, name in dict.fromkeys(list_named_models()):
        dates = [table[provider, name] for provider in served_by if (provider, name) in table]
        if dates and min(dates) < today + NOTICE:
            stale.append(f"{place}: {name} retires on {min(dates)}")
    return stale


def download_table() -> str:
    """Make the table from the newest package: a line for each model of each provider."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "--dest", folder, "litellm"]
        subprocess.run([sys.executable, "-m", *words], check=True)  # noqa: S603  (every word is ours)
        (package,) = Path(folder).iterdir()
        with zipfile.ZipFile(package) as archive:
            listed = json.loads(archive.read(PRICES))
        version = package.name.split("-")[1]
    days: dict[str, str] = {}
    for name, row in listed.items():
        day, provider = str(row.get("deprecation_date", "")), str(row.get("litellm_provider", ""))
        key = f"{provider} {name.removeprefix(f'{provider}/')}"
        if DAY.fullmatch(day) and key.count(" ") == 1:
            days[key] = min(day, days.get(key, day))
    head = f"# {datetime.now(UTC).date()} litellm {version}"
    return "\n".join([head, *(f"{key} {day}" for key, day in sorted(days.items())), ""])


def main() -> int:
    """Write the table and print what is stale."""
    text = download_table()
    TABLE.write_text(text)
    made, table = read_table(text)
    stale = find_stale_names(table, made)
    sys.stdout.write("\n".join([f"{len(table)} retirements in {TABLE.relative_to(ROOT)}", *stale, ""]))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
