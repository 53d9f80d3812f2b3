"""Every vendor error here has its row, every row has its vendor error, and reason and fault are right."""

from collections import Counter

import pytest

from exporter.core.outcome import Reason
from exporter.dialects.errors.classify import classify_error, find_error_in_answer, read_error
from exporter.dialects.errors.error_rule import ANY, ErrorRule
from exporter.dialects.errors.rules import TABLE, find_rule
from exporter.dialects.errors.vendor_error import VendorError, find_error
from exporter.dialects.fields import parse_json
from tests.dialects.error_cases import ErrorCase, error_cases, summary

CASES = error_cases()
OK = 200
INSIDE = [case for case in CASES if case.status == OK]
STATUS = [case for case in CASES if case.status != OK]


def row_of(case: ErrorCase) -> ErrorRule | None:
    if case.status != OK:
        return read_error(case.status, case.headers, case.body)[1]
    error = find_error(parse_json(case.body))
    assert error is not None
    return find_rule(error, None)


@pytest.mark.parametrize("case", STATUS, ids=lambda case: case.id)
def test_an_error_status_is_named(case: ErrorCase) -> None:
    assert summary(classify_error(case.status, case.headers, case.body)) == case.expect


@pytest.mark.parametrize("case", INSIDE, ids=lambda case: case.id)
def test_an_error_inside_a_200_is_named(case: ErrorCase) -> None:
    assert summary(find_error_in_answer(parse_json(case.body))) == case.expect


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_row_that_holds_is_the_one_meant(case: ErrorCase) -> None:
    row = row_of(case)
    assert (row.name if row else None) == case.row


def test_every_row_has_a_vendor_error() -> None:
    shown = Counter(case.row for case in CASES)
    assert [row.name for row in TABLE if not shown[row.name]] == []


def test_there_are_enough_vendor_errors_and_none_twice() -> None:
    assert len({(case.status, case.body, *case.headers) for case in CASES}) == len(CASES) >= 60
    assert len({case.id for case in CASES}) == len(CASES)


def test_names_of_rows_are_distinct() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)


def test_every_row_asks_for_something() -> None:
    assert [row.name for row in TABLE if not row.word and not row.says and row.status == ANY] == []


def test_patterns_are_in_lower_case() -> None:
    patterns = [pattern for row in TABLE for pattern in row.word + row.says]
    assert [pattern for pattern in patterns if pattern != pattern.lower()] == []


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_that_is_an_error_has_a_row(status: int) -> None:
    assert find_rule(VendorError(), status) is not None


def test_a_429_is_a_rate_limit_unless_a_code_names_billing() -> None:
    talk = VendorError(message="Check your plan and billing details. Your credit limit and balance are too low.")
    row = find_rule(talk, 429)
    assert row is not None
    assert row.verdict is Reason.RATE_LIMITED


def test_the_status_of_the_answer_goes_before_the_one_written_inside() -> None:
    row = find_rule(VendorError(status=500), 404)
    assert row is not None
    assert row.verdict is Reason.MODEL_NOT_FOUND


def test_nothing_told_is_nothing_named() -> None:
    assert find_rule(VendorError(message="Oh no", words=("new_kind_of_error",)), None) is None
