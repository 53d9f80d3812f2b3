"""AWS signatures: recomputed by a server from what it received, as AWS does."""

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from exporter.core.ask import ListModels
from exporter.core.exchange import Request
from exporter.core.outcome import Fault, Reason
from exporter.core.target import SigV4Auth, Target
from exporter.transport import HttpTransport
from exporter.transport.auth.signatures import Signatures
from exporter.transport.failures import SetupError
from tests.fakes.script import Received, Script, reply
from tests.fakes.server import FakeServer
from tests.transport.asking import DIALECT, LIMITS, Key, provider

REGION = "eu-central-1"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials of this machine: none in variables, files or its role."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(request: Received) -> str:
    """What AWS makes of the request it received (documentation of Signature Version 4)."""
    authorization = request.headers["authorization"]
    names = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    path, _, query = request.path.partition("?")
    canonical = "\n".join(
        (
            request.method,
            quote(path, safe="/~"),
            "&".join(sorted(query.split("&"))),
            *(f"{name}:{request.headers[name]}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    date = request.headers["x-amz-date"]
    scope = f"{date[:8]}/{REGION}/bedrock/aws4_request"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = digest(key, part)
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return digest(key, text).hex()


def checked(request: Received) -> Script:
    """A server that answers only what is signed rightly."""
    given = request.headers.get("authorization", "").partition("Signature=")[2]
    return reply(b"{}", 200 if given and given == signature(request) else 403)


def target(url: str, auth: SigV4Auth | None = None) -> Target:
    at = provider(url, credential=Key(None), auth=auth or SigV4Auth(region=REGION))
    return Target(provider=at, model="m", dialect=DIALECT.name)


REQUESTS = {
    "a name with a colon": Request(
        method="POST",
        path="/model/us.anthropic.claude-v1%3A0/converse",
        headers={"content-type": "application/json", "accept": "application/json"},
        body=b'{"messages":[]}',
    ),
    "a name with a slash": Request(method="POST", path="/model/arn%3Aaws%3Aa%2Fb/converse", body=b"{}"),
    "a query": Request(method="GET", path="/inference-profiles?maxResults=1000&nextToken=a%2Fb%3D"),
}


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
async def test_the_server_makes_the_same_signature(transport: HttpTransport, request_: Request) -> None:
    async with FakeServer(checked) as server:
        seen = await transport.exchange(request_, DIALECT, ListModels(), target(server.url), LIMITS)
    assert seen.status == 200
    authorization = server.requests[0].headers["authorization"]
    assert authorization.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert f"/{REGION}/bedrock/aws4_request, SignedHeaders=" in authorization


@pytest.mark.usefixtures("somebody")
async def test_another_region_is_another_signature(transport: HttpTransport) -> None:
    """The server of these tests can refuse."""
    async with FakeServer(checked) as server:
        at = target(server.url, SigV4Auth(region="us-east-1"))
        seen = await transport.exchange(REQUESTS["a query"], DIALECT, ListModels(), at, LIMITS)
    assert seen.status == 403


async def signed(auth: SigV4Auth) -> tuple[Signatures, Mapping[str, str]]:
    signatures = Signatures(auth)
    headers = {"content-type": "application/json", "x-own": "1"}
    return signatures, await signatures.sign_headers("POST", "https://vendor.example/a%3Ab", headers, b"{}")


@pytest.mark.usefixtures("somebody")
async def test_a_session_is_told_and_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLE")
    signatures, added = await signed(SigV4Auth(region=REGION))
    assert set(added) == {"authorization", "x-amz-date", "x-amz-security-token"}
    assert added["x-amz-security-token"] == "IQoJb3JpZ2luX2VjEXAMPLE"
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token" in added["authorization"]
    assert {each.get_secret_value() for each in signatures.list_secrets()} == {SECRET, "IQoJb3JpZ2luX2VjEXAMPLE"}


async def test_a_profile_of_the_shared_files(tmp_path: Path) -> None:
    text = "[prober]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = other-secret-key\n"
    (tmp_path / "credentials").write_text(text)
    signatures, added = await signed(SigV4Auth(region=REGION, profile="prober"))
    assert "Credential=AKIDPROFILE/" in added["authorization"]
    assert [each.get_secret_value() for each in signatures.list_secrets()] == ["other-secret-key"]


async def test_nobody_to_sign_as() -> None:
    with pytest.raises(SetupError, match="no AWS credentials: set AWS_ACCESS_KEY_ID") as told:
        await signed(SigV4Auth(region=REGION))
    assert told.value.failure.reason is Reason.AUTH
    assert told.value.failure.fault is Fault.US


async def test_a_profile_that_is_not_there() -> None:
    with pytest.raises(SetupError, match=r"AWS credentials cannot be had: .*\(nowhere\)"):
        await signed(SigV4Auth(region=REGION, profile="nowhere"))


async def test_credentials_that_come_later_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    signatures = Signatures(SigV4Auth(region=REGION))
    with pytest.raises(SetupError):
        await signatures.sign_headers("GET", "https://vendor.example/", {}, None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDLATER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "later-secret-key")
    added = await signatures.sign_headers("GET", "https://vendor.example/", {}, None)
    assert "Credential=AKIDLATER/" in added["authorization"]


async def test_without_anybody_nothing_is_sent(transport: HttpTransport) -> None:
    async with FakeServer(checked) as server:
        seen = await transport.exchange(REQUESTS["a query"], DIALECT, ListModels(), target(server.url), LIMITS)
    assert seen.failure is not None
    assert (seen.failure.reason, seen.status, server.requests) == (Reason.AUTH, None, [])


@pytest.mark.usefixtures("somebody")
async def test_the_transport_tells_what_must_be_masked(transport: HttpTransport) -> None:
    async with FakeServer(checked) as server:
        await transport.exchange(REQUESTS["a query"], DIALECT, ListModels(), target(server.url), LIMITS)
    assert [each.get_secret_value() for each in transport.list_secrets()] == [SECRET]
