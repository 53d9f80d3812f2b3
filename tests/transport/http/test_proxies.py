"""Which proxy the environment names, and what is asked without one."""

import pytest
from pydantic import SecretStr
from yarl import URL

from exporter.transport.failures import SetupError
from exporter.transport.http.proxies import find_proxy, is_bypassed
from tests.transport.asking import provider

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("url", "no_proxy"),
    [
        ("https://api.openai.com/v1", "*"),
        ("https://api.openai.com/v1", "localhost, api.openai.com"),
        ("https://api.openai.com/v1", "openai.com"),
        ("https://api.openai.com/v1", ".openai.com"),
        ("https://api.openai.com/v1", "*.openai.com"),
        ("https://API.OpenAI.com/v1", "api.openai.COM"),
        ("https://api.openai.com./v1", "openai.com"),
        ("https://api.openai.com/v1", "api.openai.com:443"),
        ("http://vllm.local:8000/v1", "localhost vllm.local:8000"),
        ("http://10.1.2.3:8000/v1", "10.0.0.0/8"),
        ("http://10.1.2.3:8000/v1", "10.1.2.3"),
        ("http://10.1.2.3:8000/v1", "10.1.2.3:8000"),
        ("http://10.1.2.3:8000/v1", "10.0.0.0/8:8000"),
        ("http://10.1.2.3/v1", "10.1.2.9/24"),
        ("http://[fd00::5]:8000/v1", "fd00::/8"),
        ("http://[fd00::5]:8000/v1", "[fd00::5]:8000"),
        ("http://[::1]/v1", "::1"),
        ("http://[::1]/v1", "[::1]"),
    ],
)
def test_what_is_asked_directly(url: str, no_proxy: str) -> None:
    assert is_bypassed(URL(url), no_proxy)


@pytest.mark.parametrize(
    ("url", "no_proxy"),
    [
        ("https://api.openai.com/v1", ""),
        ("https://api.openai.com/v1", " , ,"),
        ("https://api.openai.com/v1", "."),
        ("https://api.openai.com/v1", "notopenai.com"),
        ("https://notopenai.com/v1", "openai.com"),
        ("https://openai.com.evil.example/v1", "openai.com"),
        ("https://api.openai.com/v1", "api.openai.com:8443"),
        ("http://vllm.local:8000/v1", "vllm.local:80"),
        ("http://11.1.2.3:8000/v1", "10.0.0.0/8"),
        ("http://10.1.2.3:8000/v1", "10.0.0.0/8:9000"),
        ("http://10.1.2.3:8000/v1", "10.0.0.0/99"),
        ("http://10.1.2.3:8000/v1", "2.3"),
        ("http://[fd00::5]:8000/v1", "10.0.0.0/8, fe80::/10"),
        ("http://[fd00::5]:8000/v1", "[fd00::5]:8001"),
    ],
)
def test_what_is_not(url: str, no_proxy: str) -> None:
    assert not is_bypassed(URL(url), no_proxy)


@pytest.mark.parametrize(
    ("url", "variables", "found"),
    [
        ("https://a.example", {"HTTPS_PROXY": "http://p.example:3128"}, "http://p.example:3128"),
        ("https://a.example", {"https_proxy": "http://p.example:3128"}, "http://p.example:3128"),
        ("https://a.example", {"HTTPS_PROXY": "p.example:3128"}, "http://p.example:3128"),
        ("https://a.example", {"ALL_PROXY": "socks5://p.example"}, "socks5://p.example"),
        ("http://a.example", {"ALL_PROXY": "socks5h://p.example:1081"}, "socks5h://p.example:1081"),
        (
            "http://a.example",
            {"all_proxy": "http://all.example:1", "http_proxy": "http://p.example:2"},
            "http://p.example:2",
        ),
        ("https://a.example", {"HTTP_PROXY": "http://p.example:3128"}, None),
        ("https://a.example", {"HTTPS_PROXY": ""}, None),
        ("https://a.example", {"ALL_PROXY": "http://p.example:3128", "NO_PROXY": "example"}, None),
        ("https://a.example", {"ALL_PROXY": "http://p.example:3128", "no_proxy": "a.example:443"}, None),
        ("https://a.example", {}, None),
    ],
)
def test_what_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, url: str, variables: dict[str, str], found: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = find_proxy(provider(url, trust_env=True), URL(url))
    assert (None if proxy is None else str(proxy).rstrip("/")) == found
    assert find_proxy(provider(url), URL(url)) is None


def test_the_providers_own_proxy_outranks_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p.example:3128")
    monkeypatch.setenv("NO_PROXY", "*")
    own = provider("https://a.example", trust_env=True, proxy=SecretStr("socks5://own.example"))
    assert str(find_proxy(own, URL("https://a.example"))) == "socks5://own.example"


@pytest.mark.parametrize(
    "address", ["ftp://p.example:21", "http://", "socks4://p.example:1080", "http://p.example:99999"]
)
def test_an_address_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(SetupError) as raised:
        find_proxy(provider("https://a.example", trust_env=True), URL("https://a.example"))
    assert "cannot be used; write it as http://HOST:PORT" in raised.value.failure.detail
