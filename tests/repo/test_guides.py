"""What the guides say of answers is what the code makes of them."""

import re

import pytest

from exporter.core.exchange import RemoteError
from exporter.core.outcome import FAULTS, Fault, Reason
from exporter.dialects.errors.classify import classify_error
from tests.repo.source import ROOT

TEXT = (ROOT / "docs/guides/whose-fault.md").read_text()
ANSWERS = re.findall(r"^\| (\d{3}) \| `(.*)` \| `(\w+)` \| `(\w+)` \|$", TEXT, re.MULTILINE)
OTHERS = re.findall(r"^\| [a-z][^|]* \| `(\w+)` \| `(\w+)` \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("status", "body", "cause", "fault"), ANSWERS)
def test_an_answer_is_what_the_guide_says(status: str, body: str, cause: str, fault: str) -> None:
    verdict = classify_error(int(status), {}, body.encode())
    assert isinstance(verdict, RemoteError)
    assert (verdict.failure.reason, verdict.failure.blamed) == (cause, fault)


def test_each_fault_has_its_example() -> None:
    assert {fault for *_, fault in (*ANSWERS, *OTHERS)} == {each.value for each in Fault}
    assert len(ANSWERS) >= 10
    assert {cause for cause, _ in OTHERS} <= {each.value for each in Reason}
    unusual = [(cause, fault) for cause, fault in OTHERS if FAULTS[Reason(cause)] != fault]
    assert unusual == [("tls", "provider"), ("connect", "us")]


def test_each_alert_of_the_table_exists() -> None:
    rules = (ROOT / "deploy/prometheus/rules/alerts.yml").read_text()
    named = re.findall(r"\b[A-Z][a-z]+[A-Z]\w+\b", TEXT.partition("## How the cause")[0])
    assert [name for name in named if f"alert: {name}\n" not in rules] == []
