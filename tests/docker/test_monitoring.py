"""container_monitoring: the real exporter on the real database, read by the real Prometheus."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import docker
import pytest
from docker.errors import ImageNotFound
from docker.models.containers import Container
from docker.models.networks import Network

from tests.conftest import ROOT
from tests.docker.conftest import Psql, StartPsql
from tests.operations.metrics import names_in, wanted_metrics

pytestmark = pytest.mark.docker
ENOUGH_S = 60
NAME = f"mas-test-{uuid.uuid4().hex[:8]}"
HARDENED = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "user": "10001:10001",
}
NOT_THERE = {  # what no database tells, or only one that has what this one has not
    "kubelet_volume_stats_available_bytes": "Kubernetes",
    "kubelet_volume_stats_capacity_bytes": "Kubernetes",
    "mas_gateway_requests_total": "the gateway, tests/gateway",
    "mas_gateway_request_seconds_bucket": "the gateway, tests/gateway",
}


@pytest.fixture(scope="module")
def monitoring_image(daemon: docker.DockerClient) -> str:
    """container_monitoring, built from its Dockerfile."""
    base = "local/debian:13"
    with suppress(ImageNotFound):
        base = str(daemon.images.get("debian:trixie-slim").tags[0])
    if base.startswith("local/"):
        subprocess.run([ROOT / "deploy/standin/make", "debian-trixie"], check=True)
    made, _ = daemon.images.build(
        path=str(ROOT),
        dockerfile="deploy/monitoring/Dockerfile",
        buildargs={"MONITORING_IMAGE": base},
        tag="container_monitoring:test",
    )
    return str(made.id)


@pytest.fixture(scope="module")
def network(daemon: docker.DockerClient) -> Iterator[Network]:
    made = daemon.networks.create(NAME)
    yield made
    made.remove()


@dataclass
class Monitoring:
    """What runs from the image, by what it runs as."""

    containers: dict[str, Container]

    def get(self, name: str, path: str) -> str:
        done = self.containers[name].exec_run(["curl", "-fsS", f"http://localhost:{path}"])
        assert done.exit_code == 0, done.output.decode()
        return str(done.output.decode())

    def metrics(self) -> str:
        return self.get("exporter", "9187/metrics")


def wait(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + ENOUGH_S
    while True:
        with suppress(AssertionError):
            if found := what():
                return found
        assert time.monotonic() < until, what()
        time.sleep(0.5)  # another process's figures: there is no signal to wait for


@pytest.fixture(scope="module")
def psql(start_psql: StartPsql, network: Network) -> Iterator[Psql]:
    """The database, under the name that its certificate has."""
    made = start_psql()
    work(made)
    network.connect(made.container.get_wrapped_container(), aliases=["container_psql"])
    yield made
    network.disconnect(made.container.get_wrapped_container(), force=True)


@pytest.fixture(scope="module")
def monitoring(
    daemon: docker.DockerClient,
    monitoring_image: str,
    network: Network,
    psql: Psql,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Monitoring]:
    """Exporter, node and Prometheus as compose runs them; each with nothing but its own secret."""
    folder = tmp_path_factory.mktemp("monitor")
    folder.chmod(0o755)
    shutil.copy(psql.secrets / "monitor", folder)
    (folder / "monitor").chmod(0o644)
    (folder / "ca.crt").write_text(psql.run("cat", "/var/lib/postgresql/data/tls/server.crt"))
    url = "postgresql://container_psql:5432/hardware_mas?sslmode=verify-full&sslrootcert=/run/secrets/ca.crt"
    with ExitStack() as ends:

        def start(name: str, **more: Any) -> Container:
            made = daemon.containers.create(monitoring_image, [name], **HARDENED, **more)
            ends.callback(made.remove, force=True, v=True)
            network.connect(made, aliases=[name])
            made.start()
            return made

        secrets = {str(folder): {"bind": "/run/secrets", "mode": "ro"}}
        host = {"/": {"bind": "/host", "mode": "ro"}}
        made = Monitoring(
            {
                "exporter": start("exporter", environment={"DATABASE_URL": url}, volumes=secrets),
                "node": start("node", volumes=host),
                "prometheus": start("prometheus"),
            }
        )
        wait(lambda: "pg_up 1" in made.metrics())
        yield made


def test_every_metric_of_rules_and_dashboard_is_exposed(monitoring: Monitoring) -> None:
    exposed = names_in(monitoring.metrics()) | names_in(monitoring.get("node", "9100/metrics")) | {"up"}
    assert wanted_metrics() - exposed == set(NOT_THERE)


def test_the_exporter_has_no_complaint_about_this_postgresql(monitoring: Monitoring) -> None:
    said = monitoring.metrics()
    assert "pg_exporter_last_scrape_error 0" in said
    assert not [
        line
        for line in said.splitlines()
        if line.startswith("pg_scrape_collector_success") and line.endswith(" 0")
    ]
    assert b"level=ERROR" not in monitoring.containers["exporter"].logs()


def test_no_process_has_the_password_in_sight(monitoring: Monitoring, psql: Psql) -> None:
    word = (psql.secrets / "monitor").read_text()
    exporter = monitoring.containers["exporter"]
    processes = exporter.exec_run(["sh", "-c", "cat /proc/1/cmdline /proc/1/environ"]).output.decode()
    assert "prometheus-postgres-exporter" in processes
    assert word not in processes + exporter.logs().decode() + monitoring.metrics()
    assert word not in json.dumps(exporter.attrs)


def test_prometheus_scrapes_them_and_has_our_rules(monitoring: Monitoring) -> None:
    def up() -> dict[str, str] | None:
        found = json.loads(monitoring.get("prometheus", "9090/api/v1/query?query=up"))["data"]["result"]
        states = {one["metric"]["job"]: one["value"][1] for one in found}
        return states if list(states.values()).count("1") == 3 else None

    assert wait(up) == {"prometheus": "1", "postgres": "1", "node": "1"}
    rules = json.loads(monitoring.get("prometheus", "9090/api/v1/rules"))["data"]["groups"]
    assert all(rule["health"] in ("ok", "unknown") for group in rules for rule in group["rules"])
    assert sum(len(group["rules"]) for group in rules) == 25


def test_a_database_that_goes_is_told_and_comes_back(monitoring: Monitoring, psql: Psql) -> None:
    psql.container.get_wrapped_container().stop()
    wait(lambda: "pg_up 0" in monitoring.metrics())
    psql.container.get_wrapped_container().start()
    wait(lambda: "pg_up 1" in monitoring.metrics())


def work(psql: Psql) -> None:
    """A little of everything, so that nothing is missing only because nothing has happened."""
    with psql.connect("terminal") as terminal:
        terminal.execute("select receive_message('anna', 'Anna', 'a blinker', 'k1')")
    with psql.connect("client_manager") as agent:
        agent.execute(
            "select record_model_call(task_id, lease_token, 'a model', 900, 120, 0.5, 1.5) from claim_task()"
        )
    psql.run(
        "psql",
        "-U",
        "postgres",
        "-d",
        "hardware_mas",
        "-c",
        "set role mas_owner; insert into core.system_logs (component, log_level, message) values ('postgres', 'INFO', 'backup full done: 1')",
    )
