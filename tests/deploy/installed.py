"""Programs that come as packages of the test group: they lie beside the Python that runs the tests."""

import shutil
import sysconfig
from pathlib import Path

from tests.parts.programs import absent


def installed(name: str) -> Path:
    """The path of such a program; one that this machine could not install is missing by name."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    return Path(found) if found is not None else absent(name)
