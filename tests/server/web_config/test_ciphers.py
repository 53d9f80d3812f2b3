"""The names of OpenSSL are names that OpenSSL knows."""

import ssl

import pytest

from exporter.server.web_config.ciphers import CURVES, SUITES


@pytest.mark.parametrize("name", sorted(each for each in SUITES.values() if each is not None))
def test_a_suite(name: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(f"{name}:@SECLEVEL=0")
    assert name in {each["name"] for each in context.get_ciphers()}


@pytest.mark.parametrize("name", sorted(CURVES.values()))
def test_a_curve(name: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ecdh_curve(name)
    with pytest.raises(ValueError, match="unknown"):
        context.set_ecdh_curve(f"not {name}")
