"""`deploy/` says nothing that is not so: settings, commands, routes and numbers are looked up; what can be run is."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own, for five lines here
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url
from typer.core import TyperGroup
from typer.main import get_command

from aivastark.__main__ import app as command_line
from aivastark.app import add_routes
from aivastark.backends.base import Backends
from aivastark.commands import postgresql_checks
from aivastark.migrations.migrate import migrate
from aivastark.settings import Settings
from aivastark.telemetry.metrics import RATE_LIMITED
from tests.conftest import Settle
from tests.deploy.dockerfile import DOCKERFILE, ROOT, image_of, serve_and_stop
from tests.make import Tenant
from tests.postgres import FAST, own_server, programs
from tests.telemetry.day import a_day, scraped

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "aivastark"
UNIT = DEPLOY / "systemd" / "aivastark.service"
TEXTS = {
    str(file.relative_to(ROOT)): file.read_text()
    for file in sorted(DEPLOY.rglob("*"))
    if file.is_file() and "__pycache__" not in file.parts
}
EXPOSURE_MAX = 2.0  # of 10, by systemd's own judgement
NEEDED = {"secret": {"databaseUrl": "postgresql://a:b@db/a", "secretKey": "k" * 32}}
EVERYTHING: dict[str, Any] = {
    **NEEDED,
    "settings": {"AIVASTARK_PUBLIC_URL": "https://support.example.com"},
    "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls"},
    "podMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "podAnnotations": {"note": "on"},
    "imagePullSecrets": [{"name": "registry"}],
    "nodeSelector": {"disk": "ssd"},
}
NO_STANDARD_KIND = {"PodMonitor"}  # of Prometheus' operator


def test_the_database_of_compose_has_a_user_whom_policies_bind() -> None:
    with own_server(FAST) as above:
        server = make_url(above)
        environment = {
            "PATH": f"{programs()}:{os.environ['PATH']}",
            "PGHOST": str(server.query["host"]),
            "POSTGRES_USER": "postgres",
            "POSTGRES_PASSWORD": 'it\'s a "secret"',
        }
        subprocess.run([str(DEPLOY / "database.sh")], env=environment, check=True, stdout=subprocess.DEVNULL)
        url = server.set(username="aivastark", database="aivastark").render_as_string(hide_password=False)
        migrate(url)
        found = postgresql_checks.look(url)

    assert postgresql_checks.wrong_with(found) is None
    assert not found.above_the_wall


def test_every_setting_in_it_is_one() -> None:
    known = {
        str(field.validation_alias or f"AIVASTARK_{name.upper()}") for name, field in Settings.model_fields.items()
    }

    named = {(file, name) for file, text in TEXTS.items() for name in re.findall(r"\bAIVASTARK_[A-Z_]+[A-Z]\b", text)}

    assert len(named) > 10
    assert {(file, name) for file, name in named if name not in known} == set()


def test_every_route_in_it_is_one() -> None:
    app = FastAPI()
    add_routes(app)
    known = {getattr(route, "path", "") for route in app.routes}

    named = {path for text in TEXTS.values() for path in re.findall(r"(?<=[\s0-9])(/v1/[\w/]+|/metrics)\b", text)}

    assert named == {"/v1/health/ready", "/v1/health/live", "/metrics"}
    assert named <= known


def commands() -> Iterator[list[str]]:
    """What is started anywhere, without the program's own name."""
    yield image_of(DOCKERFILE.read_text()).command[1:]
    for service in yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values():
        if "build" in service:
            yield service["command"]
    for line in UNIT.read_text().splitlines():
        if line.startswith("ExecStart="):
            yield shlex.split(line.partition("=")[2])[1:]
    for text in TEXTS.values():
        for listed in re.findall(r"^ +args: (\[.*\])$", text, re.M):
            yield yaml.safe_load(listed)


def test_every_command_in_it_is_one_with_these_options() -> None:
    group = get_command(command_line)
    assert isinstance(group, TyperGroup)

    given = list(commands())

    assert len(given) == 7
    for name, *options in given:
        group.commands[name].make_context(name, list(options)).close()


