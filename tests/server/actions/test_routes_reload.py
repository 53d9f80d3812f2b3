"""`POST /-/reload` over a real connection: what it answers."""

import pytest
from aiohttp import web

from exporter.config.reload import ReloadResult
from exporter.server.actions.routes import ReloadAction
from tests.server.running import World, serving


def answering(reloaded: ReloadResult, asked: list[str]) -> World:
    async def reload(asked_by: str) -> ReloadResult:
        asked.append(asked_by)
        return reloaded

    return World(routes=[web.post("/-/reload", ReloadAction(reload).answer)])


@pytest.mark.parametrize(
    ("problems", "notices", "status", "text"),
    [
        pytest.param((), (), 200, "configuration reloaded: 7 checks\n", id="good"),
        pytest.param((), ("the buckets need a restart",), 200, "7 checks\nthe buckets need a restart\n", id="notices"),
        pytest.param(("a: b", "c: d"), (), 500, "the one before stays in use:\na: b\nc: d\n", id="bad"),
    ],
)
async def test_the_answer_tells_what_came_of_it(
    problems: tuple[str, ...], notices: tuple[str, ...], status: int, text: str
) -> None:
    asked: list[str] = []
    reloaded = ReloadResult(at=0, source="a", asked_by="HTTP", checks=7, problems=problems, notices=notices)
    async with serving(answering(reloaded, asked)) as session, session.post("/-/reload") as response:
        assert (response.status, response.content_type) == (status, "text/plain")
        assert (await response.text()).endswith(text)
    assert asked == ["HTTP"]
