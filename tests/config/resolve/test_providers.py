"""Providers as they are used: address, dialects, key and files."""

from pathlib import Path
from typing import Any

import pytest

from exporter.config.presets import PRESETS
from exporter.config.resolve.providers import ProviderResolver, ResolvedProvider
from exporter.config.schema.blocks import KnownNames
from exporter.config.schema.schema import ProviderEntry
from exporter.core.target import Kind
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from tests.config.stand_ins import known

KEYS = {"OPENAI_API_KEY": "sk-openai", "RELAY_KEY": "sk-relay"}


def resolver(tmp_path: Path, environ: dict[str, str] | None = None) -> ProviderResolver:
    return ProviderResolver(known(), KEYS if environ is None else environ, tmp_path)


def resolved(to: ProviderResolver, name: str, **entry: Any) -> ResolvedProvider:
    made = to.resolve(name, ProviderEntry.model_validate(entry, context=known()))
    assert made is not None, to.troubles
    return made


def key(made: ResolvedProvider) -> str | None:
    secret = made.provider.credential.reveal()
    return None if secret is None else secret.get_secret_value()


URL_VARIABLES = {
    "openai": ("OPENAI_BASE_URL", "https://proxy.example/v1/", "https://proxy.example/v1"),
    "groq": ("GROQ_BASE_URL", "https://proxy.example", "https://proxy.example/openai/v1"),
    "groq with its path": ("GROQ_BASE_URL", "https://proxy.example/openai/v1", "https://proxy.example/openai/v1"),
    "ollama bare": ("OLLAMA_HOST", "10.0.0.5:11434", "http://10.0.0.5:11434/v1"),
    "ollama": ("OLLAMA_HOST", "https://ollama.example", "https://ollama.example/v1"),
}


@pytest.mark.parametrize(
    ("variable", "value", "url"), [pytest.param(*row, id=name) for name, row in URL_VARIABLES.items()]
)
def test_the_address_by_variable(tmp_path: Path, variable: str, value: str, url: str) -> None:
    preset = variable.partition("_")[0].lower()
    to = resolver(tmp_path, {variable: value, f"{preset.upper()}_API_KEY": "sk-1"})
    assert resolved(to, preset).provider.base_url == url
    assert to.notices == [f"provider {preset}: the base URL comes from the variable {variable}"]


def test_the_file_wins_over_the_variable(tmp_path: Path) -> None:
    to = resolver(tmp_path, {**KEYS, "OPENAI_BASE_URL": "https://elsewhere.example"})
    assert resolved(to, "openai", base_url="https://here.example/v1").provider.base_url == "https://here.example/v1"
    assert to.notices == []


@pytest.mark.parametrize(
    "value", ["nonsense", "https://", "https://me:pw@host.example", "https://h.example/?a=b", "ftp://h"]
)
def test_a_variable_that_holds_no_address(tmp_path: Path, value: str) -> None:
    to = resolver(tmp_path, {**KEYS, "OPENAI_BASE_URL": value})
    assert to.resolve("openai", ProviderEntry()) is None
    assert [trouble.what for trouble in to.troubles] == ["the variable OPENAI_BASE_URL holds no usable URL"]


def test_the_key_of_the_preset(tmp_path: Path) -> None:
    assert key(resolved(resolver(tmp_path), "openai")) == "sk-openai"


def test_the_order_of_variables_matters(tmp_path: Path) -> None:
    to = resolver(tmp_path, {"GEMINI_API_KEY": "second", "GOOGLE_API_KEY": "first"})
    entry = ProviderEntry.model_validate({"dialect": "openai-chat"}, context=known())
    made = to.resolve("gemini", entry)
    assert made is not None
    assert key(made) == "first"