async def test_dashboard_and_alerts_ask_for_numbers_that_are_there(
    backends: Backends, tenant: Tenant, settle: Settle, settings: Settings
) -> None:
    async with a_day(backends, tenant, settle, settings) as day:
        RATE_LIMITED.labels("minute").inc(0)  # a day has none of these
        await day.api.add(text="The shop opens at nine every day.")  # a job that waits
        text = await scraped(day.api.http)
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    asked = {text for name in ("grafana/aivastark.json", "prometheus/alerts.yaml") for text in _queries(name)}

    assert len(asked) > 35
    for query in asked:
        bare = re.sub(r'"[^"]*"', '""', query)
        for name in re.findall(r"\b(aivastark_\w+)", bare):
            assert name in labels, query
        for name, selector in re.findall(r"\b(aivastark_\w+)\{([^}]*)\}", bare):
            assert set(re.findall(r"(\w+)\s*[!=]", selector)) <= labels[name] | {"job"}, query
        told = set().union(*(labels[name] for name in re.findall(r"\b(aivastark_\w+)", bare)), {"le", "instance"})
        for grouped in re.findall(r"by \(([^)]*)\)", bare):
            assert set(grouped.replace(" ", "").split(",")) <= told, query


def test_containers_of_compose_may_do_little() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    inside = {name for name, service in composed["services"].items() if "ports" not in service}

    assert inside == {"app", "worker", "db"}
    assert composed["networks"]["inside"]["internal"]
    for name, service in composed["services"].items():
        assert re.search(r":[\w.-]*(\d|local)", service["image"]), "a tag that says which"
        if name != "db":
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]


def test_what_the_image_starts_serves_and_ends(tmp_path: Path) -> None:
    path, quick = f"{Path(sys.executable).parent}:/usr/bin:/bin", {"AIVASTARK_EMBEDDING_MODEL": "hashing"}

    took = serve_and_stop(tmp_path, path=path, also=quick)

    assert took > 0
    assert (tmp_path / "data" / "aivastark.db").exists(), "it writes to its volume"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_the_unit_is_well_formed_and_hardened(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", UNIT.read_text(), flags=re.M))

    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    judged = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True)

    assert (verified.returncode, verified.stderr) == (0, "")
    level = re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)
    assert level
    assert float(level[1]) <= EXPOSURE_MAX


@pytest.mark.skipif(
    not (Path(sys.executable).parent / "hadolint").exists(), reason="`make deploy-check` installs hadolint"
)
def test_hadolint_finds_nothing() -> None:
    said = subprocess.run([Path(sys.executable).parent / "hadolint", DOCKERFILE], capture_output=True, text=True)

    assert (said.returncode, said.stdout) == (0, "")


@pytest.mark.parametrize("values", [NEEDED, EVERYTHING], ids=["least", "everything"])
def test_the_chart_is_linted_and_makes_what_kubernetes_knows(values: dict[str, Any]) -> None:
    helm = pytest.importorskip("helm_python", reason="`make deploy-check` installs Helm")
    kubernetes = pytest.importorskip("kubernetes_validate")

    linted = helm.lint(str(CHART), values, strict=True, kube_version="v1.32.0")
    rendered = helm.Chart.load(str(CHART)).render(values, name="support", namespace="chat")

    assert [said for said in linted["messages"] if said["severity"] > 1] == linted["errors"] == []
    made = [one for name, text in rendered.items() if name.endswith(".yaml") for one in yaml.safe_load_all(text) if one]
    assert {"Deployment", "Service", "Job", "Secret", "NetworkPolicy", "PodDisruptionBudget"} <= {
        m["kind"] for m in made
    }
    for one in made:
        if one["kind"] not in NO_STANDARD_KIND:
            kubernetes.validate(one, "1.32", strict=True)
    assert_little_is_allowed(made)


def test_the_chart_says_what_it_lacks() -> None:
    helm = pytest.importorskip("helm_python", reason="`make deploy-check` installs Helm")

    with pytest.raises(helm.HelmRenderError, match=r"secret\.databaseUrl"):
        helm.Chart.load(str(CHART)).render({}, name="support")


def assert_little_is_allowed(made: list[dict[str, Any]]) -> None:
    """Of every pod: no root, no writing but to volumes, no word to the cluster; and each selector finds its pods."""
    pods = [one["spec"]["template"] for one in made if one["kind"] in ("Deployment", "Job")]
    assert len(pods) == 3
    for pod in pods:
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        assert not pod["spec"]["automountServiceAccountToken"]
        (container,) = pod["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}
    for one in made:
        if one["kind"] in ("Service", "PodDisruptionBudget"):
            selector = one["spec"]["selector"]
            wanted = selector.get("matchLabels", selector)
            assert sum(wanted.items() <= pod["metadata"]["labels"].items() for pod in pods) == 1


def _queries(name: str) -> list[str]:
    text = TEXTS[f"deploy/{name}"]
    if name.endswith(".json"):
        return [target["expr"] for panel in orjson.loads(text)["panels"] for target in panel.get("targets", [])]
    return [rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
