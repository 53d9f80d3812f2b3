"""One simulated vendor: a real HTTP server on loopback that answers at a believable pace, or plays its trouble."""

import random
import ssl
from dataclasses import replace

from aiohttp import web

from exporter.core.clock import Clock
from exporter.demo.answer import Answer, Question, compose_answer
from exporter.demo.catalog import MODELS, Offer
from exporter.demo.delivery import Sleep, Turn, deliver, draw_pace
from exporter.demo.dialects import SERVER_DIALECTS
from exporter.demo.dialects.base import JSON, Call, Ready, Refusal, RefusedError, Shelf
from exporter.demo.headroom import LOW, Allowances, Headroom
from exporter.demo.script import Play, Trouble

KEY = "demo-key-not-secret"
"""The only key that simulated vendors accept."""
HOST = "127.0.0.1"
RETIRES_AFTER = 20 * 86_400
"""Seconds from the start to the retirement of a model near its end."""

_GRACE = 0.2
_ANSWERED_BY_ERROR = (
    Trouble.KEY_REJECTED,
    Trouble.QUOTA_EXHAUSTED,
    Trouble.RATE_LIMITED,
    Trouble.OVERLOADED,
)
_OUTAGE = Refusal(
    status=502,
    body=b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n",
    headers={"server": "nginx"},
    content_type="text/html",
)


class Vendor:
    """Serves one offer. `sleep` is how it waits between tokens; with `tls` it speaks https."""

    def __init__(
        self, offer: Offer, play: Play, clock: Clock, *, seed: int, sleep: Sleep, tls: ssl.SSLContext | None
    ) -> None:
        self._offer = offer
        self._dialect = SERVER_DIALECTS[offer.dialect]
        self._play = play
        self._clock = clock
        self._sleep = sleep
        self._tls = tls
        self._began = clock.wall()
        self._serial = random.Random(f"{seed}/{offer.name}")  # noqa: S311 (ids and waits of a simulation)
        self._chances = {name: random.Random(f"{seed}/{offer.name}/{name}") for name in offer.models}  # noqa: S311
        self._allowances = {name: Allowances(clock) for name in offer.models}
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=_GRACE)

    async def start(self) -> None:
        """Listen on a free port of the loopback interface."""
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0, ssl_context=self._tls).start()

    async def stop(self) -> None:
        """Stop listening; what is under way is cut off after a moment."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens, without a path; only after `start`."""
        port = self._runner.addresses[0][1]
        return f"{'https' if self._tls else 'http'}://{HOST}:{port}"

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        call = await self._read_call(request)
        try:
            asked = self._admit_call(call)
            if isinstance(asked, Ready):
                return web.Response(body=asked.body, content_type=JSON, headers=self._dialect.make_headers(call, None))
            return await deliver(request, self._draw_turn(asked, call), self._dialect, self._sleep)
        except RefusedError as error:
            return _make_refusal(error.refusal)

    async def _read_call(self, request: web.BaseRequest) -> Call:
        return Call(
            method=request.method,
            path=request.rel_url.path,
            query=dict(request.rel_url.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            request_id=f"req_{self._serial.getrandbits(96):024x}",
            at=self._clock.wall(),
        )

    def _admit_call(self, call: Call) -> Question | Ready:
        """Read the question, once the vendor is up and the key accepted. Raises RefusedError."""
        troubles = self._play.troubles_of(self._offer.name)
        if Trouble.OUTAGE in troubles:
            raise RefusedError(_OUTAGE)
        if Trouble.KEY_REJECTED in troubles or self._dialect.read_key(call) != KEY:
            raise RefusedError(self._add_headers(self._dialect.refuse(Trouble.KEY_REJECTED, "", call), call))
        try:
            return self._dialect.read_call(call, self._make_shelf())
        except RefusedError as error:
            raise RefusedError(self._add_headers(error.refusal, call)) from None

    def _make_shelf(self) -> Shelf:
        troubles = {name: self._play.troubles_of(self._offer.name, name) for name in self._offer.models}
        return Shelf(
            models=tuple(MODELS[name] for name, on in troubles.items() if Trouble.MODEL_MISSING not in on),
            embeds=self._offer.embeds,
            retires={
                name: self._began + RETIRES_AFTER for name, on in troubles.items() if Trouble.RETIREMENT_NEAR in on
            },
        )

    def _draw_turn(self, question: Question, call: Call) -> Turn:
        """Draw the answer and its pace. All chance is drawn here, before any wait, so the order of arrival decides it.

        Raises RefusedError in the troubles that are answered by an error.
        """
        model = question.model
        on = self._play.troubles_of(self._offer.name, model.name)
        self._check_trouble(on, model.name, call)
        chance = self._chances[model.name]
        answer = compose_answer(question, chance, created=int(call.at), wrong=Trouble.CANARY_WRONG in on)
        if Trouble.WRONG_MODEL in on:
            answer = replace(answer, served=model.stand_in)
        sluggish = Trouble.SLOW_FIRST_TOKEN in on
        return Turn(
            question=question,
            answer=answer,
            pace=draw_pace(model, answer.output_tokens, self._offer.delay, chance, sluggish=sluggish),
            headers=self._dialect.make_headers(call, self._take_headroom(model.name, on, answer)),
            cut=Trouble.STREAM_CUT in on,
        )

    def _check_trouble(self, on: frozenset[Trouble], model: str, call: Call) -> None:
        if Trouble.OUTAGE in on:
            raise RefusedError(_OUTAGE)
        for trouble in _ANSWERED_BY_ERROR:
            if trouble in on:
                spent = self._allowances[model].peek(0) if trouble is Trouble.RATE_LIMITED else None
                raise RefusedError(self._add_headers(self._dialect.refuse(trouble, model, call), call, spent))

    def _add_headers(self, refusal: Refusal, call: Call, headroom: Headroom | None = None) -> Refusal:
        """Return the refusal with the headers that this vendor puts on every answer."""
        told = headroom if self._offer.tells_headroom else None
        return replace(refusal, headers={**self._dialect.make_headers(call, told), **refusal.headers})

    def _take_headroom(self, model: str, on: frozenset[Trouble], answer: Answer) -> Headroom | None:
        if not self._offer.tells_headroom:
            return None
        taken = self._allowances[model].take(answer.prompt_tokens, answer.output_tokens)
        return self._allowances[model].peek(LOW) if Trouble.LOW_HEADROOM in on else taken


def _make_refusal(refusal: Refusal) -> web.Response:
    return web.Response(
        status=refusal.status, body=refusal.body, content_type=refusal.content_type, headers=refusal.headers
    )
