"""The configuration as written: one pydantic model per block, unknown keys refused. Names no probe and no vendor."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from exporter.config.fields import (
    Address,
    ApiKey,
    BaseUrl,
    HeaderName,
    HeaderValue,
    LabelKey,
    LabelValue,
    ModelName,
    Name,
    ProxyUrl,
    Span,
    Whole,
    refused,
)
from exporter.config.schedule import Schedule
from exporter.config.trouble import nearest
from exporter.dialects.base import Dialect
from exporter.plan import Buckets
from exporter.probes.base import Probe, ProbeSettings
from exporter.target import CapField, Kind

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Known:
    """What a configuration may name, given to the models as validation context."""

    probes: Mapping[str, Probe]
    dialects: Mapping[str, Dialect]
    presets: frozenset[str]


class Block(BaseModel):
    """A mapping of the file. A key that is left out is None or its default; what is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def by_position(value: Any) -> Any:
    """A list as a mapping from position, so that an entry with a problem can be left out and the rest keep theirs."""
    return dict(enumerate(value)) if isinstance(value, list) else value


def _list(value: Any) -> Any:
    if isinstance(value, list):
        return by_position(value)
    if isinstance(value, dict) and all(isinstance(key, int) for key in value):
        return value
    raise refused("a list belongs here", "write [a, b], or lines that begin with -")


Positions = Annotated[dict[int, Item], BeforeValidator(_list)]


def _known(info: ValidationInfo) -> Known:
    assert isinstance(info.context, Known), "validate with context=Known(...)"
    return info.context


def _preset(value: str, info: ValidationInfo) -> str:
    known = _known(info)
    if value not in known.presets:
        raise refused("there is no preset {given}", nearest(value, known.presets))
    return value


def _dialect(value: str, info: ValidationInfo) -> str:
    known = _known(info)
    if value not in known.dialects:
        raise refused("there is no dialect {given}", nearest(value, known.dialects))
    return value


Preset = Annotated[str, PlainValidator(lambda value, info: _preset(str(value), info))]
DialectName = Annotated[str, PlainValidator(lambda value, info: _dialect(str(value), info))]


class Tunables(Block):
    """How a check runs. They stand at top, provider, model or probe; the nearest wins."""

    interval: Span | None = Field(default=None, ge=1, description="time between two runs")
    timeout: Span | None = Field(default=None, description="for the whole answer")
    connect_timeout: Span | None = Field(default=None, description="to be connected, TLS included")
    first_token_timeout: Span | None = Field(default=None, description="for the first output")
    degraded_above: Span | None = Field(default=None, description="a success that took longer is `slow`")
    failures: Whole | None = Field(default=None, ge=1, le=100, description="failed runs in the window that mean down")
    window: Whole | None = Field(default=None, ge=1, le=100, description="the last runs that are looked at")
    successes: Whole | None = Field(default=None, ge=1, le=100, description="clean runs in a row that mean up")
    confirm_interval: Span | None = Field(default=None, description="wait before a first failure is confirmed")
    required: bool | None = Field(default=None, description="whether the check decides `ai_api_model_health`")


class ProbeEntry(Tunables):
    """One probe: its kind, the name it gets, and how it runs; beside the probe's own settings."""

    probe: str = Field(description="which probe")
    name: Name | None = Field(default=None, description="the `probe` label, so that a model can have two of one kind")
    enabled: bool = Field(default=True, description="false leaves it out")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")
    settings: ProbeSettings | None = Field(default=None, exclude=True, description="")


_OWN = frozenset(ProbeEntry.model_fields) - {"settings"}


def _probe_entry(value: Any, info: ValidationInfo) -> ProbeEntry:
    """A probe's name, or a mapping of common keys and the settings of that probe's own class."""
    given = {"probe": value} if isinstance(value, str) else value
    if not isinstance(given, dict):
        raise refused("a probe is a name or a mapping", "write chat, or {probe: chat, interval: 5m}")
    known = _known(info)
    kind = given.get("probe")
    if kind is None:
        raise refused("`probe` is missing", f"say which: {', '.join(known.probes)}")
    if kind not in known.probes:
        at = () if isinstance(value, str) else ("probe",)
        raise _errors([_refused(at, kind, f"there is no probe {kind!r}", nearest(str(kind), known.probes))])
    return _known_probe(given, known.probes[kind], info)


