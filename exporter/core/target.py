"""What is asked and how: providers, targets and checks as they are used (frozen, resolved, no run-time state)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import SecretStr


class Kind(StrEnum):
    """What stands behind a provider's address."""

    DIRECT = "direct"
    GATEWAY = "gateway"
    SELF_HOSTED = "self_hosted"


class Credential(Protocol):
    """A key, wherever it is kept. `reveal` is called per request, so that a file that changes is noticed."""

    def reveal(self) -> SecretStr | None:
        """Return the current key; None if the provider needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigV4Auth:
    """Requests are signed with AWS credentials, found as AWS tools find them; `profile` is one in their files."""

    extra: ClassVar[str] = "bedrock"

    region: str
    service: str = "bedrock"
    profile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleAuth:
    """Requests carry a short-lived token: of a service account's key `file`, or as Google's tools find one."""

    extra: ClassVar[str] = "vertex"

    file: Path | None = None


class CapField(StrEnum):
    """The names under which OpenAI-compatible servers take the limit on output tokens."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How one provider or model family deviates from its dialect: data, from presets and configuration.

    cap_field: see CapField. stream_usage: send `stream_options.include_usage` on streams. done_marker: whether a
    stream without `[DONE]` is cut (True) or fine once a finish reason came (False). minimum_cap: widen the cap to
    this many tokens (reasoning floors). extra: merged into the request body (thinking off, effort). api_version:
    Anthropic's version header, the first part of Gemini's path, the query of OpenAI's dialects (Azure).
    reasoning_outside_output: the vendor's output count leaves reasoning out (xAI chat). requests_window: the window its
    request-limit headers count in (Groq: day). deployment_paths: OpenAI's dialects ask `/deployments/MODEL` (Azure).
    names_deployments: the model's name is the user's own for a deployment, and says nothing of who answers (Azure).
    """

    cap_field: CapField = CapField.MAX_TOKENS
    stream_usage: bool = True
    done_marker: bool = True
    minimum_cap: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    api_version: str | None = None
    reasoning_outside_output: bool = False
    requests_window: str = "minute"
    deployment_paths: bool = False
    names_deployments: bool = False

    def cap_tokens(self, wanted: int) -> int:
        """Return the limit on output tokens to send: the one wanted, or the floor of this model."""
        return max(wanted, self.minimum_cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model costs, in USD per million tokens. What is not said of cached and cache-write tokens is as input."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One configured API endpoint. `base_url` has no trailing slash.

    What may hold a value out of `${NAME}` is left out of the repr, as are keys.

    `status_page` is where the vendor tells machines how it is.

    `dialects` are the protocols it speaks, the main one first. `auth` stands in place of a key. `key_header` overrides
    where the dialect puts the key (name, prefix). `max_in_flight` bounds the probes under way to it at once.
    `kind_assumed`: its kind was told by its address alone.
    `price_lists` are the ids under which genai-prices may know what its models cost, the likeliest first.
    """

    name: str
    preset: str
    kind: Kind
    dialects: tuple[str, ...]
    base_url: str = field(repr=False)
    credential: Credential = field(repr=False)
    headers: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
    proxy: SecretStr | None = field(default=None, repr=False)
    ca_file: Path | None = field(default=None, repr=False)
    client_cert: Path | None = field(default=None, repr=False)
    client_key: Path | None = field(default=None, repr=False)
    insecure_skip_verify: bool = False
    kind_assumed: bool = False
    keep_alive: bool = False
    trust_env: bool = False
    key_header: tuple[str, str] | None = field(default=None, repr=False)
    auth: SigV4Auth | GoogleAuth | None = None
    max_in_flight: int = 16
    price_lists: tuple[str, ...] = ()
    status_page: str | None = None

    def list_tls_files(self) -> frozenset[Path]:
        """List the files of certificates and their keys, which a session reads when it is opened."""
        return frozenset(each for each in (self.ca_file, self.client_cert, self.client_key) if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A model at a provider, asked in one dialect; `model` is "" for what is asked of the provider as a whole.

    `alias` is the name that routes to the same model share; by default the model's own. `price` is what the user says
    it costs, which outranks every list.
    """

    provider: Provider
    model: str
    dialect: str
    alias: str = ""
    quirks: Quirks = Quirks()
    price: Price | None = None

    def with_quirks(self, quirks: Quirks) -> "Target":
        """Return the same target with other quirks."""
        return replace(self, quirks=quirks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Wall-clock limits in seconds, all counted from the request: connected by, first output by, done by.

    `spent` are seconds of the whole run that earlier requests took; `total` is what they left.
    """

    connect: float
    first_token: float
    total: float
    spent: float = 0.0

    def after(self, seconds: float) -> "Deadlines":
        """Return the limits of another request of the same run, `seconds` after the one before began.

        It connects and answers anew, so only the total shrinks; never to nothing, so that passing it is a timeout.
        """
        left = max(self.total - seconds, 0.001)
        return Deadlines(
            connect=min(self.connect, left),
            first_token=min(self.first_token, left),
            total=left,
            spent=self.spent + seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """When a check changes state (design: health). Counts of runs; `confirm_interval` in seconds."""

    failures: int = 2
    window: int = 3
    successes: int = 1
    confirm_interval: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertions:
    """What a user wants to be true of every answer of a check; None is not asserted.

    `max_first_token` is seconds; `regex` takes linear time; `json_schema` refers to nothing outside itself.
    """

    contains: str | None = None
    regex: str | None = None
    json_schema: Mapping[str, Any] | None = field(default=None, repr=False)
    max_first_token: float | None = None
    min_tokens_per_second: float | None = None
    min_tokens: int | None = None
    served_model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Provider x model x probe with its schedule: the unit that is scheduled, stored and shown.

    `probe` is the name given to the probe (the `probe` label), `kind` is which probe it is, `settings` that
    probe's own settings. `interval` and `degraded_above` are seconds; `labels` are the user's, the same keys on
    every check.
    """

    target: Target
    probe: str
    kind: str
    settings: Any = field(repr=False)
    interval: float
    deadlines: Deadlines
    required: bool
    paid: bool
    health: HealthPolicy = HealthPolicy()
    degraded_above: float | None = None
    assertions: Assertions | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """`provider/model/probe`; the model may hold slashes and is empty for provider-wide probes."""
        return f"{self.target.provider.name}/{self.target.model}/{self.probe}"
