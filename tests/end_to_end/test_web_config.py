"""One web configuration file for blackbox_exporter and for us: curl cannot tell them apart by what it gets."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import yaml

from tests.fakes.certificates import Authority
from tests.fakes.script import reply
from tests.fakes.server import FakeServer
from tests.parts.blackbox import listens, running_blackbox
from tests.parts.curl import REFUSED, curl
from tests.parts.daemon import command, environment
from tests.parts.process import free_port, running
from tests.parts.programs import program
from tests.parts.waiting import eventually

HASH = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4)).decode()
USERS = {"alice": HASH, "bob": f"$2y${HASH[4:]}"}
TLS_1_1 = ("--tlsv1.1", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0")
AES_128 = ("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256")
AES_256 = ("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384")

Options = Sequence[str | Path]


class Certificates:
    """Two authorities, a server of the first, a client of each."""

    def __init__(self, folder: Path) -> None:
        (folder / "ours").mkdir()
        (folder / "others").mkdir()
        ours, others = Authority(folder / "ours"), Authority(folder / "others")
        certificate, key = ours.client("127.0.0.1")
        self.tls = {"cert_file": str(certificate), "key_file": str(key)}
        self.ca, self.other_ca = ours.ca_file, others.ca_file
        self.known, self.unknown = (each.client("prometheus") for each in (ours, others))

    def shown(self, pair: tuple[Path, Path]) -> Options:
        return ("--cert", pair[0], "--key", pair[1])


def servings(made: Certificates) -> Mapping[str, Any]:
    """The web configuration files, by name."""
    client = {**made.tls, "client_ca_file": str(made.ca)}
    https = {"tls_server_config": made.tls}
    return {
        "nothing": {},
        "passwords": {"basic_auth_users": USERS},
        "headers": {"http_server_config": {"headers": {"X-Frame-Options": "sameorigin"}}},
        "https": https,
        "https and passwords": {**https, "basic_auth_users": USERS},
        "certificates": {"tls_server_config": {**client, "client_auth_type": "RequireAndVerifyClientCert"}},
        "certificates if given": {"tls_server_config": {**client, "client_auth_type": "VerifyClientCertIfGiven"}},
        "certificates asked for": {"tls_server_config": {**made.tls, "client_auth_type": "RequestClientCert"}},
        "tls 1.3": {"tls_server_config": {**made.tls, "min_version": "TLS13"}},
        "at most tls 1.2": {"tls_server_config": {**made.tls, "max_version": "TLS12"}},
        "from tls 1.1": {
            "http_server_config": {"http2": False},  # which is not spoken over so old a version
            "tls_server_config": {**made.tls, "min_version": "TLS11"},
        },
        "one suite": {
            "http_server_config": {"http2": False},
            "tls_server_config": {**made.tls, "cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]},
        },
        "one curve": {"tls_server_config": {**made.tls, "curve_preferences": ["CurveP384"]}},
    }


PASSWORDS: Mapping[str, Options] = {
    "none": (),
    "right": ("-u", "alice:open sesame"),
    "right, hash of Apache": ("-u", "bob:open sesame"),
    "wrong": ("-u", "alice:sesame"),
    "empty": ("-u", "alice:"),
    "nobody": ("-u", "mallory:open sesame"),
    "other case": ("-u", "Alice:open sesame"),
    "malformed": ("-H", "Authorization: Basic !!!"),
    "no colon": ("-H", "Authorization: Basic YWxpY2U="),
    "bearer": ("-H", "Authorization: Bearer alice"),
    "small letters": ("-H", "Authorization: basic YWxpY2U6b3BlbiBzZXNhbWU="),
}


def asked(made: Certificates, name: str) -> Mapping[str, Options]:
    """The cases that a file is asked with, by name."""
    if not servings(made)[name].get("tls_server_config"):
        return PASSWORDS
    trusting = ("--cacert", made.ca)
    cases: dict[str, Options] = {
        "trusting": trusting,
        "trusting another": ("--cacert", made.other_ca),
        "its certificate": (*trusting, *made.shown(made.known)),
        "a certificate of another": (*trusting, *made.shown(made.unknown)),
        "tls 1.1": (*trusting, *TLS_1_1),
        "tls 1.2": (*trusting, "--tls-max", "1.2"),
        "tls 1.3": (*trusting, "--tlsv1.3"),
        "aes 128": (*trusting, *AES_128),
        "aes 256": (*trusting, *AES_256),
        "curve 256": (*trusting, "--curves", "P-256"),
        "curve 384": (*trusting, "--curves", "P-384"),
    }
    if "passwords" in name:
        cases |= {f"password {case}": (*trusting, *options) for case, options in PASSWORDS.items()}
    return cases


@asynccontextmanager
async def running_ours(web_config: Path, folder: Path) -> AsyncIterator[str]:
    """Our daemon with that web configuration: its address, HOST:PORT."""
    address = f"127.0.0.1:{free_port()}"
    words = command("run", "--listen", address, "--web.config.file", web_config)
    keys = environment(OPENAI_API_KEY="key-of-nobody", AI_API_EXPORTER_NO_SCHEDULE="1")
    async with running(words, folder, keys) as process:

        async def look() -> bool:
            assert process.process.returncode is None, process.stderr
            return await asyncio.to_thread(listens, address)

        await eventually(look, "a listener")
        yield address


NAMES = (
    "nothing",
    "passwords",
    "headers",
    "https",
    "https and passwords",
    "certificates",
    "certificates if given",
    "certificates asked for",
    "tls 1.3",
    "at most tls 1.2",
    "from tls 1.1",
    "one suite",
    "one curve",
)


def test_every_file_is_compared(tmp_path: Path) -> None:
    assert set(NAMES) == set(servings(Certificates(tmp_path)))


@pytest.mark.parametrize("name", NAMES)
async def test_the_same_file_the_same_answers(tmp_path: Path, name: str) -> None:
    program("curl")
    program("prometheus-blackbox-exporter")
    made = Certificates(tmp_path)
    web_config = tmp_path / "web.yml"
    web_config.write_text(yaml.safe_dump(servings(made)[name]))
    scheme = "https" if "tls_server_config" in servings(made)[name] else "http"
    cases = asked(made, name)
    async with (
        running_blackbox(web_config, tmp_path / "blackbox") as theirs,
        running_ours(web_config, tmp_path / "ours") as ours,
    ):

        async def told(address: str) -> dict[str, str]:
            return {case: await curl(f"{scheme}://{address}/metrics", *options) for case, options in cases.items()}

        by_them, by_us = await asyncio.gather(told(theirs), told(ours))
    assert by_us == by_them
    # The comparison is worth something only where something is let in.
    assert "200" in by_them.values()
    if scheme == "https":
        assert REFUSED in by_them.values()


async def test_curl_can_speak_what_is_refused(tmp_path: Path) -> None:
    """A server that takes TLS 1.1 gets it from the same words."""
    made = Certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(made.tls["cert_file"], made.tls["key_file"])
    async with FakeServer(reply(b"{}"), tls=context) as server:
        assert await curl(f"{server.url}/", "--cacert", made.ca, *TLS_1_1) == "200"
