"""The runner takes secrets out of an outcome before anybody sees it, and makes vendors' texts fit to be shown."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.outcome import Failure, Limit, ListedModel, Reason
from exporter.redact import MASK
from exporter.runner import LONGEST, READ
from exporter.wire import Headroom, Listed, ServedBy
from tests.probes.running import KEY, Parts, always, chat, judged, parts_answering, refused
from tests.probes.samples import OneAnswer, an_exchange, at


class TestRedaction:
    async def test_every_text_of_an_outcome(self) -> None:
        told = ServedBy(model=KEY, fingerprint=KEY, upstream=KEY, request_id=KEY)
        limit = Limit(resource=KEY, window=KEY, remaining=1.0)
        listed = ListedModel(id=KEY, lifecycle=KEY)
        exchange = an_exchange(
            at(0.5, told, Headroom((limit,)), Listed((listed,))),
            failure=Failure(reason=Reason.AUTH, detail=KEY, code=KEY),
        )
        outcome = await judged(exchange)

        assert outcome.reason is Reason.AUTH
        assert outcome.models == (ListedModel(id=MASK, lifecycle=MASK),)
        assert outcome.limits == (Limit(resource=MASK, window=MASK, remaining=1.0),)
        texts = {each.name for each in fields(outcome) if getattr(outcome, each.name) == MASK}
        assert texts == {"detail", "code", "served_model", "fingerprint", "upstream", "request_id"}

    async def test_the_sinks_see_only_the_redacted_outcome(self) -> None:
        parts = parts_answering(refused(f"bad key {KEY}"))
        await parts.runner.run(parts.declared(chat()))

        assert parts.sink.observations[0].outcome.detail == f"bad key {MASK}"

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            pytest.param("short", "short", id="short"),
            pytest.param("x" * LONGEST, "x" * LONGEST, id="just short enough"),
            pytest.param("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…", id="too long"),
            pytest.param(f"{'x' * (LONGEST - 6)}{KEY}", f"{'x' * (LONGEST - 6)}{MASK}", id="cut after redaction"),
            pytest.param(f"{'x' * (LONGEST + 9)}{KEY}", "x" * (LONGEST - 1) + "…", id="a key beyond the cut"),
            pytest.param("two\nlines\tand\x00\x1b[31mmore\x7f", "two lines and [31mmore", id="control characters"),
            pytest.param(
                "\u202eleft\u2028right\ud800", "left right", id="direction marks, separators, half characters"
            ),
            pytest.param(f"{KEY[:12]}\n{KEY[12:]}", f"{MASK} {MASK}", id="a key on two lines"),
            pytest.param("", "", id="nothing"),
        ],
    )
    async def test_a_detail_is_one_short_clean_line(self, said: str, shown: str) -> None:
        outcome = await judged(refused(said))

        assert outcome.detail == shown

    async def test_flattening_does_not_put_a_key_together(self) -> None:
        parts = Parts(always(OneAnswer(refused("pass\n word"))), secret="pass word")
        outcome = await parts.runner.run(chat())

        assert outcome is not None
        assert outcome.detail == MASK

    @given(st.text(max_size=600), st.integers(0, 9))
    async def test_any_detail(self, noise: str, keys: int) -> None:
        said = f"{noise}{KEY * keys}{noise}"
        detail = (await judged(refused(said))).detail

        assert len(detail) <= LONGEST
        assert detail.isprintable()
        assert not [at for at in range(len(KEY) - 7) if KEY[at : at + 8].lower() in detail.lower()]

    async def test_of_a_huge_text_only_the_beginning_is_looked_at(self) -> None:
        said = "x" * READ + KEY * 100_000
        outcome = await judged(refused(said))

        assert outcome.detail == "x" * (LONGEST - 1) + "…"