def test_a_variable_set_to_nothing_is_not_set(tmp_path: Path) -> None:
    to = resolver(tmp_path, {"OPENAI_API_KEY": ""})
    assert to.resolve("openai", ProviderEntry()) is None
    assert [trouble.what for trouble in to.troubles] == ["no key: the variable OPENAI_API_KEY is not set"]


def test_a_variable_that_holds_no_key(tmp_path: Path) -> None:
    to = resolver(tmp_path, {"OPENAI_API_KEY": "sk\n1"})
    assert to.resolve("openai", ProviderEntry()) is None
    said = "the key in the variable OPENAI_API_KEY holds a line break or another character that no key has"
    assert [(trouble.loc, trouble.what) for trouble in to.troubles] == [(("providers", "openai"), said)]


def test_keys_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-file\n")
    to = resolver(tmp_path)
    assert key(resolved(to, "openai", api_key={"env": "RELAY_KEY"})) == "sk-relay"
    assert key(resolved(to, "openai", api_key={"file": "key"})) == "sk-file"
    assert key(resolved(to, "openai", api_key={"file": str(tmp_path / "key")})) == "sk-file"
    assert to.notices == []


def test_a_key_in_the_file_itself_is_taken_and_noticed(tmp_path: Path) -> None:
    to = resolver(tmp_path)
    assert key(resolved(to, "openai", api_key="sk-literal")) == "sk-literal"
    assert to.notices == ["providers.openai.api_key holds the key itself; {env: NAME} or {file: PATH} hide it"]


def test_no_key_where_none_is_needed(tmp_path: Path) -> None:
    assert key(resolved(resolver(tmp_path), "mine", preset="vllm", base_url="https://v.example")) is None


def test_the_preset_gives_what_is_not_written(tmp_path: Path) -> None:
    provider = resolved(resolver(tmp_path), "openai").provider
    assert (provider.preset, provider.kind, provider.dialects) == (
        "openai",
        Kind.DIRECT,
        ("openai-chat", "openai-responses"),
    )


def test_what_is_written_wins_over_the_preset(tmp_path: Path) -> None:
    provider = resolved(
        resolver(tmp_path),
        "mine",
        preset="openai",
        dialect="tools-only",
        kind="gateway",
        key_header={"name": "API-Key", "prefix": "Key "},
        headers={"X-Team": "search"},
        max_in_flight=3,
    ).provider
    assert (provider.name, provider.preset, provider.kind) == ("mine", "openai", Kind.GATEWAY)
    assert (provider.dialects, provider.key_header) == (("tools-only",), ("api-key", "Key "))
    assert {name: value.get_secret_value() for name, value in provider.headers.items()} == {"x-team": "search"}
    assert provider.max_in_flight == 3


def test_a_preset_whose_dialect_is_not_built(tmp_path: Path) -> None:
    to = resolver(tmp_path, {"ANTHROPIC_API_KEY": "sk-1"})
    assert to.resolve("anthropic", ProviderEntry()) is None
    assert [trouble.what for trouble in to.troubles] == ["the preset anthropic needs the dialect anthropic-messages"]


PLAIN_HTTP = {
    "public with a key": ({"base_url": "http://h.example/v1", "api_key": "sk-1"}, False),
    "public with a header": ({"base_url": "http://h.example/v1", "headers": {"X-Key": "k"}}, False),
    "public and allowed": ({"base_url": "http://h.example/v1", "api_key": "sk-1", "allow_plaintext": True}, True),
    "public without a key": ({"base_url": "http://h.example/v1"}, True),
    "private with a key": ({"base_url": "http://vllm:8000/v1", "api_key": "sk-1"}, True),
    "encrypted": ({"base_url": "https://h.example/v1", "api_key": "sk-1"}, True),
}


@pytest.mark.parametrize(("entry", "fine"), [pytest.param(*row, id=name) for name, row in PLAIN_HTTP.items()])
def test_keys_over_plain_http(tmp_path: Path, entry: dict[str, Any], fine: bool) -> None:
    to = resolver(tmp_path)
    made = to.resolve("mine", ProviderEntry.model_validate({"preset": "vllm", **entry}, context=known()))
    assert (made is not None) == fine
    assert [trouble.loc for trouble in to.troubles] == ([] if fine else [("providers", "mine", "base_url")])


