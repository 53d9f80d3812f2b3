"""The format of the web configuration file: what is taken, what refused and in which words, what is only said."""

import re
from pathlib import Path

import pytest

from exporter.core.errors import ConfigError
from exporter.server.web_config.web_config import Pem, Tls, WebConfig, _File, _Http, _Rate, _Tls, read_web_config
from tests.parts.programs import ROOT

HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
PAIR = "cert_file: server.crt, key_file: server.key"


def read(folder: Path, text: str) -> WebConfig:
    (folder / "web.yml").write_text(text)
    return read_web_config(folder / "web.yml")


@pytest.mark.parametrize("text", ["", "{}", "# nothing\n", "tls_server_config:\nbasic_auth_users:\n", "rate_limit: {}"])
def test_nothing_asked_for(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == WebConfig(files=frozenset({tmp_path / "web.yml"}))


def test_all_of_it(tmp_path: Path) -> None:
    read_back = read(
        tmp_path,
        f"""
tls_server_config:
  cert_file: server.crt
  key_file: keys/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /etc/ca.pem
  client_allowed_sans: [prometheus]
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519]
http_server_config:
  http2: false
  headers: {{X-Frame-Options: deny, X-XSS-Protection: ""}}
basic_auth_users: {{alice: {HASH}}}
rate_limit: {{interval: 1m30s, burst: 20}}
""",
    )
    certificate, key, authority = (Pem(path=path) for path in files(tmp_path))
    assert read_back == WebConfig(
        tls=Tls(
            certificate=certificate,
            key=key,
            client_ca=authority,
            client_auth="RequireAndVerifyClientCert",
            allowed_sans=frozenset({"prometheus"}),
            versions=("TLS13", "TLS13"),
            suites=("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",),
            server_prefers=False,
            curves=("X25519",),
        ),
        headers={"X-Frame-Options": "deny"},
        users={b"alice": HASH.encode()},
        every=90.0,
        burst=20,
        files=frozenset({tmp_path / "web.yml", *files(tmp_path)}),
    )


def files(folder: Path) -> tuple[Path, Path, Path]:
    return folder / "server.crt", folder / "keys" / "server.key", Path("/etc/ca.pem")


def test_certificates_in_the_file_itself(tmp_path: Path) -> None:
    tls = read(tmp_path, "tls_server_config: {cert: one, key: two}").tls
    assert tls is not None
    assert (tls.certificate.read(), tls.key.read()) == (b"one", b"two")
    assert "two" not in repr(tls)


REFUSED = [
    ("not YAML", "a: [", "is not YAML"),
    ("a list", "[]", "web.yml: "),
    ("an unknown key", "tls_config: {}", "tls_config: this key is not known"),
    ("an unknown key inside", "http_server_config: {http3: true}", "http_server_config.http3: this key is not known"),
    ("a number for a name", "tls_server_config: {cert_file: 1}", "tls_server_config.cert_file"),
    ("a word for a switch", "http_server_config: {http2: maybe}", "http_server_config.http2"),
    ("no key", "tls_server_config: {cert_file: a}", "needs a certificate and its key"),
    ("no certificate", "tls_server_config: {key_file: a}", "needs a certificate and its key"),
    ("an authority for nobody", f"tls_server_config: {{{PAIR}, client_ca_file: a}}", "without client_auth_type"),
    (
        "certificates that are not verified",
        f"tls_server_config: {{{PAIR}, client_auth_type: RequireAnyClientCert}}",
        "without verifying it",
    ),
    ("an unknown policy", f"tls_server_config: {{{PAIR}, client_auth_type: Maybe}}", "client_auth_type"),
    (
        "names of certificates that need not be shown",
        f"tls_server_config: {{{PAIR}, client_auth_type: VerifyClientCertIfGiven, client_allowed_sans: [a]}}",
        "client_allowed_sans needs",
    ),
    ("an unknown version", f"tls_server_config: {{{PAIR}, min_version: TLS14}}", "min_version"),
    ("versions upside down", f"tls_server_config: {{{PAIR}, min_version: TLS13, max_version: TLS12}}", "is above"),
    ("an unknown suite", f"tls_server_config: {{{PAIR}, cipher_suites: [RC4]}}", "'RC4' is not known"),
    ("an unknown curve", f"tls_server_config: {{{PAIR}, curve_preferences: [P-256]}}", "'P-256' is not known"),
    ("another header", "http_server_config: {headers: {Server: x}}", "'Server' cannot be set"),
    ("another value", "http_server_config: {headers: {X-Frame-Options: allow}}", "write deny or sameorigin"),
    ("a header of two lines", 'http_server_config: {headers: {X-XSS-Protection: "a\\nb"}}', "write printable text"),
    ("a password", "basic_auth_users: {alice: hunter2}", "basic_auth_users.alice: is no bcrypt hash"),
    ("a cost beyond all", f"basic_auth_users: {{alice: {HASH.replace('$10$', '$32$')}}}", "is no bcrypt hash"),
    ("a bare number for a time", "rate_limit: {interval: 5}", "is not a length of time"),
    ("a day", "rate_limit: {interval: 1d}", "is not a length of time"),
    ("less than none", "rate_limit: {burst: -1}", "rate_limit.burst"),
]


@pytest.mark.parametrize(("text", "sentence"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_what_is_refused_and_in_which_words(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, text)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "web.yml"))
    assert "hunter2" not in str(refused.value)


def test_all_problems_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, "basic_auth_users: {alice: a, bob: b}\nhttp_server_config: {headers: {Server: x}}")
    assert len(refused.value.problems) == 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_web_config(tmp_path / "nothing.yml")


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        pytest.param("http_server_config: {http2: true}", "HTTP/1.1 is served", id="http2"),
        pytest.param(
            f"tls_server_config: {{{PAIR}, client_auth_type: RequestClientCert}}", "never looked at", id="ask"
        ),
        pytest.param(
            f"tls_server_config: {{{PAIR}, curve_preferences: [CurveP256, X25519]}}", "only CurveP256", id="curves"
        ),
        pytest.param(
            f"tls_server_config: {{{PAIR}, cipher_suites: [TLS_AES_128_GCM_SHA256]}}", "cannot be chosen", id="suites"
        ),
        pytest.param(f"tls_server_config: {{{PAIR}, min_version: TLS10}}", "are broken", id="versions"),
    ],
)
def test_what_is_served_otherwise_is_said(tmp_path: Path, text: str, notice: str) -> None:
    (said,) = read(tmp_path, text).notices
    assert notice in said


def test_every_key_is_documented() -> None:
    blocks = (_File, _Tls, _Http, _Rate)
    keys = {key for block in blocks for key in block.model_fields} - {"tls_server_config", "http_server_config"}
    documented = (ROOT / "docs/access.md").read_text()
    assert [key for key in sorted(keys) if not re.search(rf"[`.]{key}\b", documented)] == []


def test_the_documented_file_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/access.md").read_text(), re.DOTALL)
    assert read(tmp_path, example).users
