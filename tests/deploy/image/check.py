"""Builds the image from this checkout and runs it: `python -m tests.deploy.image.check`, or `make image-check`.

It needs root on a Debian machine, for it makes the base itself and knows no engine. Minutes the first time, less
later: the base is kept in ${XDG_CACHE_HOME:-~/.cache}/ai-api-exporter-image.
"""

import asyncio
import os
import shutil
import ssl
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.deploy.image.builder import Builder, BuildError, succeed
from tests.deploy.image.container import Container, demo, demo_read_only, run_with_state
from tests.deploy.image.stand_in import make_base
from tests.deploy.image.written import differences, outside, picture
from tests.deploy.shipped import ROOT

TAG = "localhost/ai-api-exporter:check"
NEEDED = {"buildah": "buildah", "crun": "crun", "debootstrap": "debootstrap", "unshare": "util-linux"}
"""Programs and the Debian packages that bring them."""
MAY_WRITE = ("tmp", "var/lib/ai-api-exporter")


def base() -> str:
    """The name of the base in the Dockerfile, in full."""
    (line,) = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("ARG BASE=")]
    return f"docker.io/library/{line.removeprefix('ARG BASE=')}"


def folder() -> Path:
    """Where the base is kept from run to run."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ai-api-exporter-image"
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def lent() -> Mapping[Path, str]:
    """Files of this machine that pip may need during the build: whom to trust, and which index to ask."""
    trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    told = [Path.home() / ".config/pip/pip.conf", Path("/etc/pip.conf")]
    configuration = next((path for path in told if path.is_file()), None)
    files = {Path(trusted): "/etc/ssl/certs/ca-certificates.crt"} if trusted else {}
    return files if configuration is None else {**files, configuration: "/etc/pip.conf"}


def missing() -> Iterator[str]:
    """What this machine lacks, a sentence each."""
    if os.geteuid() != 0:
        yield "only root may make a base and look into containers; run it as root, in a machine of its own"
    packages = {package for program, package in NEEDED.items() if shutil.which(program) is None}
    if packages:
        yield f"programs are missing; apt-get install --no-install-recommends {' '.join(sorted(packages))}"


async def check(builder: Builder) -> None:
    """Build, run in three ways, compare; AssertionError where it is not as promised."""
    say(f"base: a stand-in for {base()} (Debian's Python, made here)")
    make_base(builder, base())
    builder.build(ROOT, TAG, lent())
    settings, layers = builder.manifest(TAG)
    say(f"built: our layers are {sum(layers[1:]) / 1e6:.0f} MB unpacked, upon {layers[0] / 1e6:.0f} MB of the stand-in")
    name = builder.run("from", "--pull-never", TAG)
    try:
        await runs(Container(builder, name, Path(builder.run("mount", name)), settings))
    finally:
        builder.run("rm", name)
        builder.run("rmi", TAG)


async def runs(container: Container) -> None:
    """Each way to run it; then what was written by all of them."""
    builder, root = container.builder, container.root
    # The builder makes mount points with its first command, and touches a folder or two with each.
    succeed([*container.command(), "true"], builder.environment)
    untouched = picture(root)
    succeed([*container.command(), "true"], builder.environment)
    before = picture(root)
    by_the_builder = differences(untouched, before)
    with tempfile.TemporaryDirectory() as place:
        for number, way in enumerate((demo, run_with_state, demo_read_only)):
            say(await way(container, Path(place, str(number))))
    changed = differences(before, picture(root))
    strange = outside(changed, MAY_WRITE) - by_the_builder
    assert strange == set(), f"written where nothing may be written: {', '.join(sorted(strange))}"
    assert f"{MAY_WRITE[1]}/state.db" in changed, "no state was kept, or what is written is not seen"
    say(f"written: nothing outside of {' and '.join(f'/{path}' for path in MAY_WRITE)}")


def say(line: str) -> None:
    """For the person who waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Exit code 0 if the image is as promised, 1 if not, 2 if this machine cannot tell."""
    lacks = list(missing())
    if lacks:
        say("\n".join(lacks))
        return 2
    try:
        asyncio.run(check(Builder(folder())))
    except (AssertionError, BuildError) as problem:
        say(f"the image is not as promised: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
