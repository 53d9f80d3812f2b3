"""A base image made on this machine from Debian packages, under the name that the Dockerfile asks for.

It stands in for the official Python image where no registry can be asked: Debian 12 with its own Python, which is
older than the one of the real base. What lies upon it is built by the Dockerfile as it is.
"""

import shutil
from pathlib import Path

from tests.deploy.image.builder import Builder, succeed

SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
PYTHON = "/opt/python"
"""An environment with pip, in the place of the official image's /usr/local."""


def make_base(builder: Builder, tag: str) -> None:
    """Make it, unless it is there from an earlier run."""
    if builder.has(tag):
        return
    root = builder.folder / "base"
    # What it mounts has to vanish with it, or the removal below would go through it.
    own_mounts = ["unshare", "--mount", "--propagation=private"]
    succeed([*own_mounts, "debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root)])
    succeed(["chroot", str(root), "python3", "-m", "venv", PYTHON])
    _commit(builder, root, tag)
    shutil.rmtree(root)


def _commit(builder: Builder, root: Path, tag: str) -> None:
    container = builder.run("from", "scratch")
    builder.run("add", "--quiet", container, root, "/")
    builder.run("config", f"--env=PATH={PYTHON}/bin:/usr/local/bin:/usr/bin:/bin", container)
    builder.run("commit", "--quiet", "--format=docker", "--rm", container, tag)
