"""What is shipped for Kubernetes: valid, restricted, and true to the files it is made of."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from exporter import __version__
from exporter.config.settings import DEFAULT_PORT
from tests.deploy.manifests import (
    FOLDER,
    OF_THE_OPERATOR,
    WHOLE,
    Resource,
    built,
    pod,
    read_by_the_operator,
    refused,
    resources,
)
from tests.deploy.shipped import DASHBOARDS, ROOT, RULES
from tests.parts.daemon import command, environment

NAME = "ai-api-exporter"
WORKLOADS = {
    "alone": ("base", ("Deployment", NAME)),
    "sharded": ("sharded", ("StatefulSet", NAME)),
    "sidecar": ("sidecar", ("Deployment", "my-application")),
}


def workload(name: str) -> Resource:
    """The one that runs the exporter."""
    folder, key = WORKLOADS[name]
    return resources(folder)[key]


def exporter(name: str) -> dict[str, Any]:
    """Its container with the exporter in it."""
    found: list[dict[str, Any]] = [each for each in pod(workload(name))["containers"] if each["name"] == NAME]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "monitoring"])
def test_kubernetes_takes_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(built(name))
    assert refused(tmp_path / "all.yaml") == ""


def test_kubernetes_takes_the_secret_and_the_dashboards(tmp_path: Path) -> None:
    plain = [each for each in resources("monitoring").values() if each["kind"] not in OF_THE_OPERATOR]
    assert len(plain) == 4
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(plain))
    assert refused(tmp_path / "all.yaml") == ""
    assert refused(FOLDER / "secret.example.yaml") == ""


def test_a_misspelt_key_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(built("base").replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"))
    assert "readOnlyRootFileSystem" in refused(tmp_path / "all.yaml")


@pytest.mark.parametrize("kind", OF_THE_OPERATOR)
def test_the_operator_takes_it(kind: str) -> None:
    resource = resources("monitoring")[kind, NAME]
    assert read_by_the_operator(resource) == resource


def test_the_operator_would_not_take_another() -> None:
    resource = resources("monitoring")["PodMonitor", NAME]
    (endpoint,) = resource["spec"]["podMetricsEndpoints"]
    endpoint["intervall"] = "15s"
    assert read_by_the_operator(resource) != resource
    endpoint["interval"] = "a while"
    with pytest.raises(ValidationError, match="interval"):
        read_by_the_operator(resource)


def test_the_rules_are_the_shipped_ones() -> None:
    """After a change of deploy/prometheus/rules run what the docstring of prometheus_rule.py says."""
    written = subprocess.run(
        [sys.executable, FOLDER / "prometheus_rule.py", *sorted(RULES)], capture_output=True, text=True, check=True
    ).stdout
    assert (FOLDER / "monitoring/prometheusrule.yaml").read_text() == written
    groups = [group for path in sorted(RULES) for group in yaml.safe_load(path.read_text())["groups"]]
    assert resources("monitoring")["PrometheusRule", NAME]["spec"]["groups"] == groups


def test_the_dashboards_are_the_shipped_ones() -> None:
    maps = [each for each in resources("monitoring").values() if each["kind"] == "ConfigMap"]
    found = {name: json.loads(text) for each in maps for name, text in each["data"].items()}
    assert found == {path.name: json.loads(path.read_text()) for path in DASHBOARDS.glob("*.json")}
    assert {each["metadata"]["labels"]["grafana_dashboard"] for each in maps} == {"1"}
    # kubectl writes all of a resource into an annotation, and those end at 262144 bytes.
    assert max(len(json.dumps(each)) for each in maps) < 240_000


@pytest.mark.parametrize("name", WORKLOADS)
def test_it_may_do_nothing(name: str) -> None:
    """The restricted Pod Security Standard, and a root file system that cannot be written."""
    whole, ours = pod(workload(name)), exporter(name)
    assert whole["automountServiceAccountToken"] is False
    assert whole["securityContext"]["runAsNonRoot"] is True
    assert whole["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in whole["containers"]:
        context = container["securityContext"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (False, True)
    user = ours["securityContext"].get("runAsUser", whole["securityContext"].get("runAsUser"))
    assert f"\nUSER {user}:" in (ROOT / "Dockerfile").read_text()
    assert "memory" in ours["resources"]["limits"]
    assert "cpu" not in ours["resources"]["limits"]


@pytest.mark.parametrize("name", WORKLOADS)
def test_its_image_and_port_are_ours(name: str) -> None:
    ours = exporter(name)
    assert ours["image"] == f"ai-api-exporter:{__version__}"
    assert ours["ports"] == [{"name": "ai-api-metrics", "containerPort": DEFAULT_PORT}]
    assert ours["livenessProbe"]["httpGet"] == {"path": "/-/healthy", "port": "ai-api-metrics"}
    ready = None if name == "sidecar" else {"path": "/-/ready", "port": "ai-api-metrics"}
    assert ours.get("readinessProbe", {}).get("httpGet") == ready


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_monitor_finds_it(name: str) -> None:
    monitor = resources("monitoring")["PodMonitor", NAME]["spec"]
    labels = workload(name)["spec"]["template"]["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= labels.items()
    (endpoint,) = monitor["podMetricsEndpoints"]
    assert endpoint["port"] in {port["name"] for port in exporter(name)["ports"]}


@pytest.mark.parametrize("name", WORKLOADS)
def test_what_is_mounted_is_there(name: str) -> None:
    claims = {each["metadata"]["name"] for each in workload(name)["spec"].get("volumeClaimTemplates", [])}
    volumes = {each["name"] for each in pod(workload(name))["volumes"]}
    assert {each["name"] for each in exporter(name)["volumeMounts"]} == volumes | claims


@pytest.mark.parametrize("name", WORKLOADS)
def test_its_configuration_is_accepted(name: str, tmp_path: Path) -> None:
    """By the exporter itself, with the keys where the pod has them, and as the last pod of its name."""
    folder, _ = WORKLOADS[name]
    (text,) = [each["data"]["exporter.yml"] for each in resources(folder).values() if each["kind"] == "ConfigMap"]
    (config,) = [each["projected"] for each in pod(workload(name))["volumes"] if "projected" in each]
    (secret,) = [each["secret"] for each in config["sources"] if "secret" in each]
    example = yaml.safe_load((FOLDER / "secret.example.yaml").read_text())
    assert secret["name"] == example["metadata"]["name"]
    (tmp_path / "keys").mkdir()
    for item in secret["items"]:
        (tmp_path / item["path"]).write_text(example["stringData"][item["key"]])
    (tmp_path / "exporter.yml").write_text(text.replace("/etc/ai-api-exporter", str(tmp_path)))
    last = workload(name)["spec"]["replicas"] - 1
    words = command("check-config", "--config", tmp_path / "exporter.yml")
    variables = environment(HOSTNAME=f"{NAME}-{last}")
    done = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_are_as_many_replicas_as_shards() -> None:
    configuration = yaml.safe_load(resources("sharded")["ConfigMap", NAME]["data"]["exporter.yml"])
    assert configuration["shard"] == {"count": workload("sharded")["spec"]["replicas"]}
    service = resources("sharded")["Service", workload("sharded")["spec"]["serviceName"]]
    assert service["spec"]["clusterIP"] == "None"


def test_a_shard_is_the_one_exporter_but_for_its_volume() -> None:
    alone, shard = pod(workload("alone")), pod(workload("sharded"))
    alone["volumes"] = [each for each in alone["volumes"] if each["name"] != "state"]
    assert shard == alone


@pytest.mark.parametrize("name", ["base", "sharded"])
def test_services_and_policy_point_at_the_pods(name: str) -> None:
    labels = workload("alone" if name == "base" else name)["spec"]["template"]["metadata"]["labels"]
    found = resources(name).values()
    selectors = [each["spec"]["selector"] for each in found if each["kind"] == "Service"]
    selectors += [each["spec"]["podSelector"]["matchLabels"] for each in found if each["kind"] == "NetworkPolicy"]
    assert len(selectors) >= 2
    assert all(selector.items() <= labels.items() for selector in selectors)
