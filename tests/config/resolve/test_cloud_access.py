"""Clouds: addresses of regions and projects, signatures and tokens in place of a key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exporter.config.load import load_plan
from exporter.config.resolve.cloud_access import is_installed, make_google_host
from exporter.core.errors import ConfigError
from exporter.core.target import GoogleAuth, Provider, SigV4Auth
from exporter.dialects import DIALECTS
from tests.config.cases import SOME_PROBES, written

BEARER = {"AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-0123"}
VERTEX = "https://europe-west4-aiplatform.googleapis.com"
EUROPE = "https://bedrock-runtime.eu-central-1.amazonaws.com"


def provider(folder: Path, entry: str, environ: Mapping[str, str]) -> Provider:
    """The one provider of a configuration."""
    path = written(folder, f"providers:\n  {entry}\n")
    [found] = load_plan(path, environ, SOME_PROBES, DIALECTS, free_only=False).providers
    return found


ACCESS: dict[str, tuple[str, Mapping[str, str], str, Any]] = {
    "bedrock, signed": ("bedrock: {region: eu-central-1}", {}, EUROPE, SigV4Auth(region="eu-central-1")),
    "bedrock, the region of the environment": (
        "bedrock: {}",
        {"AWS_DEFAULT_REGION": "eu-central-1"},
        EUROPE,
        SigV4Auth(region="eu-central-1"),
    ),
    "bedrock, a key": ("bedrock: {region: eu-central-1}", BEARER, EUROPE, None),
    "bedrock, signed though there is a key": (
        "bedrock: {region: eu-central-1, auth: {type: sigv4, profile: prober}}",
        BEARER,
        EUROPE,
        SigV4Auth(region="eu-central-1", profile="prober"),
    ),
    "bedrock, the region of the address": (
        f"bedrock: {{base_url: '{EUROPE}'}}",
        {"AWS_REGION": "us-east-1"},
        EUROPE,
        SigV4Auth(region="eu-central-1"),
    ),
    "bedrock, an address of one's own": (
        "bedrock: {base_url: 'https://vpce-1.example', region: us-east-1}",
        {},
        "https://vpce-1.example",
        SigV4Auth(region="us-east-1"),
    ),
    "vertex": (
        "vertex: {project: my-project, region: europe-west4}",
        {},
        f"{VERTEX}/v1beta1/projects/my-project/locations/europe-west4/publishers/google",
        GoogleAuth(),
    ),
    "vertex, everything from the environment": (
        "vertex: {}",
        {"GOOGLE_CLOUD_PROJECT": "my-project"},
        "https://aiplatform.googleapis.com/v1beta1/projects/my-project/locations/global/publishers/google",
        GoogleAuth(),
    ),
    "vertex, without a project by a key": (
        "vertex: {base_url: 'https://aiplatform.googleapis.com/v1/publishers/google', api_key: {env: VERTEX_KEY}}",
        {"VERTEX_KEY": "AQ.vertex-key-0123"},
        "https://aiplatform.googleapis.com/v1/publishers/google",
        None,
    ),
    "azure, deployments": (
        "azure-openai: {base_url: 'https://mine.openai.azure.com'}",
        {"AZURE_OPENAI_API_KEY": "azure-key-0123"},
        "https://mine.openai.azure.com/openai",
        None,
    ),
    "azure, by a variable": (
        "azure-openai-v1: {}",
        {"AZURE_OPENAI_API_KEY": "azure-key-0123", "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/"},
        "https://mine.openai.azure.com/openai/v1",
        None,
    ),
    "azure, behind a gateway with a path of its own": (
        "azure-openai: {base_url: 'https://mine.azure-api.net/llm/openai'}",
        {"AZURE_OPENAI_API_KEY": "azure-key-0123"},
        "https://mine.azure-api.net/llm/openai",
        None,
    ),
}


@pytest.mark.parametrize(
    ("entry", "environ", "base_url", "auth"), [pytest.param(*row, id=name) for name, row in ACCESS.items()]
)
def test_access(tmp_path: Path, entry: str, environ: Mapping[str, str], base_url: str, auth: Any) -> None:
    found = provider(tmp_path, entry, environ)
    assert (found.base_url, found.auth) == (base_url, auth)
    assert (found.credential.reveal() is None) == (auth is not None)


def test_a_key_file_of_google_lies_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text("{}")
    entry = "vertex: {project: my-project, auth: {type: google, file: account.json}}"
    assert provider(tmp_path, entry, {}).auth == GoogleAuth(file=tmp_path / "account.json")


def test_the_vendors_status_page_is_that_of_its_own_address(tmp_path: Path) -> None:
    assert provider(tmp_path, "vertex: {project: my-project}", {}).status_page is not None
    elsewhere = "vertex: {base_url: 'https://relay.example/publishers/google'}"
    assert provider(tmp_path, elsewhere, {}).status_page is None


def test_one_thing_that_is_missing_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        provider(tmp_path, "bedrock: {}", {})
    assert len(told.value.problems) == 1


def test_azure_takes_its_key_in_a_header_of_its_own(tmp_path: Path) -> None:
    entry = "azure-openai: {base_url: 'https://mine.openai.azure.com', api_key: {env: KEY}}"
    assert provider(tmp_path, entry, {"KEY": "azure-key-0123"}).key_header == ("api-key", "")


WRONG: dict[str, tuple[str, str]] = {
    "no region": ("bedrock: {}", "the preset bedrock needs a region; add region, or set AWS_REGION or AWS_DEFAULT_R"),
    "no project": ("vertex: {}", "the preset vertex needs a project; add project, or set GOOGLE_CLOUD_PROJECT"),
    "a key and a signature": (
        "bedrock: {region: r-1, api_key: {env: KEY}, auth: {type: sigv4}}",
        "both `api_key` and `auth` are written; keep one of them",
    ),
    "a file for AWS": (
        "bedrock: {region: r-1, auth: {type: sigv4, file: f}}",
        "AWS credentials are not read from a file of their own; name a `profile`",
    ),
    "a profile for Google": (
        "vertex: {project: p, auth: {type: google, profile: p}}",
        "Google knows no profiles; name the `file` of a service account's key",
    ),
    "a file that is not there": (
        "vertex: {project: p, auth: {type: google, file: missing.json}}",
        "cannot be read (No such file or directory)",
    ),
    "a signature for nowhere": (
        "bedrock: {base_url: 'https://vpce-1.example'}",
        "a signature is for one region, and none is known; add region",
    ),
    "a signature over plain http": (
        "bedrock: {base_url: 'http://bedrock-runtime.eu-central-1.example'}",
        "a key would travel unencrypted",
    ),
    "another type": ("bedrock: {region: r-1, auth: {type: oauth}}", "auth.type"),
}


@pytest.mark.parametrize(("entry", "said"), [pytest.param(*row, id=name) for name, row in WRONG.items()])
def test_what_cannot_be(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        provider(tmp_path, entry, {"KEY": "key-0123456"})
    assert said in str(told.value)


def test_a_region_out_of_the_environment_changes_no_host(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        provider(tmp_path, "bedrock: {}", {"AWS_REGION": "evil.example/#"})
    assert "no region is called 'evil.example/#'" in str(told.value)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
    ],
)
def test_hosts_of_vertex(region: str, host: str) -> None:
    assert make_google_host(region) == host


def test_a_library_that_is_not_there() -> None:
    assert is_installed("google.auth")
    assert not is_installed("google.no_such_part")
    assert not is_installed("no_such_library.part")
