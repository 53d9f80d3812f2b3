"""Polling of status pages: when they are read, who hears of it, and what a reload changes."""

import asyncio
from dataclasses import dataclass

import structlog
from pydantic import SecretStr
from structlog.testing import CapturingLogger

from exporter.status_pages.formats import Indicator
from exporter.status_pages.poll import EVERY, FIRST_WITHIN, Page, StatusPages

WELL, ILL = (f'{{"page": {{}}, "status": {{"indicator": "{word}"}}}}'.encode() for word in ("none", "major"))
A, B = Page("https://a.example/summary.json"), Page("https://b.example/summary.json")


@dataclass(frozen=True)
class Answer:
    body: bytes | None
    trouble: str = ""


class Polled:
    """Pages that are read when the test lets time pass."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {A.url: Answer(WELL), B.url: Answer(ILL)}
        self.got: list[tuple[str, SecretStr | None]] = []
        self.told: list[tuple[str, Indicator | None]] = []
        self.waits: list[float] = []
        self.log = CapturingLogger()
        self._turns: list[asyncio.Event] = []
        self._resting = asyncio.Semaphore(0)
        self.pages = StatusPages(
            self._get,
            lambda provider, word: self.told.append((provider, word)),
            structlog.wrap_logger(self.log, processors=[], wrapper_class=structlog.make_filtering_bound_logger(0)),
            lambda: 0.5,
            self._pause,
        )

    async def _get(self, url: str, proxy: SecretStr | None) -> Answer:
        self.got.append((url, proxy))
        return self.answers[url]

    async def _pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        turn = asyncio.Event()
        self._turns.append(turn)
        self._resting.release()
        await turn.wait()

    async def pass_time(self) -> None:
        """Let every page that waits be read once, up to its next wait."""
        waiting, self._turns = self._turns, []
        for turn in waiting:
            turn.set()
        await self._until_resting(len(waiting))

    async def _until_resting(self, count: int) -> None:
        for _ in range(count):
            await self._resting.acquire()

    async def start(self, **pages: Page) -> None:
        self.pages.configure(pages)
        await self._until_resting(len(set(pages.values())))


async def test_each_page_is_read_and_told() -> None:
    polled = Polled()
    await polled.start(a=A, b=B)
    await polled.pass_time()

    assert sorted(polled.told[2:]) == [("a", Indicator.NONE), ("b", Indicator.MAJOR)]
    await polled.pages.stop()


async def test_pages_are_read_gently() -> None:
    polled = Polled()
    await polled.start(a=A)
    await polled.pass_time()
    await polled.pass_time()

    assert polled.waits == [FIRST_WITHIN / 2, EVERY * 1.5, EVERY * 1.5]
    assert EVERY >= 300
    await polled.pages.stop()


async def test_nothing_is_known_before_the_first_reading() -> None:
    polled = Polled()
    await polled.start(a=A)

    assert polled.told == [("a", None)]
    await polled.pages.stop()


async def test_a_page_of_two_providers_is_read_once() -> None:
    polled = Polled()
    await polled.start(a=A, also_a=A)
    await polled.pass_time()

    assert len(polled.got) == 1
    assert polled.told[2:] == [("a", Indicator.NONE), ("also_a", Indicator.NONE)]
    await polled.pages.stop()


async def test_goes_by_the_provider_s_proxy() -> None:
    polled = Polled()
    proxy = SecretStr("http://proxy.example:3128")
    await polled.start(a=Page(A.url, proxy))
    await polled.pass_time()

    assert polled.got == [(A.url, proxy)]
    await polled.pages.stop()


async def test_a_page_that_cannot_be_read_is_no_word_and_a_quiet_line() -> None:
    polled = Polled()
    await polled.start(a=A)
    await polled.pass_time()
    for answer, why in ((Answer(None, "HTTP 503"), "HTTP 503"), (Answer(b"<html>"), "of no known form")):
        polled.answers[A.url] = answer
        await polled.pass_time()

        assert polled.told[-1] == ("a", None)
        assert polled.log.calls[-1].method_name == "debug"
        assert polled.log.calls[-1].kwargs["why"] == why
    await polled.pages.stop()


async def test_a_reload_keeps_what_is_known_and_drops_what_is_not_asked_any_more() -> None:
    polled = Polled()
    await polled.start(a=A, b=B)
    await polled.pass_time()
    polled.told.clear()
    polled.pages.configure({"a": A, "also_a": A})

    assert polled.told == [("a", Indicator.NONE), ("also_a", Indicator.NONE), ("b", None)]
    polled.got.clear()
    polled._turns = polled._turns[:1]
    await polled.pass_time()
    assert polled.got == [(A.url, None)]
    await polled.pages.stop()


async def test_switched_off_all_words_go() -> None:
    polled = Polled()
    await polled.start(a=A)
    await polled.pass_time()
    polled.pages.configure({})

    assert polled.told[-1] == ("a", None)
    await polled.pages.stop()
    assert len(polled.got) == 1
