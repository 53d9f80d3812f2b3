"""What is told of providers and models: health, lists, certificates, and when it stops being true."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from exporter.core.outcome import ListedModel, Outcome
from exporter.core.target import Target
from exporter.metrics.exposition import FamilyBuffers, iter_chunks, make_buffers
from exporter.metrics.families import Scope, families_of
from exporter.metrics.providers import ProviderMetrics
from exporter.status_pages import Indicator
from tests.metrics.make import STARTED, answered, check, failed, listing, provider

LIST = listing()
CHAT = check("gpt-4o")
CANARY = check("gpt-4o", "canary")
OTHER = check("o3-mini")
ELSEWHERE = check("gpt-4o", at=provider("relay"))


class Told:
    """The providers under test and what they say."""

    def __init__(self) -> None:
        self.pages: FamilyBuffers = make_buffers(families_of(Scope.MODEL, Scope.PROVIDER))
        self.providers = ProviderMetrics(self.pages)
        for each in (LIST, CHAT, CANARY, OTHER, ELSEWHERE):
            self.providers.add_check(each)

    def listed(self, models: Iterable[ListedModel]) -> None:
        self.providers.record_run(LIST, answered(models=tuple(models)), None)

    def says(self, family: str) -> set[str]:
        """`labels value` of each series of a family."""
        pieces = self.pages[f"ai_api_{family}"].chunks(openmetrics=False)
        lines = b"".join(piece() for piece in pieces).decode().splitlines()
        return {line.removeprefix(f"ai_api_{family}") for line in lines if not line.startswith("#")}


def a_list() -> tuple[ListedModel, ...]:
    return (ListedModel(id="gpt-4o", retires_at=STARTED + 1), ListedModel(id="dall-e"), ListedModel(id="dall-e"))


def test_health_is_told_by_model_and_absent_while_not_known() -> None:
    told = Told()
    told.providers.record_run(CHAT, answered(), model_health=True)
    told.providers.record_run(OTHER, failed(), model_health=False)
    assert told.says("model_health") == {
        '{provider="openai",model="gpt-4o"} 1',
        '{provider="openai",model="o3-mini"} 0',
    }
    told.providers.record_run(CHAT, answered(), model_health=None)
    told.providers.expire_check(OTHER, model_health=None)
    assert told.says("model_health") == set()


def test_every_word_of_a_status_page_is_told_and_no_word_is_none() -> None:
    told = Told()
    told.providers.set_status("openai", Indicator.MAJOR)
    assert told.says("provider_status") == {
        f'{{provider="openai",indicator="{word}"}} {int(word == "major")}'
        for word in ("none", "maintenance", "minor", "major", "critical")
    }
    told.providers.set_status("openai", None)
    assert told.says("provider_status") == set()


def test_a_list_with_only_a_snapshot_of_a_model_lists_it() -> None:
    told = Told()
    told.listed([ListedModel(id="gpt-4o-2024-08-06", retires_at=STARTED)])
    assert '{provider="openai",model="gpt-4o"} 1' in told.says("model_listed")
    assert told.says("model_retirement_timestamp_seconds") == {f'{{provider="openai",model="gpt-4o"}} {STARTED!r}'}


def test_half_a_list_is_no_list() -> None:
    told = Told()
    told.providers.record_run(LIST, replace(failed(), models=a_list()), None)
    assert told.says("model_listed") == set()


def test_health_goes_with_the_last_check_of_the_model() -> None:
    told = Told()
    told.providers.record_run(CHAT, answered(), model_health=True)
    told.providers.remove_check(CHAT)
    assert len(told.says("model_health")) == 1
    told.providers.remove_check(CANARY)
    assert told.says("model_health") == set()


def test_a_list_tells_of_the_models_that_are_configured() -> None:
    told = Told()
    assert told.says("model_listed") == set()
    told.listed(a_list())
    assert told.says("provider_models") == {'{provider="openai"} 2'}
    assert told.says("model_listed") == {
        '{provider="openai",model="gpt-4o"} 1',
        '{provider="openai",model="o3-mini"} 0',
    }
    assert told.says("model_retirement_timestamp_seconds") == {f'{{provider="openai",model="gpt-4o"}} {STARTED + 1!r}'}


def test_a_model_that_comes_later_is_looked_up_in_the_last_list() -> None:
    told = Told()
    told.listed(a_list())
    told.providers.add_check(check("dall-e"))
    assert '{provider="openai",model="dall-e"} 1' in told.says("model_listed")


def test_a_model_without_checks_is_told_of_as_long_as_it_is_configured() -> None:
    told = Told()
    told.listed(a_list())
    bare = Target(provider=provider(), model="dall-e", dialect="openai-chat")
    told.providers.set_targets([bare, LIST.target])
    assert '{provider="openai",model="dall-e"} 1' in told.says("model_listed")
    told.providers.set_targets([])
    assert told.says("model_listed") == {
        '{provider="openai",model="gpt-4o"} 1',
        '{provider="openai",model="o3-mini"} 0',
    }


def test_a_new_list_replaces_the_old_one_and_a_failure_does_not() -> None:
    told = Told()
    told.listed(a_list())
    told.providers.record_run(LIST, failed(), None)
    assert len(told.says("model_listed")) == 2
    told.listed([])
    assert told.says("provider_models") == {'{provider="openai"} 0'}
    assert {line.split()[-1] for line in told.says("model_listed")} == {"0"}
    assert told.says("model_retirement_timestamp_seconds") == set()


def test_an_answer_may_tell_when_its_model_goes_and_the_list_knows_better() -> None:
    told = Told()
    told.providers.record_run(OTHER, answered(retires_at=STARTED + 9), None)
    told.providers.record_run(CHAT, answered(retires_at=STARTED + 9), None)
    told.listed(a_list())
    assert told.says("model_retirement_timestamp_seconds") == {
        f'{{provider="openai",model="o3-mini"}} {STARTED + 9!r}',
        f'{{provider="openai",model="gpt-4o"}} {STARTED + 1!r}',
    }
    told.providers.expire_check(OTHER, None)
    assert len(told.says("model_retirement_timestamp_seconds")) == 1


@pytest.mark.parametrize("gone", ["forgotten", "too old"])
def test_a_list_is_as_true_as_the_check_that_brought_it(gone: str) -> None:
    told = Told()
    told.listed(a_list())
    if gone == "forgotten":
        told.providers.remove_check(LIST)
    else:
        told.providers.expire_check(LIST, None)
    for family in ("provider_models", "model_listed", "model_retirement_timestamp_seconds"):
        assert told.says(family) == set()


def test_the_first_certificate_to_expire_is_told() -> None:
    told = Told()
    for each, expiry in ((LIST, 300.0), (CHAT, 100.0), (OTHER, 200.0)):
        told.providers.record_run(each, _with_certificate(expiry), None)
    assert told.says("tls_certificate_expiry_timestamp_seconds") == {'{provider="openai"} 100.0'}
    told.providers.record_run(CHAT, failed(), None)
    assert told.says("tls_certificate_expiry_timestamp_seconds") == {'{provider="openai"} 100.0'}
    told.providers.expire_check(CHAT, None)
    assert told.says("tls_certificate_expiry_timestamp_seconds") == {'{provider="openai"} 200.0'}


def _with_certificate(expiry: float) -> Outcome:
    return answered(certificate_expires_at=expiry)


def test_nothing_is_left_when_all_checks_went() -> None:
    told = Told()
    told.listed(a_list())
    for each in (LIST, CHAT, CANARY, OTHER, ELSEWHERE):
        told.providers.record_run(each, _with_certificate(1.0), model_health=True)
    for each in (CHAT, LIST, ELSEWHERE, OTHER, CANARY):
        told.providers.remove_check(each)
    assert tuple(iter_chunks(told.pages, openmetrics=False)) == ()
