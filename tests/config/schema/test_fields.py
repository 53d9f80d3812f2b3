"""The kinds of value, one by one; what is refused is told in tests/config/invalid."""

from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from exporter.config.schema import fields
from exporter.config.yaml.expand import ExpandedText

PRIVATE = {
    "localhost": True,
    "LOCALHOST.": True,
    "127.0.0.1": True,
    "127.9.9.9": True,
    "::1": True,
    "10.1.2.3": True,
    "172.31.0.1": True,
    "172.32.0.1": False,
    "192.168.0.1": True,
    "169.254.1.1": True,
    "100.64.0.1": True,
    "fd00::1": True,
    "fe80::1%eth0": True,
    "8.8.8.8": False,
    "2606:4700::1111": False,
    "::ffff:8.8.8.8": False,
    "::ffff:10.0.0.1": True,
    "vllm": True,
    "llm.prod.svc": True,
    "llm.prod.svc.cluster.local": True,
    "printer.local": True,
    "metadata.google.internal": True,
    "api.openai.com": False,
    "local": True,
    "notlocal.example": False,
    "134744072": False,
    "0x08080808": False,
}


@pytest.mark.parametrize(("host", "private"), PRIVATE.items())
def test_private(host: str, private: bool) -> None:
    assert fields.is_private(host) is private


ACCEPTED: dict[str, tuple[Any, Any, Any]] = {
    "span": (fields.Span, "1m30s", 90.0),
    "interval": (fields.Interval, "1s", 1.0),
    "name": (fields.Name, "my-vllm_2", "my-vllm_2"),
    "model": (fields.ModelName, "vendor/model:free", "vendor/model:free"),
    "label": (fields.LabelKey, "team", "team"),
    "label value": (fields.LabelValue, "", ""),
    "base URL": (fields.BaseUrl, "https://host.example:8443/v1/", "https://host.example:8443/v1"),
    "IPv6": (fields.BaseUrl, "http://[::1]:8080", "http://[::1]:8080"),
    "header": (fields.HeaderName, "X-Team", "x-team"),
    "address": (fields.Address, "[2606:4700::1111]:443", ("2606:4700::1111", 443)),
    "bounds": (fields.Bounds, [1, 2.5], (1.0, 2.5)),
    "key in a variable": (fields.ApiKey, {"env": "KEY"}, fields.KeySource(env="KEY")),
}


@pytest.mark.parametrize(("kind", "given", "value"), [pytest.param(*row, id=name) for name, row in ACCEPTED.items()])
def test_accepted(kind: Any, given: Any, value: Any) -> None:
    assert TypeAdapter(kind).validate_python(given) == value


REFUSED: dict[str, tuple[Any, Any]] = {
    "span too long": (fields.Span, "367d"),
    "span from a flag": (fields.Span, True),
    "lookup too often": (fields.Lookup, "59s"),
    "long name": (fields.Name, "a" * 65),
    "name with a line end": (fields.Name, "abc\n"),
    "name in other letters": (fields.Name, "é"),
    "long model": (fields.ModelName, "m" * 129),
    "model out of a variable": (fields.ModelName, ExpandedText("m", "${M}")),
    "text out of a variable": (fields.PlainText, ExpandedText("m", "${M}")),
    "label with a dash": (fields.LabelKey, "a-b"),
    "label of ours": (fields.LabelKey, "error_type"),
    "long label value": (fields.LabelValue, "v" * 129),
    "base URL with a space": (fields.BaseUrl, "https://host.example/a b"),
    "base URL going up": (fields.BaseUrl, "https://host.example/a/../b"),
    "base URL of port 0": (fields.BaseUrl, "https://host.example:0"),
    "header without a name": (fields.HeaderName, ""),
    "header in other letters": (fields.HeaderValue, "é"),
    "address without a port": (fields.Address, "host:"),
    "address with a strange digit": (fields.Address, "host:²"),
    "bounds that stand still": (fields.Bounds, [1, 1]),
    "endless bounds": (fields.Bounds, [1, float("inf")]),
    "a flag for a number": (fields.Whole, True),
}


@pytest.mark.parametrize(("kind", "given"), [pytest.param(*row, id=name) for name, row in REFUSED.items()])
def test_refused(kind: Any, given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)


def test_a_key_says_whether_it_was_written_out() -> None:
    adapter = TypeAdapter[fields.KeySource](fields.ApiKey)
    assert adapter.validate_python("sk-1") == fields.KeySource(inline=SecretStr("sk-1"), literal=True)
    assert adapter.validate_python(ExpandedText("sk-1", "${K}")) == fields.KeySource(inline=SecretStr("sk-1"))
