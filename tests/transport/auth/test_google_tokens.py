"""Google's tokens: fetched from a token server with the key of a service account, kept until they expire."""

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from exporter.core.outcome import Fault, Reason
from exporter.core.target import Deadlines, GoogleAuth
from exporter.transport import HttpTransport
from exporter.transport.auth.google_tokens import GoogleTokens
from exporter.transport.failures import SetupError
from tests.fakes.script import Gate, Hang, Received, Script, Tell, reply, stream
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD, Key, ask, provider

ACCOUNT = "prober@project.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture
def key_file(tmp_path: Path, private_key: str) -> Path:
    """The key file of a service account whose token server is yet to be said (see `at`)."""
    path = tmp_path / "account.json"
    known = {"type": "service_account", "client_email": ACCOUNT, "private_key_id": "1", "private_key": private_key}
    path.write_text(json.dumps(known))
    return path


def at(server: str, key_file: Path) -> GoogleAuth:
    known = json.loads(key_file.read_text())
    key_file.write_text(json.dumps({**known, "token_uri": f"{server}/token"}))
    return GoogleAuth(file=key_file)


def token(value: str, seconds: int = 3600) -> Script:
    told = {"access_token": value, "expires_in": seconds, "token_type": "Bearer"}
    return reply(json.dumps(told).encode())


async def bearer(tokens: GoogleTokens) -> str:
    added = await tokens.sign_headers("POST", "https://vendor.example/", {}, b"{}")
    return added["authorization"]


async def test_a_token_is_fetched_once_and_kept(key_file: Path) -> None:
    async with FakeServer(token("ya29.first-token")) as server:
        tokens = GoogleTokens(at(server.url, key_file))
        assert await asyncio.gather(*(bearer(tokens) for _ in range(3))) == ["Bearer ya29.first-token"] * 3
    [request] = server.requests
    assert request.path == "/token"
    assert parse_qs(request.body.decode())["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert [each.get_secret_value() for each in tokens.list_secrets()] == ["ya29.first-token"]


async def test_a_token_that_ends_soon_is_renewed(key_file: Path) -> None:
    answers = iter([token("ya29.first-token", seconds=1), token("ya29.second-token")])
    async with FakeServer(lambda _: next(answers)) as server:
        tokens = GoogleTokens(at(server.url, key_file))
        assert [await bearer(tokens) for _ in range(3)] == [
            "Bearer ya29.first-token",
            "Bearer ya29.second-token",
            "Bearer ya29.second-token",
        ]
    assert [each.get_secret_value() for each in tokens.list_secrets()] == ["ya29.first-token", "ya29.second-token"]


async def test_an_account_that_is_refused_may_be_taken_later(key_file: Path) -> None:
    said = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    answers = iter([reply(json.dumps(said).encode(), 400), token("ya29.first-token")])
    async with FakeServer(lambda _: next(answers)) as server:
        tokens = GoogleTokens(at(server.url, key_file))
        with pytest.raises(SetupError, match="Google gives no token: invalid_grant: Invalid JWT Signature") as told:
            await bearer(tokens)
        assert (told.value.failure.reason, told.value.failure.fault) == (Reason.AUTH, Fault.US)
        assert await bearer(tokens) == "Bearer ya29.first-token"


async def test_a_token_server_that_is_not_there(key_file: Path) -> None:
    async with FakeServer() as server:
        gone = server.url
    with pytest.raises(SetupError, match="token server cannot be reached") as told:
        await bearer(GoogleTokens(at(gone, key_file)))
    assert (told.value.failure.reason, told.value.failure.fault) == (Reason.CONNECT, Fault.NETWORK)


@pytest.mark.parametrize("text", ["{}", "not JSON", '{"type": "service_account"}'])
async def test_a_file_that_is_no_key(tmp_path: Path, text: str) -> None:
    path = tmp_path / "account.json"
    path.write_text(text)
    with pytest.raises(SetupError, match="cannot be used") as told:
        await bearer(GoogleTokens(GoogleAuth(file=path)))
    assert told.value.failure.reason is Reason.AUTH


async def test_as_googles_own_tools_find_it(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeServer(token("ya29.first-token")) as server:
        at(server.url, key_file)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file))
        assert await bearer(GoogleTokens(GoogleAuth())) == "Bearer ya29.first-token"


async def test_nobody_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(SetupError, match="no Google credentials") as told:
        await bearer(GoogleTokens(GoogleAuth()))
    assert told.value.failure.reason is Reason.AUTH


async def test_requests_carry_the_token(transport: HttpTransport, key_file: Path) -> None:
    def answers(request: Received) -> Script:
        return token("ya29.first-token") if request.path == "/token" else stream(*GOOD)

    async with FakeServer(answers) as server:
        asked = provider(server.url, credential=Key(None), auth=at(server.url, key_file))
        seen = [await ask(transport, asked) for _ in range(2)]
    assert [each.failure for each in seen] == [None, None]
    assert [each.path for each in server.requests] == ["/token", "/chat/completions", "/chat/completions"]
    assert {each.headers["authorization"] for each in server.requests[1:]} == {"Bearer ya29.first-token"}
    assert [each.get_secret_value() for each in transport.list_secrets()] == ["ya29.first-token"]


async def test_a_token_server_that_says_nothing(transport: HttpTransport, key_file: Path) -> None:
    """It may take as long as connecting may, and no longer."""
    async with FakeServer(greeting=[Hang()]) as server:
        asked = provider(server.url, credential=Key(None), auth=at(server.url, key_file))
        seen = await ask(transport, asked, deadlines=Deadlines(connect=0.2, first_token=20, total=20))
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed) == (Reason.TIMEOUT_CONNECT, Fault.NETWORK)
    assert seen.failure.detail == "no signature or token within 0.2 s"


async def test_whoever_gives_up_on_the_token_server_leaves_no_thread_of_its_own_behind(key_file: Path) -> None:
    """The loop's threads are few: a dead token server must not take one with each request."""
    asked, told = asyncio.Event(), asyncio.Event()
    async with FakeServer([Tell(asked), Gate(told), *token("ya29.first-token")]) as server:
        tokens = GoogleTokens(at(server.url, key_file))
        for _ in range(3):
            gone = asyncio.create_task(bearer(tokens))
            await asked.wait()
            gone.cancel()
            await asyncio.wait([gone])
        last = asyncio.create_task(bearer(tokens))
        await asyncio.sleep(0)
        told.set()
        assert await last == "Bearer ya29.first-token"
    assert len(server.requests) == 1
