"""Label texts and sample lines, as both exposition formats write them.

What a vendor said is cleaned before it becomes a label; everything is escaped; no text can break a line.
"""

from collections.abc import Iterable, Sequence

LONGEST = 128
"""Characters of a label value that a vendor chose; more are cut."""

Sample = tuple[str, float]
"""The labels of one series beyond those of its check, as `pair` writes them, and its value."""

Samples = Sequence[Sample]
"""The series of one family that speak of one check, model or provider."""


def clean_label(said: str) -> str:
    """Clean a vendor's text for a label value: at most 128 characters, no control characters, no half characters."""
    if len(said) <= LONGEST and said.isprintable():
        return said
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in said[:LONGEST])


def escape_label(value: str) -> str:
    """Escape the three characters of a label value that would end it or its line."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def render_label(label: str, value: str) -> str:
    """Render one label, with the comma before it."""
    return f',{label}="{escape_label(value)}"'


def render_labels(labels: Iterable[tuple[str, str]]) -> str:
    """Render the labels that every series of a check, model or provider begins with."""
    return "".join(render_label(label, value) for label, value in labels).removeprefix(",")


def render_samples(name: str, labels: str, samples: Samples) -> bytes:
    """Render one line per sample of the family `name` with these labels; b"" if there are none.

    A value is written as its `repr`, the shortest text that reads back as the same number; both formats take it.
    """
    if len(samples) == 1:  # as most families have it: worth not going through a list
        ((extra, value),) = samples
        return f"{name}{{{labels}{extra}}} {+value!r}\n".encode("utf-8", "replace")
    return encode_utf8("".join([f"{name}{{{labels}{extra}}} {+value!r}\n" for extra, value in samples]))


def encode_utf8(text: str) -> bytes:
    """Encode as UTF-8; half a surrogate pair, which has no form there, becomes a question mark."""
    return text.encode("utf-8", "replace")
