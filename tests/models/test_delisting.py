"""What the log says of configured models that a provider's list does not name."""

from exporter.core.outcome import Reason
from exporter.core.target import Target
from exporter.models.delisting import DelistingLog
from tests.parts.lists import a_list, lister, remembered
from tests.probes.samples import a_provider

GONE, BACK = "the provider does not list this model", "the provider lists this model again"


class Said:
    """The sink, and what it said."""

    def __init__(self, *models: str) -> None:
        log, self._kept = remembered()
        self.sink = DelistingLog(log)
        self.configured(*models)

    def configured(self, *models: str) -> None:
        self.sink.set_targets(Target(provider=a_provider(), model=model, dialect="openai-chat") for model in models)

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        return [(call.method_name, call.args[0], call.kwargs["model"]) for call in self._kept.calls]


def test_a_model_that_vanishes_and_comes_back_is_said_once_each() -> None:
    said = Said("a", "b")
    for models in (["a", "b"], ["a"], ["a"], ["a", "b", "c"]):
        said.sink.record_run(a_list(*models))

    assert said.lines == [("warning", GONE, "b"), ("info", BACK, "b")]


def test_one_that_was_never_listed_is_said_too() -> None:
    said = Said("a", "tpyo")
    said.sink.record_run(a_list("a"))

    assert said.lines == [("warning", GONE, "tpyo")]


def test_a_snapshot_of_it_will_do() -> None:
    said = Said("gpt-4o")
    said.sink.record_run(a_list("gpt-4o-2024-08-06"))

    assert said.lines == []


def test_no_list_says_nothing() -> None:
    said = Said("a")
    said.sink.record_run(a_list(told=False))
    said.sink.record_run(a_list("other", reason=Reason.TOO_LARGE))

    assert said.lines == []


def test_the_list_of_another_provider_says_nothing_of_it() -> None:
    said = Said("a")
    said.sink.record_run(a_list("other", check=lister(a_provider("elsewhere"))))

    assert said.lines == []


def test_a_model_that_is_no_longer_configured_is_not_missed() -> None:
    said = Said("a", "b")
    said.sink.record_run(a_list("a"))
    said.configured("a")
    said.sink.record_run(a_list("a", "b"))

    assert said.lines == [("warning", GONE, "b")]


def test_a_reload_does_not_repeat_it() -> None:
    said = Said("a", "b")
    said.sink.record_run(a_list("a"))
    said.configured("a", "b")
    said.sink.record_run(a_list("a"))

    assert said.lines == [("warning", GONE, "b")]
