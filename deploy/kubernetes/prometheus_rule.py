# noqa: INP001 (a script beside the files it reads, part of no package)
"""Writes the shipped rules as the resource that the Prometheus operator reads.

    cd deploy/kubernetes
    python prometheus_rule.py ../prometheus/rules/*.yml > monitoring/prometheusrule.yaml

The groups are those of the files, in their order. Needs PyYAML; comments are not kept.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

HEAD = "# Written by deploy/kubernetes/prometheus_rule.py from deploy/prometheus/rules; change it there.\n"


def resource(paths: Iterable[Path]) -> dict[str, Any]:
    """One PrometheusRule with the groups of these files."""
    groups = [group for path in paths for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "ai-api-exporter"},
        "spec": {"groups": groups},
    }


class Writer(yaml.SafeDumper):
    """Writes texts of several lines as such, so that expressions can be read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Writer.add_representer(str, _text)


def main() -> None:
    """Read the files named on the command line, write the resource to standard output."""
    parser = argparse.ArgumentParser(description="Write rules as a PrometheusRule.")
    parser.add_argument("files", nargs="+", type=Path)
    found = resource(parser.parse_args().files)
    sys.stdout.write(HEAD + yaml.dump(found, Dumper=Writer, sort_keys=False, width=120, allow_unicode=True))


if __name__ == "__main__":
    main()
