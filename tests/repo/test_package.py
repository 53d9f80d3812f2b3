"""The wheel holds what the package needs to run, and nothing else."""

import subprocess
import sys
from zipfile import ZipFile

import pytest

from exporter import __version__
from tests.repo.source import ROOT, files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel of this checkout, built as a packager would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return ZipFile(next(folder.glob("*.whl")))


def test_every_file_of_the_package_is_in_it(wheel: ZipFile) -> None:
    ours = {str(path.relative_to(ROOT)) for path in files("*", ROOT / "exporter")}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {"exporter/__main__.py", "exporter/py.typed"} <= packed
    assert packed == ours


def test_it_names_its_version_licence_and_command(wheel: ZipFile) -> None:
    information = f"ai_api_exporter-{__version__}.dist-info"
    assert wheel.read(f"{information}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert b"ai-api-exporter = exporter.cli:main" in wheel.read(f"{information}/entry_points.txt")
    assert f"\nVersion: {__version__}\n".encode() in wheel.read(f"{information}/METADATA")


def test_the_image_is_built_from_it() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel ." in text
    assert "install --no-cache-dir --no-deps /wheel/*.whl" in text
