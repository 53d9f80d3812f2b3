"""Every error type is explained, and in a way that a table can hold."""

from exporter.core.outcome import FAULTS, Reason
from exporter.dialects.errors.error_types import ERROR_TYPES
from exporter.dialects.errors.rules import TABLE


def test_every_error_type_is_explained() -> None:
    assert list(ERROR_TYPES) == [reason for reason in Reason if reason is not Reason.OK]


def test_each_part_is_sentences_on_one_line() -> None:
    texts = [text for each in ERROR_TYPES.values() for text in (each.means, each.do)]
    assert [text for text in texts if not text.endswith(".") or "\n" in text or "|" in text] == []
    assert len(set(texts)) == len(texts)


def test_a_fault_that_is_not_the_usual_one_is_mentioned() -> None:
    shown = {(row.verdict, row.fault) for row in TABLE if isinstance(row.verdict, Reason) and row.fault is not None}
    unusual = [(reason, fault) for reason, fault in shown if FAULTS[reason] is not fault]
    assert unusual
    assert [each for each in unusual if f"fault `{each[1].value}`" not in ERROR_TYPES[each[0]].means] == []
