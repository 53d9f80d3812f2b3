"""What is shipped for Kubernetes, as a real `kubectl kustomize` builds it, and what its readers' schemas say of it."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cloudcoil.models.prometheus_operator.v1 import PodMonitor, PrometheusRule

from tests.deploy.installed import installed
from tests.deploy.shipped import ROOT

FOLDER = ROOT / "deploy/kubernetes"
WHOLE = ("base", "sharded", "sidecar", "monitoring")
"""The folders that can be applied as they are."""
VERSION = "1.31"
"""Of Kubernetes: the oldest one that its makers still kept when this was written."""
OF_THE_OPERATOR = {"PodMonitor": PodMonitor, "PrometheusRule": PrometheusRule}

Resource = dict[str, Any]


@cache
def built(name: str) -> str:
    """What `kubectl apply -k` of that folder would send."""
    words = [str(installed("kubectl")), "kustomize", str(FOLDER / name)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def resources(name: str) -> dict[tuple[str, str], Resource]:
    """The same by kind and name."""
    found = list(yaml.safe_load_all(built(name)))
    assert len({(each["kind"], each["metadata"]["name"]) for each in found}) == len(found)
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def refused(path: Path) -> str:
    """What the schemas of Kubernetes have against the resources of a file; nothing unknown is let through."""
    words = [str(installed("kubernetes-validate")), "--strict", "-k", VERSION, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def read_by_the_operator(resource: Resource) -> Resource:
    """What the operator's model keeps of a resource: the same, if it knows all of it. ValidationError if not valid."""
    model = OF_THE_OPERATOR[resource["kind"]].model_validate(resource)
    kept: Resource = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return kept


def pod(resource: Resource) -> Resource:
    """The pod that a Deployment or a StatefulSet makes."""
    found: Resource = resource["spec"]["template"]["spec"]
    return found
