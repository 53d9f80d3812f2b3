from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.image.written import differences, outside, picture


def append(root: Path) -> None:
    (root / "var/file").write_text("longer than before")


def forbid(root: Path) -> None:
    (root / "var/file").chmod(0o400)


def come_and_go(root: Path) -> None:
    (root / "var/short").touch()
    (root / "var/short").unlink()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param(append, "var/file", id="content"),
        pytest.param(forbid, "var/file", id="mode"),
        pytest.param(lambda root: (root / "var/new").touch(), "var/new", id="new"),
        pytest.param(lambda root: (root / "var/link").unlink(), "var/link", id="gone"),
        pytest.param(come_and_go, "var", id="there for a moment"),
    ],
)
def test_a_change_is_seen(tmp_path: Path, change: Callable[[Path], None], path: str) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/file").write_text("before")
    (tmp_path / "var/link").symlink_to("nowhere")
    before = picture(tmp_path)
    assert differences(before, picture(tmp_path)) == set()
    change(tmp_path)
    assert path in differences(before, picture(tmp_path))


def test_what_is_outside() -> None:
    assert outside({"tmp", "tmp/a", "tmpfile", "var/state/x", "var"}, ("tmp", "var/state")) == {"tmpfile", "var"}
