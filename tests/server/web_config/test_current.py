"""The web configuration of now: read again, and kept where what was read cannot be used."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import structlog
import yaml
from structlog.testing import CapturingLogger

from exporter.core.errors import ConfigError, UsageError
from exporter.server.web_config.current import CurrentWebConfig
from tests.fakes.certificates import Authority

EVERY_LEVEL = structlog.make_filtering_bound_logger(0)
DENY = {"http_server_config": {"headers": {"X-Frame-Options": "deny"}}}


def tls(pair: tuple[Path, Path], **more: object) -> Mapping[str, object]:
    certificate, key = pair
    return {"tls_server_config": {"cert_file": str(certificate), "key_file": str(key), **more}}


class Held:
    """A file, and what was read of it."""

    def __init__(self, folder: Path, first: Mapping[str, object]) -> None:
        self.path = folder / "web.yml"
        self.logged = CapturingLogger()
        self.write(first)
        log = structlog.wrap_logger(self.logged, processors=[], wrapper_class=EVERY_LEVEL)
        self.current = CurrentWebConfig(self.path, log)

    def write(self, document: Mapping[str, object]) -> None:
        self.path.write_text(yaml.safe_dump(dict(document)))

    @property
    def levels(self) -> list[str]:
        return [call.method_name for call in self.logged.calls]


async def test_without_a_file_everybody_is_served_plainly() -> None:
    current = CurrentWebConfig(None, structlog.wrap_logger(CapturingLogger()))
    assert (current.tls, current.config.users, list(current.list_files())) == (None, {}, [])
    assert await current.renew()


async def test_what_changed_is_used(tmp_path: Path) -> None:
    held = Held(tmp_path, {})
    held.write(DENY)
    assert await held.current.renew()
    assert held.current.config.headers == {"X-Frame-Options": "deny"}
    assert held.levels == ["info"]


async def test_what_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    held = Held(tmp_path, DENY)
    held.path.write_text("basic_auth_users: {alice: plain}")
    assert not await held.current.renew()
    assert held.current.config.headers == {"X-Frame-Options": "deny"}
    assert held.levels == ["error"]
    assert "plain" not in str(held.logged.calls)


async def test_a_new_certificate_is_shown_from_then_on(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    held = Held(tmp_path, tls(authority.client("127.0.0.1")))
    context = held.current.tls
    assert context is not None
    before = context.current
    held.write(tls(authority.client("127.0.0.1")))
    assert await held.current.renew()
    assert held.current.tls is context
    assert context.current is not before


async def test_a_certificate_that_cannot_be_used_leaves_the_old_one(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.client("127.0.0.1")
    held = Held(tmp_path, tls(pair))
    assert held.current.tls is not None
    before = held.current.tls.current
    pair[0].write_text("half a certif")
    assert not await held.current.renew()
    assert held.current.tls.current is before


@pytest.mark.parametrize("on", [True, False])
async def test_tls_is_not_turned_on_or_off_while_serving(tmp_path: Path, *, on: bool) -> None:
    secured = tls(Authority(tmp_path).client("127.0.0.1"))
    held = Held(tmp_path, {} if on else secured)
    held.write(secured if on else DENY)
    assert not await held.current.renew()
    assert held.current.config.headers == {}
    assert "restart" in str(held.logged.calls[-1])


async def test_all_that_is_read_is_watched(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.client("127.0.0.1")
    asked = tls(pair, client_ca_file="ca.pem", client_auth_type="RequireAndVerifyClientCert")
    held = Held(tmp_path, asked)
    assert set(held.current.list_files()) == {held.path, *pair, tmp_path / "ca.pem"}


def test_at_start_it_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no bcrypt hash"):
        Held(tmp_path, {"basic_auth_users": {"alice": "plain"}})
    with pytest.raises(UsageError, match="cannot be served"):
        Held(tmp_path, tls((tmp_path / "nothing", tmp_path / "nothing")))


async def test_what_is_served_otherwise_is_said(tmp_path: Path) -> None:
    held = Held(tmp_path, {"http_server_config": {"http2": True}})
    assert held.levels == ["warning"]
    assert "HTTP/1.1" in str(held.logged.calls[0])