def test_files_are_looked_at(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).touch()
    provider = resolved(
        resolver(tmp_path), "openai", ca_file="ca.pem", client_cert="cert.pem", client_key="key.pem"
    ).provider
    assert (provider.ca_file, provider.client_cert) == (tmp_path / "ca.pem", tmp_path / "cert.pem")
    assert provider.client_key == tmp_path / "key.pem"


@pytest.mark.parametrize(
    ("name", "entry", "most"),
    [
        pytest.param("openai", {}, 16, id="a vendor"),
        pytest.param("ollama", {}, 1, id="a machine of one's own: its models answer one after the other"),
        pytest.param("ollama", {"max_in_flight": 4}, 4, id="as written"),
        pytest.param("openai", {"kind": "self_hosted"}, 1, id="called one's own"),
    ],
)
def test_probes_under_way_at_once(tmp_path: Path, name: str, entry: dict[str, Any], most: int) -> None:
    assert resolved(resolver(tmp_path), name, **entry).provider.max_in_flight == most


@pytest.mark.parametrize(
    ("base_url", "kind", "assumed"),
    [
        ("http://localhost:8000/v1", Kind.SELF_HOSTED, True),
        ("http://127.0.0.1:8080/v1", Kind.SELF_HOSTED, True),
        ("http://[::1]:8080/v1", Kind.SELF_HOSTED, True),
        ("https://10.1.2.3/v1", Kind.SELF_HOSTED, True),
        ("http://192.168.1.9:1234/v1", Kind.SELF_HOSTED, True),
        ("http://vllm.models.svc:8000/v1", Kind.SELF_HOSTED, True),
        ("http://vllm:8000/v1", Kind.SELF_HOSTED, True),
        ("https://api.vendor.example/v1", Kind.DIRECT, False),
        ("https://8.8.8.8/v1", Kind.DIRECT, False),
    ],
)
def test_a_server_nearby_is_taken_for_one_of_the_users_own(
    tmp_path: Path, base_url: str, kind: Kind, assumed: bool
) -> None:
    to = resolver(tmp_path)
    made = resolved(to, "mine", preset="openai-compatible", base_url=base_url).provider
    assert (made.kind, made.kind_assumed) == (kind, assumed)
    assert made.max_in_flight == (1 if assumed else 16)
    assert [notice for notice in to.notices if "counts as self_hosted" in notice] == to.notices
    assert bool(to.notices) is assumed


@pytest.mark.parametrize("kind", list(Kind))
def test_what_the_user_says_of_its_kind_outranks_the_address(tmp_path: Path, kind: Kind) -> None:
    to = resolver(tmp_path)
    made = resolved(to, "mine", preset="openai-compatible", base_url="http://localhost:4000/v1", kind=kind.value)
    assert (made.provider.kind, made.provider.kind_assumed) == (kind, False)
    assert to.notices == []


def test_other_presets_keep_their_kind_nearby(tmp_path: Path) -> None:
    assert resolved(resolver(tmp_path), "litellm").provider.kind is Kind.GATEWAY


@pytest.mark.parametrize("preset", [name for name, preset in PRESETS.items() if preset.base_url])
def test_the_addresses_that_we_know_are_not_suspicious(tmp_path: Path, preset: str) -> None:
    every = KnownNames(probes=PROBES, dialects=DIALECTS, presets=frozenset(PRESETS))
    to = ProviderResolver(every, {key: "key-of-a-vendor" for each in PRESETS.values() for key in each.keys}, tmp_path)
    resolved(to, "mine", preset=preset, base_url=PRESETS[preset].base_url)
    assert to.warnings == []
