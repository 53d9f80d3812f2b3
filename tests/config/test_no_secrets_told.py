"""No configuration that is wrong has its secrets told in the sentences about it, however it is wrong."""

from pathlib import Path

import pytest

from exporter.config.load import load_plan
from exporter.core.errors import ConfigError
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from tests.config.cases import written

SECRET = "gsk_Zq8Xw2Lm5Rt7Yp3Vn6Kb9Dc4"
NUMBER = "918273645546"
RUN = 8
"""So many characters in a row of a secret are too many."""

RELAY = "providers:\n  relay: {preset: openai-compatible, base_url: 'https://relay.example', HERE}\n"

AT_A_PROVIDER = {
    "a key in the place of its variable": "api_key: {env: SECRET}",
    "a key as a variable": "api_key: '${SECRET}'",
    "a key as a variable never closed": "api_key: '${SECRET'",
    "a key in the place of its file": "api_key: {file: SECRET}",
    "a key in the place of a key source": "api_key: {SECRET: }",
    "a key in a list": "api_key: [SECRET]",
    "a key under another name": "api_key: {value: SECRET}",
    "a key from two places": "api_key: {env: A, file: SECRET}",
    "a key that is a number": "api_key: {env: NUMBER}",
    "a key twice": "api_key: SECRET, api_key: SECRET",
    "a key of two lines": 'api_key: "SECRET\\nSECRET"',
    "a key beside what signs": "api_key: SECRET, auth: {type: sigv4}",
    "a key under a name misspelt": "apikey: SECRET",
    "no space after the colon": "api_key:SECRET",
    "an equals sign": "api_key=SECRET",
    "no space after the colon of a header": "headers: {X-Key:SECRET}",
    "an equals sign in a header": "headers: {X-Key=SECRET: }",
    "a header as one text": "headers: 'X-Key: SECRET'",
    "a path that no system takes": 'ca_file: "a\\0SECRET"',
    "a key file that no system takes": 'api_key: {file: "a\\0SECRET"}',
    "headers as a list": "headers: ['X-Key: SECRET']",
    "a header that is a number": "headers: {X-Key: NUMBER}",
    "a header of several values": "headers: {X-Key: {value: SECRET}}",
    "a header of our own": "headers: {Authorization: Bearer SECRET}",
    "a header that is not ASCII": "headers: {X-Key: SECRET\u00e9}",
    "a proxy that is a number": "proxy: NUMBER",
    "a proxy without a scheme": "proxy: 'user:SECRET@proxy.example:3128'",
    "a proxy without a host": "proxy: 'user:SECRET'",
    "a proxy of another kind": "proxy: 'socks4://user:SECRET@proxy.example:1'",
    "a proxy with a port that is none": "proxy: 'http://user:SECRET@proxy.example:99999'",
    "proxies as a list": "proxy: ['http://user:SECRET@proxy.example']",
    "a key in the place of a header's name": "key_header: {name: 'X:SECRET'}",
    "a key in the place of the header": "key_header: 'X-Key: SECRET'",
    "an account in the place of its file": 'auth: {type: google, file: \'{"private_key": "SECRET"}\'}',
    "a private key in the place of its file": 'client_key: "-----BEGIN PRIVATE KEY-----\\nSECRET\\n-----END"',
    "a private key on one line": "client_cert: SECRET",
    "a merge of a key": "<<: SECRET",
    "an alias": "api_key: *SECRET",
    "a tag": "api_key: !SECRET x",
    "settings as a text": "quirks: {extra: SECRET}",
}

AS_A_FILE = {
    "a key alone": "SECRET\n",
    "a key at the top": "api_key: SECRET\n",
    "a key in the place of a provider": "providers: {openai: SECRET}\n",
    "a key in the place of all providers": "providers: SECRET\n",
    "a line that YAML does not know": "providers:\n  openai:\n    api_key:SECRET\n",
    "a password in an address": "providers: {relay: {preset: vllm, base_url: 'https://u:SECRET@relay.example'}}\n",
    "a key in the query of an address": "providers: {relay: {preset: vllm, base_url: 'relay.example/v1?key=SECRET'}}\n",
    "a key in the place of an address": "providers: {relay: {preset: vllm, base_url: SECRET}}\n",
    "an escaped password": "providers: {relay: {preset: vllm, base_url: 'https://u%3ASECRET%40relay.example:x'}}\n",
}

FROM_A_VARIABLE = {
    "an address": "base_url: '${V}'",
    "a dialect": "dialect: '${V}'",
    "a kind": "kind: '${V}'",
    "a region": "region: '${V}'",
    "a time span": "interval: '${V}'",
    "a whole number": "max_in_flight: '${V}'",
    "true or false": "enabled: '${V}'",
    "money": "budget: {daily_usd: '${V}'}",
    "a choice": "quirks: {cap_field: '${V}'}",
    "a label": "labels: {team: '${V}'}",
    "a header": "headers: {X-Key: '${V}\u00e9'}",
    "a proxy": "proxy: '${V}'",
    "a variable's name": "api_key: {env: '${V}'}",
    "a key file": "api_key: {file: '${V}'}",
    "another file": "ca_file: '${V}'",
    "a probe": "probes: ['${V}']",
    "a kind of probe": "probes: [{probe: '${V}'}]",
    "a schema": "probes: [{probe: chat, assert: {json_schema: {type: '${V}'}}}]",
    "a regular expression": "probes: [{probe: chat, assert: {regex: '(${V}'}}]",
}

VALUES = {
    "short": SECRET,
    "longer than a quotation": f"{SECRET}-{'x' * 80}",
    "of two lines": f"Ab\n{SECRET}",
    "with a control character": f"Ab\x07{SECRET}",
}


def told(folder: Path, text: str, value: str = "") -> str:
    """Everything that is said of a configuration, which has to be wrong."""
    path = written(folder, text)
    with pytest.raises(ConfigError) as refused:
        load_plan(path, {"V": value, "OPENAI_API_KEY": "sk-0123456789"}, PROBES, DIALECTS)
    return str(refused.value).replace(str(folder), "")


def gives_away(said: str) -> list[str]:
    return [
        run
        for secret in (SECRET, NUMBER)
        for at in range(len(secret) - RUN + 1)
        if (run := secret[at : at + RUN]) in said
    ]


def filled(text: str) -> str:
    return text.replace("SECRET", SECRET).replace("NUMBER", NUMBER)


@pytest.mark.parametrize("wrong", AT_A_PROVIDER.values(), ids=AT_A_PROVIDER)
def test_what_is_wrong_at_a_provider(wrong: str, tmp_path: Path) -> None:
    assert gives_away(told(tmp_path, filled(RELAY.replace("HERE", wrong)))) == []


@pytest.mark.parametrize("wrong", AS_A_FILE.values(), ids=AS_A_FILE)
def test_what_is_wrong_with_a_file(wrong: str, tmp_path: Path) -> None:
    assert gives_away(told(tmp_path, filled(wrong))) == []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("wrong", FROM_A_VARIABLE.values(), ids=FROM_A_VARIABLE)
def test_what_came_from_a_variable(wrong: str, value: str, tmp_path: Path) -> None:
    text = RELAY.replace("base_url: 'https://relay.example', ", "") if "base_url" in wrong else RELAY
    said = told(tmp_path, f"{text.replace('HERE', wrong)}models: [{{model: a}}]\n", value)
    assert gives_away(said) == []
