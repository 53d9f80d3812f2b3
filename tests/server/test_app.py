"""Each path over a real connection: what it says, and what every answer carries."""

import json

import pytest

from exporter.core.outcome import Reason
from tests.metrics.make import answered, check, failed
from tests.server.running import World, serving

PATHS = ("/", "/api/v1/status", "/api/v1/openapi.json", "/metrics", "/health", "/-/healthy", "/-/ready")


@pytest.mark.parametrize(
    ("path", "status", "content_type"),
    [
        ("/", 200, "text/html"),
        ("/metrics", 200, "text/plain"),
        ("/checks/nobody/nothing/chat", 404, "text/plain"),
        ("/checks/", 404, "text/plain"),
        ("/api/v1/status", 200, "application/json"),
        ("/api/v1/checks/nobody/nothing/chat", 404, "application/json"),
        ("/api/v1/openapi.json", 200, "application/json"),
        ("/health", 200, "application/json"),
        ("/-/healthy", 200, "text/plain"),
        ("/-/ready", 200, "text/plain"),
        ("/favicon.ico", 404, "text/plain"),
        ("/-/reload", 404, "text/plain"),
        ("/metrics/", 404, "text/plain"),
        ("/../etc/passwd", 404, "text/plain"),
        ("/%00", 404, "text/plain"),
    ],
)
async def test_a_path(path: str, status: int, content_type: str) -> None:
    async with serving(World()) as session, session.get(path) as response:
        assert response.status == status
        assert response.content_type == content_type
        assert await response.read()


@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
async def test_every_answer_is_guarded_and_does_not_say_what_serves_it(path: str) -> None:
    async with serving(World()) as session, session.get(path) as response:
        headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "Server" not in headers
    assert not any("aiohttp" in value.lower() or "python" in value.lower() for value in headers.values())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", PATHS)
async def test_nothing_can_be_done_only_read(path: str, method: str) -> None:
    async with serving(World()) as session, session.request(method, path) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize("path", PATHS)
async def test_a_head_request_has_no_body(path: str) -> None:
    async with serving(World()) as session, session.head(path) as response:
        assert response.status == 200
        assert await response.read() == b""


async def test_ready_once_the_first_round_is_scheduled() -> None:
    world = World(ready=False)
    async with serving(world) as session:
        async with session.get("/-/ready") as response:
            assert response.status == 503
            assert "not scheduled yet" in await response.text()
        async with session.get("/-/healthy") as response:
            assert response.status == 200
        world.ready = True
        async with session.get("/-/ready") as response:
            assert response.status == 200


async def test_the_page_shows_the_board_under_its_policy() -> None:
    world = World()
    world.declare(check("gpt-4o-mini"))
    world.ran(check("gpt-4o-mini"), failed(Reason.AUTH))
    plain = {"Accept-Encoding": "identity"}
    async with serving(world) as session, session.get("/", headers=plain) as response:
        html = await response.text()
    assert "gpt-4o-mini" in html
    assert "the key was rejected" in html
    assert "style-src 'sha256-" in response.headers["Content-Security-Policy"]


async def test_health_is_told_as_json() -> None:
    world = World()
    world.declare(check())
    world.ran(check(), answered())
    async with serving(world) as session, session.get("/health") as response:
        told = json.loads(await response.read())
    assert (told["status"], told["counts"]["up"], told["checks"][0]["id"]) == ("up", 1, "openai/gpt-4o/chat")


async def test_health_is_200_whatever_the_vendors_do() -> None:
    world = World()
    world.declare(check())
    world.ran(check(), failed())
    async with serving(world) as session, session.get("/health") as response:
        assert response.status == 200


@pytest.mark.parametrize("path", ["/-/healthy", "/metrics", "/nowhere"])
async def test_a_body_is_refused(path: str) -> None:
    async with serving(World()) as session, session.get(path, data=b"x" * 1_000_000) as response:
        assert response.status == 413
        assert await response.text() == "no path here takes a request body\n"


@pytest.mark.parametrize("path", ["/probe?target=x", "/sd", "/api/v1/checks/acme/model/chat", "/api/v1/status"])
async def test_before_the_first_round_there_is_no_untrue_answer(path: str) -> None:
    """ "There is no such target" would be untrue, and an empty list of targets would empty a Prometheus."""
    async with serving(World(ready=False)) as session, session.get(path) as response:
        assert response.status == 503
        assert "not ready: the first round of checks is not scheduled yet" in await response.text()
        assert response.headers["Retry-After"] == "1"
