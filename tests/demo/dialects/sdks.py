"""The official SDKs as clients of the simulated vendors: no retries, no proxies, nothing of the environment."""

import ssl

from anthropic import AsyncAnthropic
from google.genai import Client
from google.genai.types import HttpOptions
from httpx2 import AsyncClient
from openai import AsyncOpenAI

from exporter.demo import Vendors
from tests.demo.caller import KEY


def http(vendors: Vendors) -> AsyncClient:
    """The HTTP client that all three SDKs stand on."""
    return AsyncClient(trust_env=False, verify=ssl.create_default_context(cafile=vendors.ca_file))


def openai_client(vendors: Vendors, provider: str = "openai") -> AsyncOpenAI:
    return AsyncOpenAI(base_url=vendors.urls[provider], api_key=KEY, max_retries=0, http_client=http(vendors))


def anthropic_client(vendors: Vendors) -> AsyncAnthropic:
    return AsyncAnthropic(base_url=vendors.urls["anthropic"], api_key=KEY, max_retries=0, http_client=http(vendors))


def gemini_client(vendors: Vendors, client: AsyncClient, version: str) -> Client:
    """The SDK does not close the HTTP client that it is given: whoever made it does."""
    options = HttpOptions(base_url=vendors.urls["gemini"], api_version=version, httpx_async_client=client)
    return Client(api_key=KEY, http_options=options)
