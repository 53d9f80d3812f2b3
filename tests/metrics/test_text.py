"""Label texts: what is cut, what is replaced, and that nothing breaks a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.metrics.text import (
    LONGEST,
    clean_label,
    encode_utf8,
    escape_label,
    render_label,
    render_labels,
    render_samples,
)
from tests.metrics.read import families


@pytest.mark.parametrize(
    ("said", "label"),
    [
        pytest.param("gpt-4o-2024-11-20", "gpt-4o-2024-11-20", id="a name stays as it is"),
        pytest.param("", "", id="nothing"),
        pytest.param("модель 模型 🙂", "модель 模型 🙂", id="any script"),
        pytest.param("a\nb\tc\x00d\x7fe\x85f", "a?b?c?d?e?f".replace("?", "\N{REPLACEMENT CHARACTER}"), id="controls"),
        pytest.param("\u202eevil", "\N{REPLACEMENT CHARACTER}evil", id="text direction"),
        pytest.param("half \ud800", "half \N{REPLACEMENT CHARACTER}", id="half a surrogate pair"),
        pytest.param("x" * 129, "x" * 128, id="too long"),
        pytest.param("\n" * 1000, "\N{REPLACEMENT CHARACTER}" * 128, id="too long and wild"),
    ],
)
def test_what_a_vendor_said_is_cleaned(said: str, label: str) -> None:
    assert clean_label(said) == label


@given(st.text(st.characters(), max_size=400))
def test_a_cleaned_label_is_short_printable_and_utf8(said: str) -> None:
    label = clean_label(said)
    assert len(label) <= LONGEST
    assert label.isprintable()
    assert label.encode().decode() == label
    assert clean_label(label) == label


def test_quotes_backslashes_and_newlines_are_escaped() -> None:
    assert escape_label('a"b\\c\nd') == 'a\\"b\\\\c\\nd'
    assert render_label("model", 'a"b') == ',model="a\\"b"'
    assert render_labels([("provider", "x"), ("model", "")]) == 'provider="x",model=""'
    assert render_labels([]) == ""


def test_one_line_per_sample() -> None:
    told = render_samples("ai_api_x", 'provider="p"', [(',a="1"', 1), (',a="2"', 0.1), ("", True)])
    assert told == b'ai_api_x{provider="p",a="1"} 1\nai_api_x{provider="p",a="2"} 0.1\nai_api_x{provider="p"} 1\n'
    assert render_samples("ai_api_x", "", []) == b""


def test_half_a_surrogate_pair_does_not_stop_an_exposition() -> None:
    assert encode_utf8("a\udc00b") == b"a?b"


@given(st.floats() | st.integers(min_value=-(2**63), max_value=2**63))
def test_a_value_reads_back_as_the_same_number(value: float) -> None:
    (family,) = families(render_samples("ai_api_x", 'a="b"', [("", value)]).decode())
    (sample,) = family.samples
    assert repr(float(sample.value)) == repr(float(value))
