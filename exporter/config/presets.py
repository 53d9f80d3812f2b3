"""Vendors as data. A new vendor that speaks a known dialect is one row here, never code.

Sources of the facts: the official SDKs (openai 2.54, anthropic 2.12, google-genai 3.4, mistralai 3.7, groq 1.7,
together 3.1, fireworks-ai 1.2), the vendors' documentation of November 2026, and litellm 1.106.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from exporter.core.target import Kind, Quirks

PRICED_MAKERS = (
    "openai",
    "anthropic",
    "google",
    "x-ai",
    "deepseek",
    "mistral",
    "moonshotai",
    "zai",
    "minimax",
    "cohere",
    "meta",
    "voyageai",
)
"""Whose price a model has at a gateway without a list of its own, by their ids in genai-prices."""

RELAYED = frozenset({"openai", "anthropic", "google", "xai"})
"""Makers whose models a relay passes on, and that want to be asked there as at home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlVariable:
    """A variable by which a vendor's own tools take the base URL. `suffix` is the path they add to it themselves."""

    name: str
    suffix: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One vendor.

    `dialects` are the protocols it speaks, the main one first. `base_url` "" means that the user must give one.
    `keys` are the variables that may hold the key, the first one set wins. `makers` are whose models it serves
    (see families; a host of open models has rules of its own). `starters` are cheap models, as globs: the first that
    the vendor lists is asked where no model is configured. `prices` is its id in genai-prices, None where the price is
    that of the upstream vendor or nothing. `status_page` is machine-readable.

    `local_kind` is its kind at a loopback or private address, where that differs.
    `address` is a base URL made of `{region}` and `{project}` (or `{google}`, the host for a location), which are
    written or stand in variables. `path` is added to an address that has none. `auth` gets in where there is no key;
    `key_header` is where the key goes, if not where the dialect puts it. `lists_models`: a list of models is known.
    """

    name: str
    kind: Kind
    dialects: tuple[str, ...]
    base_url: str = ""
    url_variable: UrlVariable | None = None
    keys: tuple[str, ...] = ()
    key_required: bool = True
    makers: frozenset[str] = frozenset()
    quirks: Quirks = field(default_factory=Quirks)
    starters: tuple[str, ...] = ()
    prices: str | None = None
    status_page: str | None = None
    address: str = ""
    region_variables: tuple[str, ...] = ()
    usual_region: str = ""
    project_variables: tuple[str, ...] = ()
    path: str = ""
    auth: Literal["sigv4", "google"] | None = None
    key_header: tuple[str, str] | None = None
    local_kind: Kind | None = None
    lists_models: bool = True


_LENIENT = Quirks(done_marker=False)
"""For servers not known to end every stream with `[DONE]`: a finish reason is end enough."""

_OPENAI = ("openai-chat", "openai-responses", "openai-embeddings")

_ROWS = (
    Preset(
        name="openai",
        kind=Kind.DIRECT,
        dialects=_OPENAI,
        base_url="https://api.openai.com/v1",
        url_variable=UrlVariable(name="OPENAI_BASE_URL"),
        keys=("OPENAI_API_KEY",),
        makers=frozenset({"openai"}),
        starters=("gpt-6-luna", "gpt-5.6-luna", "gpt-5.4-nano", "gpt-4o-mini"),
        prices="openai",
        status_page="https://status.openai.com/api/v2/summary.json",
    ),
    Preset(
        name="anthropic",
        kind=Kind.DIRECT,
        dialects=("anthropic-messages",),
        base_url="https://api.anthropic.com",
        url_variable=UrlVariable(name="ANTHROPIC_BASE_URL"),
        keys=("ANTHROPIC_API_KEY",),
        makers=frozenset({"anthropic"}),
        starters=("claude-haiku-5-5", "claude-haiku-5-5-*", "claude-haiku-4-5", "claude-haiku-4-5-*"),
        prices="anthropic",
        status_page="https://status.claude.com/api/v2/summary.json",
    ),
    Preset(
        name="gemini",
        kind=Kind.DIRECT,
        dialects=("gemini-generate",),
        base_url="https://generativelanguage.googleapis.com",
        keys=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        makers=frozenset({"google"}),
        starters=("gemini-3.5-flash-lite", "gemini-3.1-flash-lite", "gemini-flash-lite-latest"),
        prices="google",
        status_page="https://status.cloud.google.com/incidents.json",
    ),
    Preset(
        name="deepseek",
        kind=Kind.DIRECT,
        dialects=("openai-chat",),
        base_url="https://api.deepseek.com",
        keys=("DEEPSEEK_API_KEY",),
        makers=frozenset({"deepseek"}),
        quirks=_LENIENT,
        starters=("deepseek-flash", "deepseek-v4-flash", "deepseek-v3.2"),
        prices="deepseek",
        status_page="https://status.deepseek.com/api/v2/summary.json",
    ),
    Preset(
        name="holysheep",
        kind=Kind.GATEWAY,
        dialects=("openai-chat",),
        base_url="https://api.holysheep.ai/v1",
        url_variable=UrlVariable(name="HOLYSHEEP_BASE_URL"),
        keys=("HOLYSHEEP_API_KEY",),
        makers=RELAYED,
        quirks=_LENIENT,
        starters=("gpt-6-luna", "gpt-5.4-nano", "gpt-4o-mini", "deepseek-v3.2", "deepseek-v3"),
    ),
    Preset(
        name="holysheep-anthropic",
        kind=Kind.GATEWAY,
        dialects=("anthropic-messages",),
        base_url="https://api.holysheep.ai",
        keys=("HOLYSHEEP_API_KEY",),
        makers=RELAYED,
    ),
    Preset(
        name="openrouter",
        kind=Kind.GATEWAY,
        dialects=("openai-chat",),
        base_url="https://openrouter.ai/api/v1",
        keys=("OPENROUTER_API_KEY",),
        makers=RELAYED,
        quirks=Quirks(done_marker=False, stream_usage=False),  # usage always comes; the option is a deprecated no-op
        starters=("openai/gpt-6-luna", "openai/gpt-5.4-nano", "openai/gpt-oss-20b"),
        prices="openrouter",
        status_page="https://api.onlineornot.com/v1/status_pages/openrouter/summary",
    ),
    Preset(
        name="groq",
        kind=Kind.DIRECT,
        dialects=("openai-chat",),
        base_url="https://api.groq.com/openai/v1",
        url_variable=UrlVariable(name="GROQ_BASE_URL", suffix="/openai/v1"),
        keys=("GROQ_API_KEY",),
        makers=frozenset({"groq"}),
        quirks=Quirks(done_marker=False, requests_window="day"),
        starters=("openai/gpt-oss-20b", "openai/gpt-oss-120b", "llama-3.1-8b-instant"),
        prices="groq",
        status_page="https://groqstatus.com/api/v2/summary.json",
    ),
    Preset(
        name="mistral",
        kind=Kind.DIRECT,
        dialects=("openai-chat", "openai-embeddings"),
        base_url="https://api.mistral.ai/v1",
        keys=("MISTRAL_API_KEY",),
        makers=frozenset({"mistral"}),
        quirks=Quirks(stream_usage=False),  # usage comes unasked, and an unknown field is a 422
        starters=("ministral-3b-2512", "ministral-3b-latest", "mistral-small-latest"),
        prices="mistral",
    ),
    Preset(
        name="together",
        kind=Kind.DIRECT,
        dialects=("openai-chat",),
        base_url="https://api.together.ai/v1",
        keys=("TOGETHER_API_KEY",),
        makers=frozenset({"together"}),
        quirks=_LENIENT,
        prices="together",
        status_page="https://status.together.ai/index.json",
    ),
    Preset(
        name="fireworks",
        kind=Kind.DIRECT,
        dialects=("openai-chat",),
        base_url="https://api.fireworks.ai/inference/v1",
        keys=("FIREWORKS_API_KEY",),
        makers=frozenset({"fireworks"}),
        quirks=_LENIENT,
        starters=("accounts/fireworks/models/gpt-oss-20b",),
        prices="fireworks",
    ),
    Preset(
        name="xai",
        kind=Kind.DIRECT,
        dialects=("openai-chat", "openai-responses"),
        base_url="https://api.x.ai/v1",
        keys=("XAI_API_KEY",),
        makers=frozenset({"xai"}),
        quirks=Quirks(done_marker=False, reasoning_outside_output=True),
        starters=("grok-4-1-fast-non-reasoning", "grok-4.20-0309-non-reasoning", "grok-build-0.1"),
        prices="x-ai",
    ),
    Preset(
        name="azure-openai",
        kind=Kind.DIRECT,
        dialects=_OPENAI,
        url_variable=UrlVariable(name="AZURE_OPENAI_ENDPOINT", suffix="/openai"),
        path="/openai",
        keys=("AZURE_OPENAI_API_KEY",),
        key_header=("api-key", ""),
        makers=frozenset({"openai"}),
        quirks=Quirks(api_version="2024-10-21", deployment_paths=True, names_deployments=True),
        prices="azure",
    ),
    Preset(
        name="azure-openai-v1",
        kind=Kind.DIRECT,
        dialects=_OPENAI,
        url_variable=UrlVariable(name="AZURE_OPENAI_ENDPOINT", suffix="/openai/v1"),
        path="/openai/v1",
        keys=("AZURE_OPENAI_API_KEY",),
        key_header=("api-key", ""),
        makers=frozenset({"openai"}),
        quirks=Quirks(names_deployments=True),
        prices="azure",
    ),
    Preset(
        name="bedrock",
        kind=Kind.DIRECT,
        dialects=("bedrock-converse",),
        address="https://bedrock-runtime.{region}.amazonaws.com",
        region_variables=("AWS_REGION", "AWS_DEFAULT_REGION"),
        keys=("AWS_BEARER_TOKEN_BEDROCK",),
        key_required=False,
        auth="sigv4",
        prices="aws",
    ),
    Preset(
        name="vertex",
        kind=Kind.DIRECT,
        dialects=("gemini-generate",),
        address="https://{google}/v1beta1/projects/{project}/locations/{region}/publishers/google",
        region_variables=("GOOGLE_CLOUD_LOCATION",),
        usual_region="global",
        project_variables=("GOOGLE_CLOUD_PROJECT",),
        key_required=False,
        auth="google",
        makers=frozenset({"google"}),
        prices="google",
        status_page="https://status.cloud.google.com/incidents.json",
    ),
    Preset(
        name="cohere",  # a trial key has 1,000 calls a month: nothing is asked of it unasked but its list
        kind=Kind.DIRECT,
        dialects=("cohere-chat", "cohere-rerank"),
        base_url="https://api.cohere.com",
        keys=("CO_API_KEY",),
        makers=frozenset({"cohere"}),
        prices="cohere",
        status_page="https://status.cohere.com/api/v2/summary.json",
    ),
    Preset(
        name="jina",
        kind=Kind.DIRECT,
        dialects=("openai-embeddings", "cohere-rerank"),
        base_url="https://api.jina.ai/v1",
        keys=("JINA_API_KEY", "JINA_AI_API_KEY"),
        lists_models=False,
    ),
    Preset(
        name="litellm",
        kind=Kind.GATEWAY,
        dialects=_OPENAI,
        base_url="http://127.0.0.1:4000/v1",
        key_required=False,
        makers=RELAYED,
        quirks=_LENIENT,
        prices="litellm",
    ),
    Preset(
        name="vllm",
        kind=Kind.SELF_HOSTED,
        dialects=(*_OPENAI, "cohere-rerank"),
        keys=("VLLM_API_KEY",),
        key_required=False,
    ),
    Preset(
        name="ollama",
        kind=Kind.SELF_HOSTED,
        dialects=("openai-chat", "openai-embeddings"),
        base_url="http://127.0.0.1:11434/v1",
        url_variable=UrlVariable(name="OLLAMA_HOST", suffix="/v1", scheme="http://"),
        keys=("OLLAMA_API_KEY",),
        key_required=False,
        quirks=_LENIENT,
    ),
    Preset(
        name="ollama-native",
        kind=Kind.SELF_HOSTED,
        dialects=("ollama-chat",),
        base_url="http://127.0.0.1:11434",
        url_variable=UrlVariable(name="OLLAMA_HOST", scheme="http://"),
        keys=("OLLAMA_API_KEY",),
        key_required=False,
    ),
    Preset(
        name="openai-compatible",
        kind=Kind.DIRECT,
        local_kind=Kind.SELF_HOSTED,
        dialects=(*_OPENAI, "cohere-rerank"),
        key_required=False,
        makers=RELAYED,
        quirks=_LENIENT,
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({row.name: row for row in _ROWS})
