"""The same figures from a Prometheus that scraped the exporter.

A counter's growth is what it says at the end of the window less what it said at its beginning, or less nothing where it
began within the window: the exporter writes every counter at zero before the first run, so the first scrape of a young
one is growth too, which `increase()` would leave out. Where a counter was set back (a restart), `increase()` it is.
"""

import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import Any, NamedTuple

import orjson

from exporter.core.errors import UsageError
from exporter.core.window_figures import Figures

PATIENCE = 30.0
"""Seconds that one question may take."""

Model = tuple[str, str]


class Sample(NamedTuple):
    """One series of an answer."""

    labels: Mapping[str, str]
    value: float


Query = Callable[[str], Sequence[Sample]]
"""Answers a PromQL expression with an instant vector."""

GetPage = Callable[[str, float], str]
"""Gets the page at an address within some seconds. Raises OSError or HTTPException."""


def _is_address(url: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def connect_prometheus(url: str, get: GetPage) -> Query:
    """Ask the Prometheus at an address; UsageError says in one sentence why it gave no answer. `get` gets a page."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise UsageError("a Prometheus is asked without a user name or password; write it like http://localhost:9090")
    if not _is_address(url):
        raise UsageError(f"{url} is not the address of a Prometheus; write it like http://localhost:9090")

    def ask(promql: str) -> Sequence[Sample]:
        address = f"{url.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': promql})}"
        try:
            body = get(address, PATIENCE)
        except (OSError, HTTPException, ValueError) as error:
            why = str(getattr(error, "reason", error)).strip()
            raise UsageError(f"the Prometheus at {url} gave no answer: {why}") from None
        try:
            return [Sample(row["metric"], float(row["value"][1])) for row in orjson.loads(body)["data"]["result"]]
        except (ValueError, LookupError, TypeError):
            raise UsageError(f"{url}: what answers there is no Prometheus") from None

    return ask


def read_figures(query: Query, seconds: float) -> tuple[Figures, ...]:
    """Read the figures of the window that ends now, by provider and model."""
    window = _WindowQuery(query, max(1, round(seconds)))
    requests = window.sum_by_model("ai_api_requests_total")
    inputs = window.sum_by_model('ai_api_tokens_total{token_type="input"}')
    outputs = window.sum_by_model('ai_api_tokens_total{token_type="output"}')
    costs = window.sum_by_model("ai_api_cost_usd_total")
    durations, answers = window.sum_histogram("ai_api_request_duration_seconds")
    first_sums, first_counts = window.sum_histogram("ai_api_time_to_first_token_seconds")
    p95, errors, aliases = (
        window.query_p95("ai_api_request_duration_seconds"),
        window.sum_errors(),
        window.read_aliases(),
    )
    return tuple(
        Figures(
            provider=each[0],
            model=each[1],
            alias=aliases.get(each, each[1]),
            requests=round(count),
            errors=errors.get(each, {}),
            latency_sum=durations.get(each, 0.0),
            latency_count=round(answers.get(each, 0.0)),
            p95=p95.get(each),
            first_token_sum=first_sums.get(each, 0.0),
            first_token_count=round(first_counts.get(each, 0.0)),
            input=round(inputs.get(each, 0.0)),
            output=round(outputs.get(each, 0.0)),
            # A counter that never moved does not tell a free answer from none.
            cost=costs.get(each) or (0.0 if each in costs and inputs.get(each) else None),
        )
        for each, count in sorted(requests.items())
        if round(count)
    )


class _WindowQuery:
    """Queries over a window of the last seconds."""

    def __init__(self, query: Query, seconds: int) -> None:
        self._query = query
        self._seconds = seconds

    def sum_by_model(self, selector: str) -> dict[Model, float]:
        return _group_by_model(self._query(f"sum by (provider, model) ({self._increase_of(selector)})"))

    def sum_histogram(self, name: str) -> tuple[dict[Model, float], dict[Model, float]]:
        return self.sum_by_model(f"{name}_sum"), self.sum_by_model(f"{name}_count")

    def query_p95(self, name: str) -> dict[Model, float]:
        buckets = f"sum by (provider, model, le) ({self._increase_of(f'{name}_bucket')})"
        found = _group_by_model(self._query(f"histogram_quantile(0.95, {buckets})"))
        return {model: value for model, value in found.items() if value == value}  # noqa: PLR0124  (NaN: no runs)

    def sum_errors(self) -> dict[Model, dict[str, int]]:
        asked = f"sum by (provider, model, error_type) ({self._increase_of('ai_api_errors_total')})"
        found: defaultdict[Model, dict[str, int]] = defaultdict(dict)
        for labels, value in self._query(asked):
            if round(value):
                found[_model_of(labels)][labels["error_type"]] = round(value)
        return found

    def read_aliases(self) -> dict[Model, str]:
        asked = f'max by (provider, model, alias) (last_over_time(ai_api_check_info{{model!=""}}[{self._seconds}s]))'
        return {_model_of(labels): labels.get("alias", "") for labels, _ in self._query(asked)}

    def _increase_of(self, selector: str) -> str:
        chosen = _select_models(selector)
        window = f"{chosen}[{self._seconds}s]"
        before = f"({chosen} offset {self._seconds}s or last_over_time({window}) * 0)"
        return f"((last_over_time({window}) - {before}) and resets({window}) == 0) or increase({window})"


def _select_models(selector: str) -> str:
    """Select the runs of models, without those of a provider as a whole."""
    name, brace, rest = selector.partition("{")
    return f'{name}{{model!="",{rest}' if brace else f'{name}{{model!=""}}'


def _group_by_model(samples: Sequence[Sample]) -> dict[Model, float]:
    return {_model_of(labels): value for labels, value in samples}


def _model_of(labels: Mapping[str, Any]) -> Model:
    return labels["provider"], labels["model"]
