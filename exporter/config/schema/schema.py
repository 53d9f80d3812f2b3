"""The configuration as written: one pydantic model per block, unknown keys refused. Names no probe and no vendor."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from exporter.config.schema.blocks import Block, DialectName, Maybe, Positions, Preset, Tunables
from exporter.config.schema.cron import Schedule
from exporter.config.schema.fields import (
    Address,
    ApiKey,
    BaseUrl,
    Bounds,
    FilePath,
    HeaderName,
    HeaderValue,
    LabelKey,
    LabelValue,
    Lookup,
    ModelName,
    Name,
    PlainText,
    ProxyUrl,
    Retention,
    Span,
    TimeZone,
    Whole,
    refuse_variable,
)
from exporter.config.schema.probe_entry import Probes
from exporter.core.target import CapField, Kind

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
KindName = Annotated[Kind, BeforeValidator(refuse_variable)]


Place = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.:-]{0,62}$")]


class QuirksBlock(Block):
    """How a provider or model wants its requests, where the preset does not know or is wrong."""

    cap_field: Maybe[CapField] = Field(default=None, description="name of the limit on output tokens")
    stream_usage: Maybe[bool] = Field(default=None, description="ask for usage on streams (`stream_options`)")
    done_marker: Maybe[bool] = Field(default=None, description="whether a stream without `[DONE]` was cut")
    minimum_cap: Maybe[Whole] = Field(default=None, ge=0, le=65536, description="least output tokens to allow")
    extra: Maybe[dict[str, Any]] = Field(default=None, description="merged into the request; null takes a key out")
    api_version: Maybe[PlainText] = Field(
        default=None, description="Anthropic's version header, Gemini's path prefix, Azure's query"
    )
    reasoning_outside_output: Maybe[bool] = Field(default=None, description="output count leaves reasoning out")
    deployment_paths: Maybe[bool] = Field(default=None, description="ask `/deployments/MODEL/...` (Azure)")
    names_deployments: Maybe[bool] = Field(default=None, description="model names are your own for deployments (Azure)")
    requests_window: Maybe[Literal["minute", "day"]] = Field(
        default=None, description="window of the request-limit headers"
    )


class BudgetBlock(Block):
    """What probing may cost, in USD."""

    daily_usd: Maybe[float] = Field(default=None, gt=0, allow_inf_nan=False, description="per day")
    monthly_usd: Maybe[float] = Field(default=None, gt=0, allow_inf_nan=False, description="per month")


class TopBudgetBlock(BudgetBlock):
    """What all probing may cost, in USD, and how it is counted."""

    timezone: TimeZone = Field(default="UTC", description="where days and months begin")
    assumed_usd_per_million_tokens: float = Field(
        default=15.0, ge=0, allow_inf_nan=False, description="charged to budgets where the price is unknown"
    )


class ShardBlock(Block):
    """One of several exporters that share this configuration."""

    count: Whole = Field(ge=1, le=1000, description="how many there are")
    index: Maybe[Whole] = Field(
        default=None, ge=0, description="which one this is, from 0 (default: the number at the end of the host's name)"
    )


class PriceBlock(Block):
    """What a model costs, in USD per million tokens, where the price lists do not know it or are wrong."""

    input: Usd = Field(description="input tokens")
    output: Usd = Field(default=0.0, description="output tokens, reasoning included")
    cached_input: Maybe[Usd] = Field(default=None, description="input read from the vendor's cache (default: as input)")
    cache_write: Maybe[Usd] = Field(default=None, description="input written to it (default: as input)")


class KeyHeaderBlock(Block):
    """Where the key goes, if not where the dialect puts it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] = Field(description="name of the header")
    prefix: str = Field(default="", description="text before the key, such as `Bearer `")


class AuthBlock(Block):
    """What gets in where a key does not; its library is an extra to be installed."""

    type: Literal["sigv4", "google"] = Field(description="AWS signatures, or Google's tokens")
    profile: Maybe[PlainText] = Field(default=None, description="of the files AWS tools share (sigv4)")
    file: Maybe[FilePath] = Field(default=None, description="a service account's key, if not found as usual (google)")


def _accept_nothing(value: Any) -> Any:
    """Take `openai:` with nothing after it for `openai: {}`."""
    return {} if value is None else value