def _known_probe(given: dict[str, Any], probe: Probe, info: ValidationInfo) -> ProbeEntry:
    common = {key: value for key, value in given.items() if key in _OWN}
    own = {key: value for key, value in given.items() if key in probe.settings.model_fields and key not in _OWN}
    every = sorted(_OWN | set(probe.settings.model_fields))
    found = [_refused((key,), None, "unknown key", nearest(key, every)) for key in given if key not in {*common, *own}]
    settings = _collect(probe.settings, own, info, found)
    entry = _collect(ProbeEntry, common, info, found)
    if found or entry is None:
        raise _errors(found)
    return entry.model_copy(update={"settings": settings})


Model = TypeVar("Model", bound=BaseModel)


def _collect(
    model: type[Model], value: dict[str, Any], info: ValidationInfo, found: list[InitErrorDetails]
) -> Model | None:
    try:
        return model.model_validate(value, context=info.context)
    except ValidationError as error:
        found.extend(_again(details) for details in error.errors(include_url=False))
        return None


def _errors(found: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data("probe", found)


def _refused(loc: tuple[str | int, ...], given: Any, what: str, instead: str) -> InitErrorDetails:
    return InitErrorDetails(type=refused(what, instead), loc=loc, input=given)


def _again(details: ErrorDetails) -> InitErrorDetails:
    """An error of an inner model, to be raised with those of another."""
    context = details.get("ctx", {})
    own = details["type"] == "refused"
    kind: Any = PydanticCustomError("refused", "{what}", context) if own else details["type"]
    return InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=context)


Probes = Positions[Annotated[ProbeEntry, PlainValidator(_probe_entry)]]


class QuirksBlock(Block):
    """How a provider or model wants its requests, where the preset does not know or is wrong."""

    cap_field: CapField | None = Field(default=None, description="name of the limit on output tokens")
    stream_usage: bool | None = Field(default=None, description="ask for usage on streams (`stream_options`)")
    done_marker: bool | None = Field(default=None, description="whether a stream without `[DONE]` was cut")
    minimum_cap: Whole | None = Field(default=None, ge=0, le=65536, description="least output tokens to allow")
    extra: dict[str, Any] | None = Field(default=None, description="merged into the request; null takes a key out")
    api_version: str | None = Field(default=None, description="Anthropic's version header, Gemini's path prefix")
    reasoning_outside_output: bool | None = Field(default=None, description="output count leaves reasoning out")


class BudgetBlock(Block):
    """What probing may cost, in USD."""

    daily_usd: float | None = Field(default=None, gt=0, allow_inf_nan=False, description="per day")
    monthly_usd: float | None = Field(default=None, gt=0, allow_inf_nan=False, description="per month")


