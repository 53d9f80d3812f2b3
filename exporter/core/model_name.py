"""Which names a model can be asked by: a name goes into paths and labels, wherever it comes from."""

LONGEST = 128
"""Characters; a label value is no longer."""

MARKS = ("..", "?", "#", "//")
"""What would lead a path somewhere else."""


def find_name_problem(name: str) -> str | None:
    """Return why a model of this name cannot be asked; None if it can."""
    mark = next((mark for mark in MARKS if mark in name), None)
    if mark is not None:
        return f"a model name cannot hold `{mark}`"
    if not name.isprintable():
        return "a model name cannot hold control characters"
    if not name or name != name.strip(" /"):
        return "a model name cannot be empty, or have a slash or space at its ends"
    return f"a model name has at most {LONGEST} characters" if len(name) > LONGEST else None
