from fractions import Fraction

import pytest

from exporter.demo.arithmetic import count_up, format_number, solve


@pytest.mark.parametrize(
    ("prompt", "result"),
    [
        pytest.param("What is 17 + 25?", 42, id="a sum"),
        pytest.param("17*25", 425, id="nothing but a product"),
        pytest.param("9f3a1c04: What is 101 + 499? Answer with the number only.", 600, id="a nonce before it"),
        pytest.param("12345678: What is 101 + 499?", 600, id="a nonce of digits before it"),
        pytest.param("Take 12 times 11 please.", 132, id="in words"),
        pytest.param("7 x 6", 42, id="a letter between digits"),
        pytest.param("7 \u00d7 6", 42, id="a sign of multiplication"),
        pytest.param("What is 100 minus 58?", 42, id="a difference in words"),
        pytest.param("What is 100 - 58?", 42, id="a difference"),
        pytest.param("(3 + 4) * 5 - 2 =", 33, id="brackets and precedence"),
        pytest.param("-3 + 5", 2, id="a negative number"),
        pytest.param("1 + 1, then 2 + 3", 5, id="the last of two"),
        pytest.param("84 divided by 2", 42, id="a quotient"),
        pytest.param("What is 17 + 25.", 42, id="a full stop behind it"),
    ],
)
def test_sums_are_worked_out(prompt: str, result: int) -> None:
    assert solve(prompt) == result


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("Say hello.", id="no number"),
        pytest.param("Name 3 rivers.", id="one number"),
        pytest.param("[2026-11-23] hello", id="a date"),
        pytest.param("nonce 3f-91c4: hello", id="a nonce with a hyphen"),
        pytest.param("12-34-56: hello", id="digits with hyphens"),
        pytest.param("1 / 0", id="no result"),
        pytest.param("What is 2.5 + 2.5?", id="no whole numbers"),
        pytest.param("3 + * 4", id="no sum"),
        pytest.param("2 ** 999999", id="a power"),
        pytest.param("9999999999999 * 9999999999999", id="too long"),
    ],
)
def test_other_text_is_no_sum(prompt: str) -> None:
    assert solve(prompt) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(42), "42"), (Fraction(-1), "-1"), (Fraction(5, 2), "2.5"), (Fraction(1, 3), "0.3333")],
)
def test_numbers_are_written_as_people_do(value: Fraction, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        pytest.param("9f3a: Count from one to four in English words.", "one two three four", id="upwards"),
        pytest.param("Count from Eighteen to twenty.", "eighteen nineteen twenty", id="capitals"),
        pytest.param("Count from five to two.", None, id="downwards"),
        pytest.param("Count from one to ninety.", None, id="further than known"),
        pytest.param("Count sheep.", None, id="nothing to count"),
    ],
)
def test_counting(prompt: str, text: str | None) -> None:
    assert count_up(prompt) == text