class ProviderEntry(Tunables):
    """One API endpoint. The name of a preset needs nothing else."""

    preset: Maybe[Preset] = Field(default=None, description="the vendor (default: the provider's own name)")
    base_url: Maybe[BaseUrl] = Field(default=None, description="where it is, its path included")
    dialect: Maybe[DialectName] = Field(default=None, description="the protocol, if not the preset's")
    kind: Maybe[KindName] = Field(default=None, description="what stands behind it")
    api_key: Maybe[ApiKey] = Field(default=None, description="the key, if not where the preset looks for it")
    key_header: Maybe[KeyHeaderBlock] = Field(default=None, description="where the key goes")
    auth: Maybe[AuthBlock] = Field(default=None, description="what gets in, in place of a key")
    region: Maybe[Place] = Field(
        default=None, description="where a cloud serves it (Bedrock's region, Vertex's location)"
    )
    project: Maybe[Place] = Field(default=None, description="whose project asks (Vertex)")
    headers: dict[HeaderName, HeaderValue] = Field(default={}, description="sent with every request")
    allow_plaintext: bool = Field(default=False, description="send the key over plain http to any address")
    proxy: Maybe[ProxyUrl] = Field(
        default=None,
        description="`http://`, `https://`, `socks5://` or, where the proxy looks names up, `socks5h://`",
    )
    trust_env: bool = Field(
        default=False,
        description="heed `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`",
    )
    ca_file: Maybe[FilePath] = Field(default=None, description="certificates to trust, PEM")
    client_cert: Maybe[FilePath] = Field(default=None, description="certificate to show, PEM")
    client_key: Maybe[FilePath] = Field(default=None, description="its key, PEM (default: in `client_cert`)")
    insecure_skip_verify: bool = Field(default=False, description="accept any certificate")
    keep_alive: bool = Field(default=False, description="reuse connections, as an SDK would")
    max_in_flight: Maybe[Whole] = Field(
        default=None, ge=1, le=10_000, description="probes under way to it at once (16; 1 where it is `self_hosted`)"
    )
    enabled: bool = Field(default=True, description="false leaves it and its models out")
    probes: Maybe[Probes] = Field(default=None, description="default for its models")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")
    quirks: QuirksBlock = Field(default=QuirksBlock(), description="how it wants its requests")
    budget: BudgetBlock = Field(default=BudgetBlock(), description="what probing it may cost")
    price: Maybe[PriceBlock] = Field(default=None, description="what each of its models costs")


class ModelEntry(Tunables):
    """One model at one or several providers."""

    model: ModelName = Field(description="the name by which the provider knows it")
    provider: Maybe[Name] = Field(default=None, description="where it is asked")
    providers: Maybe[Annotated[list[Name], Field(min_length=1)]] = Field(default=None, description="or at several")
    alias: Maybe[LabelValue] = Field(default=None, description="the name that all routes share (default: the model)")
    dialect: Maybe[DialectName] = Field(default=None, description="the protocol, where the provider speaks several")
    enabled: bool = Field(default=True, description="false leaves it out")
    probes: Maybe[Probes] = Field(default=None, description="what is asked (default: chat)")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")
    quirks: QuirksBlock = Field(default=QuirksBlock(), description="how it wants its requests")
    price: Maybe[PriceBlock] = Field(default=None, description="what it costs")


class DiscoverEntry(Tunables):
    """Models taken from a provider's own list."""

    provider: Name = Field(description="whose list")
    include: list[PlainText] = Field(default=["*"], description="globs of model names")
    exclude: list[PlainText] = Field(default=[], description="globs of model names left out")
    every: Lookup = Field(default=3600.0, description="how often the list is read")
    max: Whole = Field(default=20, ge=1, le=1000, description="the most models to take")
    dialect: Maybe[DialectName] = Field(default=None, description="the protocol, where the provider speaks several")
    probes: Maybe[Probes] = Field(default=None, description="what is asked of each (default: only listed)")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")


class MaintenanceEntry(Block):
    """A window in which paid probes rest."""

    match: PlainText = Field(default="*", description="glob over check ids (`provider/model/probe`)")
    schedule: Schedule = Field(description="when it begins: five cron fields, UTC")
    duration: Span = Field(description="how long it lasts")


class BucketsBlock(Block):
    """Upper bounds of the histograms, in seconds, ascending."""

    duration: Maybe[Bounds] = Field(default=None, description="of a whole run")
    first_token: Maybe[Bounds] = Field(default=None, description="of the time to first token")
    per_output_token: Maybe[Bounds] = Field(default=None, description="of the time per output token")


class Document(Tunables):
    """The whole file."""

    providers: dict[Name, Annotated[ProviderEntry, BeforeValidator(_accept_nothing)]] = Field(
        default={}, description="API endpoints by name"
    )
    models: Positions[ModelEntry] = Field(default={}, description="the models asked")
    discover: Positions[DiscoverEntry] = Field(default={}, description="models to be found in providers' lists")
    probes: Maybe[Probes] = Field(default=None, description="default for all models (default: chat)")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="labels of your own, with their defaults")
    budget: TopBudgetBlock = Field(default=TopBudgetBlock(), description="what all probing may cost")
    retention: Retention = Field(default=7 * 86_400.0, description="how long outcomes are kept")
    shard: Maybe[ShardBlock] = Field(default=None, description="where several exporters share the checks")
    prices_file: Maybe[FilePath] = Field(default=None, description="prices over the built-in list, re-read on change")
    maintenance: Positions[MaintenanceEntry] = Field(default={}, description="windows in which paid probes rest")
    network_check: Maybe[Annotated[list[Address], Field(min_length=1)]] = Field(
        default=None, description="host:port of what is reachable while we are online"
    )
    status_pages: bool = Field(default=True, description="read the vendors' public status pages")
    buckets: BucketsBlock = Field(default=BucketsBlock(), description="bounds of the histograms")
    max_in_flight: Whole = Field(default=64, ge=1, le=10_000, description="probes under way at once, overall")
