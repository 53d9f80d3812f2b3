"""Secrets are found in every form, in whole records, and nothing else is touched."""

import base64
import html
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import SecretStr

from exporter.core.outcome import Outcome, Phase, Reason, Timing
from exporter.core.redaction import LONGEST, MASK, READ, RETIRED, RUN, Redactor, make_presentable, scrub

KEY = "sk-proj-9fXz+Qm/3Lw\"T7\\uB2=kÄ&<yN>'aR5"
WORDS = st.text(st.sampled_from("abcd*+/=%\"\\ <&'äé\n😀"), max_size=30)
KEYS = st.text(st.sampled_from("abcdAB01*+/=-_%\"\\ <&'äé😀"), min_size=RUN, max_size=40)


def redactor(*secrets: str) -> Redactor:
    return Redactor(lambda: [SecretStr(each) for each in secrets])


FORMS: Mapping[str, str] = {
    "as it is": KEY,
    "upper case": KEY.upper(),
    "escaped for JSON": json.dumps(KEY)[1:-1],
    "escaped for JSON, not ASCII": json.dumps(KEY, ensure_ascii=False)[1:-1],
    "escaped for JSON, slashes too": json.dumps(KEY)[1:-1].replace("/", "\\/"),
    "escaped by Python": repr(KEY)[1:-1],
    "escaped for HTML": html.escape(KEY),
    "percent-encoded": quote(KEY, safe=""),
    "percent-encoded as a path": quote(KEY),
    "percent-encoded as a form": quote_plus(KEY),
    "percent-encoded in lower case": quote(KEY, safe="").lower(),
    "percent-encoded by a browser": quote(KEY, safe="!*'()~"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "urlsafe base64": base64.urlsafe_b64encode(KEY.encode()).decode(),
    "fully percent-encoded": "".join(f"%{byte:02X}" for byte in KEY.encode()),
    "percent-encoded twice": quote(quote(KEY, safe=""), safe=""),
    "HTML references, decimal": "".join(f"&#{ord(each)};" for each in KEY),
    "HTML references, hexadecimal": "".join(f"&#x{ord(each):X};" for each in KEY),
    "HTML references, zeros before": "".join(f"&#{ord(each):07};" for each in KEY),
    "every character escaped for JSON": "".join(f"\\u{ord(each):04x}" for each in KEY),
    "escaped for JSON within JSON": json.dumps(json.dumps(KEY)[1:-1])[1:-1],
    "every character escaped in JSON within JSON": "".join(f"\\\\u{ord(each):04x}" for each in KEY),
    "every character escaped by JavaScript": "".join(f"\\u{{{ord(each):x}}}" for each in KEY),
    "every byte escaped by Python": "".join(f"\\x{ord(each):02x}" for each in KEY),
    "octal": "".join(f"\\{ord(each):03o}" for each in KEY),
    "hexadecimal": KEY.encode().hex(),
    "hexadecimal in upper case": KEY.encode().hex().upper(),
    "hexadecimal with colons": KEY.encode().hex(":"),
    "hexadecimal in a dump": KEY.encode().hex(" ", 2),
    "hexadecimal, percent-encoded": "".join(f"%{ord(each):02X}" for each in KEY.encode().hex()),
    "references of references": "".join(f"&amp;#{ord(each)};" for each in KEY),
}


@pytest.mark.parametrize("shown", FORMS.values(), ids=FORMS)
def test_a_secret_is_masked_in_every_form(shown: str) -> None:
    assert redactor(KEY).clean(f"the vendor said {shown} and was sorry") == f"the vendor said {MASK} and was sorry"


@pytest.mark.parametrize("before", ["", "u", "u:", "me:", "user", "user:", "a user:"])
@pytest.mark.parametrize("after", ["", "é", "éé"])
@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_base32_is_masked_wherever_in_it_the_secret_begins(
    before: str, after: str, change: Callable[[str], str]
) -> None:
    shown = base64.b32encode(f"{before}{KEY}{after}".encode()).decode().rstrip("=")
    begin = ceil(len(before) * 8 / 5)
    end = len(f"{before}{KEY}".encode()) * 8 // 5 if after else len(shown)

    assert redactor(KEY).clean(change(f"0 {shown} 0")) == change(f"0 {shown[:begin]}{MASK}{shown[end:]} 0")


@pytest.mark.parametrize("text", ["0a", "", "f"], ids=["a byte before", "nothing before", "half a byte before"])
def test_hexadecimal_is_masked_wherever_in_it_the_secret_begins(text: str) -> None:
    shown = KEY.encode().hex()

    assert redactor(KEY).clean(f"{text}{shown}{text} ok") == f"{text}{MASK}{text} ok"


@pytest.mark.parametrize("separator", ["", ", 0x", ",0x"], ids=["SQL", "C", "JavaScript"])
def test_hexadecimal_literals(separator: str) -> None:
    shown = separator.join(f"{byte:02x}" for byte in KEY.encode())

    assert redactor(KEY).clean(f"from 0x{shown} on") == f"from 0x{MASK} on"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("after", ["", "~", "~~", "~~~"])
@pytest.mark.parametrize("before", ["", "u", "u:", "me:", "user:"])
def test_base64_is_masked_wherever_in_it_the_secret_begins(
    before: str, after: str, encode: Callable[[bytes], bytes]
) -> None:
    shown = encode(f"{before}{KEY}{after}".encode()).decode()
    begin = ceil(len(before) * 8 / 6)
    end = (len(before) + len(KEY.encode())) * 8 // 6 if after else len(shown)

    assert redactor(KEY).clean(shown) == shown[:begin] + MASK + shown[end:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("key 0123456789 was refused", f"key {MASK} was refused", id="whole"),
        pytest.param("01234567", MASK, id="its first 8 characters"),
        pytest.param("23456789...", f"{MASK}...", id="its last 8 characters"),
        pytest.param("0123456", "0123456", id="7 characters are too few"),
        pytest.param("012345689", "012345689", id="one character left out"),
        pytest.param("01234567801234567", MASK, id="runs side by side"),
        pytest.param("0123456789 0123456789", f"{MASK} {MASK}", id="twice"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_runs_of_8_characters(text: str, expected: str) -> None:
    assert redactor("0123456789").clean(text) == expected


@given(st.text())
def test_without_secrets_nothing_is_masked(text: str) -> None:
    assert redactor().clean(text) == text


@given(st.text(min_size=1, max_size=RUN - 1), WORDS)
def test_short_values_are_not_searched_for(secret: str, text: str) -> None:
    assert redactor(secret).clean(f"{text}{secret}{text}") == f"{text}{secret}{text}"


ESCAPES: list[Callable[[str], str]] = [str, json.dumps, lambda text: quote(text, safe="")]
ENCODINGS: list[Callable[[str], str]] = [
    lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    lambda text: "".join(f"&#{ord(each)};" for each in text),
    lambda text: json.dumps("".join(f"\\u{ord(each):04X}" for each in text if ord(each) < 0x10000))[1:-1],
    lambda text: text.encode().hex(),
    lambda text: base64.b32encode(text.encode()).decode(),
]
DECODED = st.text(st.sampled_from("abcdAB01*+/=-_%\"\\ <&'"), min_size=RUN, max_size=40)


@given(DECODED, WORDS, WORDS, st.sampled_from(ENCODINGS), st.data())
def test_8_characters_survive_in_no_encoding(
    key: str, before: str, after: str, encode: Callable[[str], str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(key) - RUN))
    part = key[start : data.draw(st.integers(start + RUN, len(key)))]
    shown = encode(part)

    assert shown not in redactor(key).clean(f"{before} {shown} {after}")


@given(
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-_"), min_size=RUN, max_size=60),
    st.lists(
        st.one_of(
            st.from_regex(r"[a-z]{2,12}-[0-9]{1,2}(\.[0-9])?-[a-z]{2,9}(-[0-9]{4}-[0-9]{2}-[0-9]{2})?", fullmatch=True),
            st.from_regex(r"req_[0-9a-f]{24}", fullmatch=True),
            st.uuids().map(str),
            st.text(max_size=40).map(json.dumps),
            st.text(max_size=40).map(html.escape),
            st.text(max_size=40).map(quote),
        )
    ),
)
def test_what_says_nothing_of_a_secret_is_never_masked(key: str, words: list[str]) -> None:
    text = " ".join(words)
    plain = text.lower()
    assume(not any(key[at : at + 5] in plain for at in range(len(key) - 4)))

    assert redactor(key).clean(text) == text


@given(KEYS, WORDS, WORDS, st.data())
def test_no_run_survives_whatever_stands_around_it(key: str, before: str, after: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(ESCAPES))
    start = data.draw(st.integers(0, len(key) - RUN))
    part = key[start : data.draw(st.integers(start + RUN, len(key)))]
    cleaned = redactor(key).clean(f"{before}{form(part)}{after}")

    for whole in (key, form(key).strip('"')):
        assert not [at for at in range(len(whole) - RUN + 1) if whole[at : at + RUN].lower() in cleaned.lower()]


@given(KEYS, WORDS, WORDS)
def test_cleaning_twice_changes_nothing_more(key: str, before: str, after: str) -> None:
    cleaner = redactor(key)
    once = cleaner.clean(f"{before}{key}{after}")

    assert cleaner.clean(once) == once


@given(KEYS, st.text(st.sampled_from("vwxyz VWXYZ"), max_size=60))
def test_text_without_a_run_is_untouched(key: str, text: str) -> None:
    assert redactor(key).clean(text) == text


class TestChanges:
    def test_a_new_secret_is_noticed(self) -> None:
        secrets = [SecretStr("first-secret")]
        cleaner = Redactor(lambda: secrets)
        cleaner.clean("")
        secrets.append(SecretStr("second-secret"))

        assert cleaner.clean("first-secret, second-secret") == f"{MASK}, {MASK}"

    def test_a_secret_no_longer_used_is_still_masked(self) -> None:
        secrets = [SecretStr("first-secret")]
        cleaner = Redactor(lambda: secrets)
        cleaner.clean("")
        secrets[:] = [SecretStr("another-one")]

        assert cleaner.clean("first-secret, another-one") == f"{MASK}, {MASK}"

    def test_but_not_for_ever(self) -> None:
        secrets = [SecretStr("first-secret")]
        cleaner = Redactor(lambda: secrets)
        cleaner.clean("")
        for number in range(RETIRED + 1):
            secrets[:] = [SecretStr(f"{number:02}" * 5)]
            cleaner.clean("")

        assert cleaner.clean("first-secret") == "first-secret"

    def test_runs_are_worked_out_once(self) -> None:
        asked = 0

        def secrets() -> Iterable[SecretStr]:
            nonlocal asked
            asked += 1
            return (SecretStr("first-secret"),)

        cleaner = Redactor(secrets)
        cleaner.clean("")
        known = cleaner._traces
        cleaner.clean("")

        assert asked == 2
        assert cleaner._traces is known


class Pair(NamedTuple):
    left: str
    right: int


@dataclass(frozen=True)
class Box:
    content: object


class TestScrub:
    @pytest.mark.parametrize(
        ("thing", "expected"),
        [
            pytest.param("a-secret-key", MASK, id="text"),
            pytest.param(b"\xff a-secret-key", b"\\xff " + MASK.encode(), id="bytes"),
            pytest.param(["a-secret-key", 1], [MASK, 1], id="list"),
            pytest.param(("a-secret-key", None), (MASK, None), id="tuple"),
            pytest.param(Pair("a-secret-key", 1), Pair(MASK, 1), id="named tuple"),
            pytest.param({"a-secret-key"}, {MASK}, id="set"),
            pytest.param({"a-secret-key": "a-secret-key"}, {MASK: MASK}, id="mapping, its keys too"),
            pytest.param(MappingProxyType({"a": "a-secret-key"}), {"a": MASK}, id="read-only mapping"),
            pytest.param(Box(Box(["a-secret-key"])), Box(Box([MASK])), id="dataclasses in one another"),
            pytest.param(Box, Box, id="a class itself"),
        ],
    )
    def test_every_text_in_a_thing(self, thing: object, expected: object) -> None:
        cleaned = scrub(thing, redactor("a-secret-key").make_cleaner())

        assert cleaned == expected
        assert isinstance(cleaned, type(expected))

    @pytest.mark.parametrize(
        "thing", [None, 1.5, True, Reason.OK, (1, 2), ["a"], {"a": "b"}, {"a"}, Box("innocent")], ids=repr
    )
    def test_what_holds_no_secret_is_the_same_thing(self, thing: object) -> None:
        assert scrub(thing, redactor("a-secret-key").make_cleaner()) is thing

    def test_labels_of_an_outcome_keep_their_type(self) -> None:
        outcome = Outcome(
            reason=Reason.RATE_LIMITED,
            started_at=1.0,
            timing=Timing(duration=1.0, phases={Phase.FIRST_TOKEN: 1.0}),
            detail="a-secret-key",
        )
        # Keys that hold whole labels.
        cleaned = scrub(outcome, redactor("a-secret-key", "my-rate_limited-key", "first_token-key").make_cleaner())

        assert cleaned.reason is Reason.RATE_LIMITED
        assert list(cleaned.timing.phases) == [Phase.FIRST_TOKEN]
        assert cleaned.detail == MASK


class TestPresentable:
    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            pytest.param("short", "short", id="short"),
            pytest.param("x" * LONGEST, "x" * LONGEST, id="just short enough"),
            pytest.param("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…", id="too long"),
            pytest.param("x" * (LONGEST - 6) + KEY, "x" * (LONGEST - 6) + MASK, id="cut after redaction"),
            pytest.param("x" * (LONGEST + 9) + KEY, "x" * (LONGEST - 1) + "…", id="a key beyond the cut"),
            pytest.param("x" * READ + KEY * 10_000, "x" * (LONGEST - 1) + "…", id="huge: its end is not looked at"),
            pytest.param("two\nlines\tand\x00\x1b[31mmore\x7f", "two lines and [31mmore", id="control characters"),
            pytest.param("\u202eleft\u2028right\ud800", "left right", id="direction marks, half characters"),
            pytest.param(f"{KEY[:12]}\n{KEY[12:]}", f"{MASK} {MASK}", id="a key on two lines"),
            pytest.param("", "", id="nothing"),
        ],
    )
    def test_one_short_clean_line(self, said: str, shown: str) -> None:
        assert make_presentable(said, clean=redactor(KEY).make_cleaner()) == shown

    def test_flattening_does_not_put_a_secret_together(self) -> None:
        assert make_presentable("pass\n word", clean=redactor("pass word").make_cleaner()) == MASK

    @given(st.text(max_size=600), st.integers(0, 9))
    def test_whatever_was_said(self, noise: str, keys: int) -> None:
        shown = make_presentable(f"{noise}{KEY * keys}{noise}", clean=redactor(KEY).make_cleaner())

        assert len(shown) <= LONGEST
        assert shown.isprintable()
        assert not [at for at in range(len(KEY) - 7) if KEY[at : at + 8].lower() in shown.lower()]
