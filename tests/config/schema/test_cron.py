"""Cron fields of maintenance windows."""

import pytest
from pydantic import TypeAdapter, ValidationError

from exporter.config.schema.cron import Schedule

ADAPTER: TypeAdapter[str] = TypeAdapter(Schedule)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("0 3 * * sun", "0 3 * * sun"),
        ("*/15 0,12 1-7 * MON-FRI", "*/15 0,12 1-7 * mon-fri"),
        ("  30   2  1-31/2  12  sat,sun ", "30 2 1-31/2 12 sat,sun"),
        ("59 23 31 12 *", "59 23 31 12 *"),
    ],
)
def test_read(text: str, fields: str) -> None:
    assert ADAPTER.validate_python(text) == fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 3 * *",
        "0 3 * * * *",
        "60 3 * * *",
        "0 24 * * *",
        "0 3 0 * *",
        "0 3 32 * *",
        "0 3 * 13 *",
        "5-1 3 * * *",
        "*/0 3 * * *",
        "0 3 * * 0",
        "0 3 * * funday",
        "0 3 * * sun,",
        "0,,1 3 * * *",
        "0 3 L * *",
        "@daily",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(text)
