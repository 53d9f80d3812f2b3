"""Finds the sum or the count asked for in a prompt and works it out, so that simulated models answer it rightly."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

_WORDS = (
    (re.compile(r"\bplus\b|\badded to\b"), "+"),
    (re.compile(r"\bminus\b|\u2212"), "-"),
    (re.compile(r"\btimes\b|\bmultiplied by\b|[\u00d7\u00b7]|(?<=\d)\s*x\s*(?=\d)"), "*"),
    (re.compile(r"\bdivided by\b|\u00f7"), "/"),
)
# Not preceded or followed by a word character: the digits of a nonce such as `3f-91c` are no sum.
_SUM = re.compile(r"(?<![\w.-])[-(\d][\d\s()+*/-]{0,200}[\d)](?!\w|\.\d)")
# A minus without spaces and nothing else may as well be a date or a nonce: `2026-11-23`.
_MEANT = re.compile(r"[+*/]|\d\s+-\s+\d")
_LONGEST = 12
_COUNT = re.compile(r"\bcount from (\w+) to (\w+)", re.IGNORECASE)
_NUMBERS = (  # noqa: SIM905 (reads better)
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_OPERATORS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = MappingProxyType(
    {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
)


def solve(prompt: str) -> Fraction | None:
    """Return the value of the last sum of whole numbers in the prompt (`17 + 25`, `(3 + 4) times 5`), or None."""
    for pattern, sign in _WORDS:
        prompt = pattern.sub(f" {sign} ", prompt)
    for found in reversed(_SUM.findall(prompt)):
        value = _evaluate(" ".join(found.split())) if _MEANT.search(found) else None
        if value is not None:
            return value
    return None


def format_number(value: Fraction) -> str:
    """Format the number as a model writes it: whole, or with at most four decimals."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.4f}".rstrip("0")


def count_up(prompt: str) -> str | None:
    """Return the words of `count from one to sixteen` with single spaces, for numbers up to 20, or None."""
    found = _COUNT.search(prompt)
    ends = [word.lower() for word in found.groups()] if found else []
    if not ends or not set(ends) <= set(_NUMBERS):
        return None
    first, last = (_NUMBERS.index(word) for word in ends)
    return " ".join(_NUMBERS[first : last + 1]) or None


def _evaluate(text: str) -> Fraction | None:
    try:
        return _reduce(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None


def _reduce(node: ast.expr) -> Fraction:
    """Reduce an expression to its value.

    Raises ValueError for anything but + - * / and whole numbers of limited length.
    """
    match node:
        case ast.Constant(value=int() as number) if len(str(number)) <= _LONGEST:
            return Fraction(number)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_reduce(inner)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_reduce(left), _reduce(right))
        case _:
            raise ValueError("not a sum of whole numbers")
