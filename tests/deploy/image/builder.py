"""Builds and runs images without an engine: buildah, with a storage of its own, isolated by chroot."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STORAGE = """[storage]
driver = "vfs"
runroot = "{folder}/run"
graphroot = "{folder}/storage"
"""


class BuildError(Exception):
    """A program failed; the message is its last words."""


def succeed(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command: what it wrote to standard output. BuildError if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)}\n{(done.stderr or done.stdout)[-4000:]}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Builder:
    """Images and containers in a folder."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What buildah has to be told to stay in that folder."""
        configuration = self.folder / "storage.conf"
        configuration.write_text(STORAGE.format(folder=self.folder))
        return {**os.environ, "CONTAINERS_STORAGE_CONF": str(configuration), "BUILDAH_ISOLATION": "chroot"}

    def run(self, *words: str | Path) -> str:
        """`buildah WORDS`: its standard output."""
        return succeed(["buildah", *map(str, words)], self.environment).strip()

    def has(self, image: str) -> bool:
        """Is there an image of that name?"""
        return bool(self.run("images", "--quiet", "--filter", f"reference={image}"))

    def build(self, context: Path, tag: str, lent: Mapping[Path, str]) -> None:
        """Build the Dockerfile of a folder; `lent` files of this machine are there during the build only."""
        volumes = [f"--volume={path}:{place}:ro" for path, place in lent.items()]
        # The other format of manifests has no place for HEALTHCHECK.
        self.run("build", "--pull-never", "--format=docker", "--layers=false", f"--tag={tag}", *volumes, context)

    def manifest(self, image: str) -> tuple[dict[str, Any], list[int]]:
        """How containers of the image are to be run, and the bytes of its layers, from the base up."""
        told = json.loads(self.run("inspect", "--type=image", image))
        layers = json.loads(told["Manifest"])["layers"]
        return told["Docker"]["config"], [layer["size"] for layer in layers]
