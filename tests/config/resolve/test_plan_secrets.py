"""What a plan knows that must never be shown."""

from pathlib import Path

import pytest

from exporter.core.plan import Plan
from exporter.core.redaction import carries_credentials
from tests.config.cases import ENVIRON, load, written


def shown(plan: Plan) -> list[str]:
    return [secret.get_secret_value() for secret in plan.secrets()]


def test_keys_headers_proxies_and_variables(tmp_path: Path) -> None:
    text = """
providers:
  openai: {headers: {X-Org-Token: org-123}, proxy: "http://u:p@proxy.example"}
  relay: {preset: vllm, base_url: "https://relay.example/${RELAY_KEY}"}
"""
    assert set(shown(load(written(tmp_path, text)))) == {
        ENVIRON["OPENAI_API_KEY"],
        ENVIRON["RELAY_KEY"],
        "org-123",
        "u:p",
        "p",
    }


PROXIES = {
    "no account": ("http://127.0.0.1:3128", []),
    "a user alone": ("http://monitor@proxy.example:3128", ["monitor"]),
    "escaped": ("http://u:p%40ss@proxy.example", ["u:p%40ss", "u:p@ss", "p%40ss", "p@ss"]),
    "an @ that is not": ("http://u:p@ss@proxy.example", ["u:p@ss", "p@ss"]),
}


@pytest.mark.parametrize(("proxy", "secrets"), PROXIES.values(), ids=PROXIES)
def test_of_a_proxy_only_its_account(proxy: str, secrets: list[str], tmp_path: Path) -> None:
    """Its address says which proxy failed; masked, it would take parts of every other address with it."""
    text = f"providers: {{openai: {{proxy: '{proxy}'}}}}\n"
    assert shown(load(written(tmp_path, text)))[:-1] == secrets


def test_keys_of_providers_that_are_not_used_are_not_known(tmp_path: Path) -> None:
    assert shown(load(written(tmp_path, "providers: {openai: {}}\n"))) == [ENVIRON["OPENAI_API_KEY"]]


def test_old_and_new_keys_of_a_file(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk-before")
    plan = load(written(tmp_path, "providers: {openai: {api_key: {file: key}}}\n"))
    assert shown(plan) == ["sk-before"]
    key.write_text("sk-afterwards")
    plan.providers[0].credential.reveal()
    assert shown(plan) == ["sk-before", "sk-afterwards"]


def test_a_repr_shows_none() -> None:
    plan = load(None)
    assert [value for value in shown(plan) if value in repr(plan.secrets)] == []


@pytest.mark.parametrize(
    "header",
    [
        "Authorization",
        "Proxy-Authorization",
        "x-api-key",
        "api-key",
        "X-Goog-Api-Key",
        "Ocp-Apim-Subscription-Key",
        "cf-access-client-secret",
        "x-portkey-api-key",
        "X-Auth-Token",
        "Cookie",
        "x-amz-signature",
        "X-Amz-Security-Token",
        "Helicone-Auth",
        "X-Authorization",
        "apikey",
        "x-functions-key",
        "X-User-Password",
    ],
)
def test_headers_that_carry_credentials(header: str) -> None:
    assert carries_credentials(header)


@pytest.mark.parametrize(
    "header",
    [
        "anthropic-beta",
        "anthropic-version",
        "OpenAI-Organization",
        "X-Title",
        "HTTP-Referer",
        "Idempotency-Key",
        "monkey",
        "X-Author",
        "X-Authority-Region",
        "X-Max-Tokens",
        "X-Session-Affinity",
    ],
)
def test_headers_that_carry_none(header: str) -> None:
    """With `anthropic-beta: context-1m-2025-08-07` known as a secret, `gpt-5-2025-08-07` was shown as `gpt-5***`."""
    assert not carries_credentials(header)
