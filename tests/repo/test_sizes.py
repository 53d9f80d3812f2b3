"""Files and functions stay short enough to be read at once."""

import ast
from statistics import median

from tests.repo.source import ROOT, files, functions, package

LINES_PER_FILE = 350
LINES_PER_FUNCTION = 50
MEDIAN_FUNCTION = 12


def test_no_file_is_long() -> None:
    counts = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in files("*.py")}
    assert counts
    assert {name: lines for name, lines in counts.items() if lines > LINES_PER_FILE} == {}


def test_no_function_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{name} {lines}"
        for path in files("*.py")
        for name, lines in functions(ast.parse(path.read_text()))
        if lines > LINES_PER_FUNCTION
    ]
    assert long == []


def test_most_functions_are_short() -> None:
    lengths = [lines for tree in package().values() for _, lines in functions(tree)]
    assert median(lengths) < MEDIAN_FUNCTION


def test_the_length_of_a_function_is_counted_from_def_to_end() -> None:
    tree = ast.parse("@decorated\ndef f():\n    def g():\n        pass\n    return g\n")
    assert dict(functions(tree)) == {"f": 4, "g": 2}
