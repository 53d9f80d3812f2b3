"""The guard over real connections: who is let in, who may act, and what every answer carries."""

from base64 import b64encode
from dataclasses import dataclass

import bcrypt
import pytest
from aiohttp import encode_basic_auth, web

from exporter.server.access.guard import AccessGuard, read_credentials
from exporter.server.access.passwords import FAILURES
from exporter.server.web_config.web_config import WebConfig
from tests.metrics.make import StoppedClock
from tests.server.running import World, serving

USERS = {b"alice": bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4))}
ALICE = {"Authorization": encode_basic_auth("alice", "open sesame")}
GUESS = {"Authorization": encode_basic_auth("alice", "guess")}
OPEN, GUARDED = WebConfig(), WebConfig(users=USERS)


@dataclass
class Door:
    """A guard, its configuration of now, and what got through to act."""

    config: WebConfig = OPEN
    loopback: bool = True
    enable_actions: bool = False
    read_only: bool = False

    def world(self) -> World:
        access = AccessGuard(
            lambda: self.config,
            StoppedClock(),
            loopback=self.loopback,
            enable_actions=self.enable_actions,
            read_only=self.read_only,
        )

        async def act(request: web.Request) -> web.Response:
            return web.Response(text="done\n")

        async def show(request: web.Request) -> web.Response:
            return web.Response(text=access.explain_withheld(request) or "shown")

        routes = [web.post("/act", access.restrict_action(act)), web.get("/show", show)]
        return World(routes=routes, guard=access.protect)


@pytest.mark.parametrize("path", ["/", "/metrics", "/health", "/-/healthy", "/-/ready", "/api/v1/status", "/nowhere"])
async def test_a_password_stands_before_every_path(path: str) -> None:
    async with serving(Door(GUARDED).world()) as session:
        async with session.get(path) as response:
            assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Basic")
            assert await response.text() == "Unauthorized\n"
            assert response.headers["X-Frame-Options"] == "DENY"
        async with session.get(path, headers=ALICE) as response:
            assert response.status == (404 if path == "/nowhere" else 200)


async def test_who_guesses_on_is_told_to_wait() -> None:
    async with serving(Door(GUARDED).world()) as session:
        for _ in range(FAILURES):
            async with session.get("/metrics", headers=GUESS) as response:
                assert response.status == 401
        async with session.get("/metrics", headers=GUESS) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "5")
        # Nobody who shows no password is punished for it.
        async with session.get("/metrics") as response:
            assert response.status == 401


@pytest.mark.parametrize(
    ("door", "status"),
    [
        pytest.param(Door(), 200, id="loopback"),
        pytest.param(Door(loopback=False), 403, id="everybody can reach it"),
        pytest.param(Door(loopback=False, enable_actions=True), 200, id="actions are enabled"),
        pytest.param(Door(GUARDED, loopback=False), 200, id="a password"),
        pytest.param(Door(read_only=True), 403, id="read-only on loopback"),
        pytest.param(Door(GUARDED, read_only=True), 403, id="read-only with a password"),
        pytest.param(Door(enable_actions=True, read_only=True), 403, id="read-only wins"),
    ],
)
async def test_who_may_act(door: Door, status: int) -> None:
    async with serving(door.world()) as session, session.post("/act", headers=ALICE) as response:
        assert response.status == status
        assert (await response.text()).count("\n") == 1


@pytest.mark.parametrize(
    ("door", "shown"),
    [
        pytest.param(Door(), True, id="loopback"),
        pytest.param(Door(read_only=True), True, id="read-only shows"),
        pytest.param(Door(loopback=False), False, id="everybody can reach it"),
        pytest.param(Door(GUARDED, loopback=False), True, id="a password"),
    ],
)
async def test_who_may_be_shown_an_exchange(door: Door, *, shown: bool) -> None:
    async with serving(door.world()) as session, session.get("/show", headers=ALICE) as response:
        assert (await response.text() == "shown") is shown


@pytest.mark.parametrize(
    "door", [Door(), Door(GUARDED), Door(loopback=False, enable_actions=True)], ids=["loopback", "password", "enabled"]
)
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}],
    ids=str,
)
async def test_another_sites_page_may_not_act_for_its_reader(door: Door, headers: dict[str, str]) -> None:
    """Not even with the reader's password, which a browser sends along."""
    async with serving(door.world()) as session, session.post("/act", headers=ALICE | headers) as response:
        assert response.status == 403
        assert await response.text() == "another site's page may not do this\n"


async def test_a_name_that_was_pointed_at_loopback_may_not_act() -> None:
    headers = {
        "Host": "rebound.example:10115",
        "Sec-Fetch-Site": "same-origin",
        "Origin": "http://rebound.example:10115",
    }
    async with serving(Door().world()) as session:
        async with session.post("/act", headers=headers) as response:
            assert response.status == 403
            assert "Host" in await response.text()
        async with session.get("/metrics", headers=headers) as response:
            assert response.status == 200


async def test_behind_a_proxy_the_name_is_the_proxys_and_a_password_is_enough() -> None:
    headers = {"Host": "monitoring.example"}
    async with serving(Door(GUARDED).world()) as session, session.post("/act", headers=ALICE | headers) as response:
        assert response.status == 200


async def test_the_rate_limit_is_over_all_requests() -> None:
    async with serving(Door(WebConfig(every=60.0, burst=2)).world()) as session:
        seen = []
        for path in ("/metrics", "/nowhere", "/-/healthy"):
            async with session.get(path) as response:
                seen.append(response.status)
    assert seen == [200, 404, 429]


async def test_headers_of_the_file_outrank_ours() -> None:
    wanted = {"X-Frame-Options": "sameorigin", "Strict-Transport-Security": "max-age=3600"}
    async with serving(Door(WebConfig(headers=wanted)).world()) as session, session.get("/metrics") as response:
        assert {name: response.headers[name] for name in wanted} == wanted
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_the_file_says_now_is_what_counts() -> None:
    door = Door()
    async with serving(door.world()) as session:
        async with session.get("/metrics") as response:
            assert response.status == 200
        door.config = GUARDED
        async with session.get("/metrics") as response:
            assert response.status == 401


@pytest.mark.parametrize(
    ("header", "found"),
    [
        pytest.param("Basic " + b64encode(b"alice:a:b").decode(), (b"alice", b"a:b"), id="the first colon parts"),
        pytest.param("bAsIc " + b64encode(b":").decode(), (b"", b""), id="empty, in any case"),
        pytest.param("Basic " + b64encode("ä:ö".encode()).decode(), ("ä".encode(), "ö".encode()), id="UTF-8"),
        pytest.param("Basic " + b64encode(b"alice").decode(), None, id="no colon"),
        pytest.param("Basic", None, id="nothing"),
        pytest.param("Basic YWxpY2U6", (b"alice", b""), id="no password"),
        pytest.param("Basic YWxpY2U6!", None, id="no base64"),
        pytest.param("Basic é", None, id="no ASCII"),
        pytest.param("Bearer YWxpY2U6", None, id="another scheme"),
        pytest.param("Basic " + "A" * 2000, None, id="too long"),
        pytest.param("", None, id="none"),
    ],
)
def test_credentials(header: str, found: tuple[bytes, bytes] | None) -> None:
    assert read_credentials(header) == found
