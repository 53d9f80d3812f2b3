"""Contexts as the configuration asks for them; handshakes as clients see them: tests/end_to_end/test_web_config.py."""

import asyncio
import ssl
from pathlib import Path

import pytest

from exporter.core.errors import UsageError
from exporter.server.web_config.tls import list_names, make_context, make_renewable
from exporter.server.web_config.web_config import Pem, Tls
from tests.fakes.certificates import Authority


def tls(pair: tuple[Path, Path], **more: object) -> Tls:
    certificate, key = (Pem(path=each) for each in pair)
    return Tls(certificate=certificate, key=key, **more)  # type: ignore[arg-type]  # what a test asks for


async def shaken(server: ssl.SSLContext, client: ssl.SSLContext) -> str:
    """The version agreed on, or the name of the error."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server) as listening:
        port = listening.sockets[0].getsockname()[1]
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
            greeting = await reader.read()
            version = writer.get_extra_info("ssl_object").version()
            writer.close()
        except OSError as error:
            return type(error).__name__
        return str(version) if greeting else "closed"


def client_of(authority: Authority, pair: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.ca_file)
    if pair is not None:
        context.load_cert_chain(*pair)
    return context


async def test_a_certificate_in_the_file_itself(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = (Pem(path=None, text=each.read_text()) for each in authority.client("127.0.0.1"))
    assert await shaken(make_context(Tls(certificate=certificate, key=key)), client_of(authority)) == "TLSv1.3"


@pytest.mark.parametrize(
    ("allowed", "result"),
    [({"prometheus"}, "TLSv1.3"), ({"grafana", "prometheus"}, "TLSv1.3"), ({"grafana"}, "closed"), (set(), "closed")],
    ids=["the name", "one of two", "another name", "nobody"],
)
async def test_only_clients_of_these_names(tmp_path: Path, allowed: set[str], result: str) -> None:
    authority = Authority(tmp_path)
    asked = tls(
        authority.client("127.0.0.1"),
        client_ca=Pem(path=authority.ca_file),
        client_auth="RequireAndVerifyClientCert",
        allowed_sans=frozenset(allowed),
    )
    seen = await shaken(make_context(asked), client_of(authority, authority.client("prometheus")))
    assert seen in (result, "ConnectionResetError") if result == "closed" else seen == result


async def test_the_next_handshake_is_by_the_new_rules(tmp_path: Path) -> None:
    """An authority that is taken away is trusted no more."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = Authority(tmp_path / "one"), Authority(tmp_path / "two")
    pair = one.client("127.0.0.1")
    rules = {"client_auth": "RequireAndVerifyClientCert"}
    context = make_renewable(make_context(tls(pair, client_ca=Pem(path=one.ca_file), **rules)))
    client = client_of(one, one.client("prometheus"))
    assert await shaken(context, client) == "TLSv1.3"
    context.current = make_context(tls(pair, client_ca=Pem(path=two.ca_file), **rules))
    assert await shaken(context, client) != "TLSv1.3"


@pytest.mark.parametrize("wrong", ["missing", "not a certificate", "of another key"])
def test_files_that_cannot_be_used_are_said_in_a_sentence(tmp_path: Path, wrong: str) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.client("127.0.0.1")
    match wrong:
        case "missing":
            certificate = tmp_path / "nothing.pem"
        case "not a certificate":
            certificate.write_text("nothing")
        case _:
            _, key = authority.client("127.0.0.1")
    with pytest.raises(UsageError, match=r"the certificate .* cannot be served: "):
        make_context(tls((certificate, key)))


def test_an_authority_that_cannot_be_used(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    asked = tls(
        authority.client("127.0.0.1"),
        client_ca=Pem(path=tmp_path / "nothing"),
        client_auth="RequireAndVerifyClientCert",
    )
    with pytest.raises(UsageError, match=r"the authority .* cannot be used"):
        make_context(asked)


def test_names_are_compared_as_they_are_written() -> None:
    shown = {
        "subjectAltName": (
            ("DNS", "prometheus"),
            ("IP Address", "2001:DB8:0:0:0:0:0:1"),
            ("URI", "spiffe://cluster/prometheus"),
            ("DirName", ((("commonName", "x"),),)),
        )
    }
    assert list_names(shown) == {"prometheus", "2001:db8::1", "spiffe://cluster/prometheus"}
    assert list_names(None) == set()
