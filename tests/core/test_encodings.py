"""What a text says in other encodings is found, with the place that says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.encodings import LAYERS, decode

SAID = "a key: é😀"


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        pytest.param("a%20%6Bey%3A%20%C3%A9%F0%9F%98%80", "%6Bey", id="percent"),
        pytest.param("a&#32;k&#101;y&colon; &eacute;&#x1F600;", "k&#101;y", id="html"),
        pytest.param(r"a ke\u0079: \u00e9\ud83d\ude00", r"ke\u0079", id="JSON"),
        pytest.param(r"a\x20key: \u{e9}\u{1F600}", "key", id="JavaScript"),
        pytest.param(r"a\040\153ey: é\U0001F600", r"\153ey", id="Python"),
        pytest.param("a %256Bey%253A%2520é😀", "%256Bey", id="percent twice"),
        pytest.param(SAID.encode().hex(), "6b6579", id="hexadecimal"),
        pytest.param(f"0{SAID.encode().hex()}", "6b6579", id="hexadecimal from the second digit on"),
        pytest.param(SAID.encode().hex(":").replace(":", "%3a"), "6b%3a65%3a79", id="hexadecimal in percent"),
    ],
)
def test_what_is_said_is_found_where_it_stands(shown: str, key: str) -> None:
    text = f"<{shown}>"
    (reading,) = [reading for reading in decode(text) if SAID in reading.text]
    at = reading.text.index("key")
    start, stop = reading.locate(at, at + 3)

    assert text[start:stop] == key


def test_it_ends() -> None:
    readings = list(decode(f"%{'25' * 6} "))

    assert len(readings) == LAYERS + 1
    assert readings[-1].text.startswith(f"%{'25' * (6 - LAYERS)} ")


@given(st.text())
def test_the_text_itself_comes_first(text: str) -> None:
    first = next(decode(text))

    assert first.text == text
    assert first.locate(0, len(text)) == (0, len(text))


@given(st.text(st.sampled_from("%2541&#x;\\u00ab 0"), max_size=60))
def test_places_are_in_order_and_within_the_text(text: str) -> None:
    for reading in decode(text):
        spans = [reading.locate(at, at + 1) for at in range(len(reading.text))]
        assert all(0 <= start < stop <= len(text) for start, stop in spans)
        assert spans == sorted(spans)