class KeyHeaderBlock(Block):
    """Where the key goes, if not where the dialect puts it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] = Field(description="name of the header")
    prefix: str = Field(default="", description="text before the key, such as `Bearer `")


def _nothing_written(value: Any) -> Any:
    """`openai:` with nothing after it means the same as `openai: {}`."""
    return {} if value is None else value


class ProviderEntry(Tunables):
    """One API endpoint. The name of a preset needs nothing else."""

    preset: Preset | None = Field(default=None, description="the vendor (default: the provider's own name)")
    base_url: BaseUrl | None = Field(default=None, description="where it is, its path included")
    dialect: DialectName | None = Field(default=None, description="the protocol, if not the preset's")
    kind: Kind | None = Field(default=None, description="what stands behind it")
    api_key: ApiKey | None = Field(default=None, description="`{env: NAME}`, `{file: PATH}` or `${NAME}`")
    key_header: KeyHeaderBlock | None = Field(default=None, description="where the key goes")
    headers: dict[HeaderName, HeaderValue] = Field(default={}, description="sent with every request")
    allow_plaintext: bool = Field(default=False, description="send the key over plain http to any address")
    proxy: ProxyUrl | None = Field(default=None, description="HTTP proxy")
    trust_env: bool = Field(default=False, description="take proxies from the environment")
    ca_file: Path | None = Field(default=None, description="certificates to trust, PEM")
    client_cert: Path | None = Field(default=None, description="certificate to show, PEM")
    client_key: Path | None = Field(default=None, description="its key, PEM (default: in `client_cert`)")
    insecure_skip_verify: bool = Field(default=False, description="accept any certificate")
    keep_alive: bool = Field(default=False, description="reuse connections, as an SDK would")
    max_in_flight: Whole = Field(default=16, ge=1, le=10_000, description="probes under way to it at once")
    enabled: bool = Field(default=True, description="false leaves it and its models out")
    probes: Probes | None = Field(default=None, description="default for its models")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")
    quirks: QuirksBlock = Field(default=QuirksBlock(), description="how it wants its requests")
    budget: BudgetBlock = Field(default=BudgetBlock(), description="what probing it may cost")


class ModelEntry(Tunables):
    """One model at one or several providers."""

    model: ModelName = Field(description="the name by which the provider knows it")
    provider: Name | None = Field(default=None, description="where it is asked")
    providers: Annotated[list[Name], Field(min_length=1)] | None = Field(default=None, description="or at several")
    alias: LabelValue | None = Field(default=None, description="the name that all routes share (default: the model)")
    dialect: DialectName | None = Field(default=None, description="the protocol, where the provider speaks several")
    enabled: bool = Field(default=True, description="false leaves it out")
    probes: Probes | None = Field(default=None, description="what is asked (default: chat)")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")
    quirks: QuirksBlock = Field(default=QuirksBlock(), description="how it wants its requests")


class DiscoverEntry(Tunables):
    """Models taken from a provider's own list."""

    provider: Name = Field(description="whose list")
    include: list[str] = Field(default=["*"], description="globs of model names")
    exclude: list[str] = Field(default=[], description="globs of model names left out")
    every: Span = Field(default=3600.0, ge=60, description="how often the list is read")
    max: Whole = Field(default=20, ge=1, le=1000, description="at most so many models")
    dialect: DialectName | None = Field(default=None, description="the protocol, where the provider speaks several")
    probes: Probes | None = Field(default=None, description="what is asked of each (default: only listed)")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")


class MaintenanceEntry(Block):
    """A window in which paid probes rest."""

    match: str = Field(default="*", description="glob over check ids (`provider/model/probe`)")
    schedule: Schedule = Field(description="when it begins: five cron fields, UTC")
    duration: Span = Field(description="how long it lasts")


class BucketsBlock(Block):
    """Upper bounds of the histograms, in seconds, ascending."""

    duration: tuple[float, ...] = Field(default=Buckets().duration, description="of a whole run")
    first_token: tuple[float, ...] = Field(default=Buckets().first_token, description="of the time to first token")
    per_output_token: tuple[float, ...] = Field(default=Buckets().per_output_token, description="per output token")


class Document(Tunables):
    """The whole file."""

    providers: dict[Name, Annotated[ProviderEntry, BeforeValidator(_nothing_written)]] = Field(
        default={}, description="API endpoints by name"
    )
    models: Positions[ModelEntry] = Field(default={}, description="the models asked")
    discover: Positions[DiscoverEntry] = Field(default={}, description="models to be found in providers' lists")
    probes: Probes | None = Field(default=None, description="default for all models (default: chat)")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="labels of your own, with their defaults")
    budget: BudgetBlock = Field(default=BudgetBlock(), description="what all probing may cost")
    maintenance: Positions[MaintenanceEntry] = Field(default={}, description="windows in which paid probes rest")
    network_check: Annotated[list[Address], Field(min_length=1)] | None = Field(
        default=None, description="host:port of what is reachable while we are online"
    )
    status_pages: bool = Field(default=True, description="read the vendors' public status pages")
    buckets: BucketsBlock = Field(default=BucketsBlock(), description="bounds of the histograms")
    max_in_flight: Whole = Field(default=64, ge=1, le=10_000, description="probes under way at once, overall")
