"""The first page: what it says in words, and that nothing a vendor says can become markup."""

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from exporter.board import Entry
from exporter.health import Health, State
from exporter.outcome import Fault, Reason
from exporter.server.page import Page, Row, rows, summary
from exporter.sink import Skip
from tests.metrics.make import STARTED, answered, check, failed, listing, timing

NOW = STARTED + 90
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"'&"


VOID = {"meta", "link", "br", "img"}


@dataclass
class Read(HTMLParser):
    """What a browser would find: tags in their order, attributes, and the text that stands in each kind of tag."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    text: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=lambda: [""])

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text[self._open[-1]] = self.text.get(self._open[-1], "") + data

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.attributes if known == name]


def entry(state: State, model: str = "gpt-4o") -> Entry:
    return Entry(check=check(model), health=Health(state=state, since=STARTED), last=answered())


def row(of: Entry) -> Row:
    (made,) = rows([of], NOW)
    return made


def read(*entries: Entry) -> Read:
    found = Read()
    found.feed(Page().render(entries, NOW))
    return found


def test_a_check_in_words() -> None:
    made = row(entry(State.UP))
    assert (made.provider, made.model, made.probe, made.state) == ("openai", "gpt-4o", "chat", "up")
    assert (made.since, made.since_at) == ("1 min", "2023-11-14T22:13:20.000Z")
    assert (made.reason, made.fault, made.detail, made.skip) == ("answered", "", "", "")
    assert (made.first_token, made.duration, made.ran) == ("300 ms", "750 ms", "1 min")


def test_a_check_that_has_not_run() -> None:
    made = row(Entry(check=check(required=False), last_skip=Skip.BUDGET))
    assert (made.since, made.since_at, made.reason, made.duration, made.ran_at) == ("",) * 5
    assert made.skip == "the budget is used up"
    assert not made.required


def test_a_failure_in_words() -> None:
    made = row(Entry(check=check(), last=failed(Reason.OVERLOADED, fault=Fault.GATEWAY)))
    assert (made.reason, made.fault, made.detail) == ("overloaded", "the gateway", "the vendor is sorry")
    assert (made.first_token, made.duration) == ("", "250 ms")


def test_an_answer_without_a_first_token() -> None:
    assert row(Entry(check=check(), last=answered(timing=timing(first_token=None)))).first_token == ""


def test_trouble_comes_first() -> None:
    states = [State.UP, State.UNKNOWN, State.DOWN, State.DEGRADED]
    made = rows([*(entry(state) for state in states), entry(State.DOWN, "a")], NOW)
    assert [(each.state, each.model) for each in made] == [
        ("down", "a"),
        ("down", "gpt-4o"),
        ("degraded", "gpt-4o"),
        ("unknown", "gpt-4o"),
        ("up", "gpt-4o"),
    ]


def test_the_summary_counts_every_state() -> None:
    assert summary([entry(State.UP), entry(State.UP), entry(State.DOWN)]) == "2 up, 0 unknown, 0 degraded, 1 down"


def test_the_page_shows_the_checks() -> None:
    found = read(entry(State.DOWN), Entry(check=listing()))
    assert found.text["title"] == "AI API Exporter: 0 up, 1 unknown, 0 degraded, 1 down"
    assert found.tags.count("tr") == 3
    assert "(the provider itself)" in found.text["th"]
    assert "optional" in found.text["small"]
    assert found.values("lang") == ["en"]
    assert found.values("scope").count("row") == 2


def test_a_page_without_checks_says_so() -> None:
    found = read()
    assert "No check is configured." in found.text["p"]
    assert "table" not in found.tags


def test_what_a_vendor_or_user_wrote_stays_text() -> None:
    calm = read(Entry(check=check("calm"), last=failed(detail="calm")))
    wild = read(Entry(check=check(HOSTILE), last=failed(detail=HOSTILE)))
    assert wild.tags == calm.tags
    assert HOSTILE in wild.text["small"]
    assert HOSTILE in wild.text["th"]


def test_nothing_comes_from_outside_and_nothing_runs() -> None:
    found = read(entry(State.UP))
    assert set(found.tags) & {"script", "iframe", "img", "form", "object", "embed"} == set()
    assert all(link.startswith(("/", "data:")) for link in found.values("href") + found.values("src"))
    assert not any(name.startswith("on") or name == "style" for name, _ in found.attributes)
    assert "url(" not in found.text["style"]
    assert "@import" not in found.text["style"]


def test_the_policy_allows_the_style_of_the_page_and_nothing_else() -> None:
    digest = b64encode(sha256(read().text["style"].encode()).digest()).decode()
    policy = dict(part.strip().split(" ", 1) for part in Page().policy.split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("state", State)
def test_a_state_is_told_in_words_and_has_its_colour(state: State) -> None:
    found = read(entry(state))
    assert found.text["span"] == state
    assert f".{state} {{" in found.text["style"]
