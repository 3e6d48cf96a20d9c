"""Containers as they run in production, on a real Docker daemon.

Where no daemon answers, these tests are skipped and say so, unless MAS_DOCKER=required: then they fail.  Where
the base image cannot be pulled, deploy/standin makes one from Debian's packages.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from clients.server import ROLES
from tests.conftest import ROOT

os.environ["TESTCONTAINERS_RYUK_DISABLED"] = (
    "true"  # its image cannot be pulled everywhere; we remove our own
)

import docker
from docker.errors import DockerException, ImageNotFound
from testcontainers.core.container import DockerContainer
from testcontainers.core.image import DockerImage
from testcontainers.core.wait_strategies import HealthcheckWaitStrategy

# what each build argument usually names, what stands in for it, and how deploy/standin/make calls that
BASES = {
    "PG_IMAGE": ("postgres:17", "local/postgres:17", "postgres"),
    "MAS_IMAGE": ("debian:12-slim", "local/debian:12", "debian"),
    "KICAD_IMAGE": ("kicad/kicad:8.0", "local/kicad:9", "kicad"),
    "MONITORING_IMAGE": ("debian:trixie-slim", "local/debian:13", "debian-trixie"),
}
LOGINS = ("deployer", *ROLES)


@pytest.fixture(scope="session")
def daemon() -> docker.DockerClient:
    """The Docker daemon."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        if os.environ.get("MAS_DOCKER") == "required":
            pytest.fail(f"MAS_DOCKER=required, and no Docker daemon answers: {error}")
        pytest.skip("no Docker daemon answers")
    return client


def base(client: docker.DockerClient, argument: str) -> str:
    """The official image of a build argument when it can be had, else its stand-in."""
    usual, stand_in, word = BASES[argument]
    for name in (usual, stand_in):
        try:
            client.images.get(name)
        except ImageNotFound:
            continue
        return name
    try:
        client.images.pull(usual)
    except DockerException:
        subprocess.run([ROOT / "deploy/standin/make", word], check=True)
        return stand_in
    return usual


@pytest.fixture(scope="session")
def image(daemon: docker.DockerClient) -> str:
    """container_psql, built from Dockerfile.postgres."""
    words = {"dockerfile_path": "Dockerfile.postgres", "tag": "container_psql:test", "clean_up": False}
    return str(DockerImage(ROOT, buildargs={"PG_IMAGE": base(daemon, "PG_IMAGE")}, **words).build())


@dataclass
class Psql:
    """A running container_psql."""

    container: DockerContainer
    secrets: Path
    ended: bool = False

    def dsn(self, role: str, password: str | None = None, options: str = "") -> str:
        """The URL of a role over TCP."""
        word = password or (self.secrets / role).read_text()
        where = f"{self.container.get_container_host_ip()}:{self.container.get_exposed_port(5432)}"
        return f"postgresql://{role}:{word}@{where}/hardware_mas?sslmode=require{options}"

    def connect(self, role: str) -> psycopg.Connection:
        """A connection as a role."""
        return psycopg.connect(self.dsn(role), autocommit=True)

    def run(self, *words: str) -> str:
        """What a command says inside the container, by `docker exec`."""
        done = self.container.get_wrapped_container().exec_run(list(words))
        assert done.exit_code == 0, done.output.decode()
        return done.output.decode()

    def end(self) -> None:
        """Remove it; a named volume stays."""
        self.container.stop()
        self.ended = True

    def restart(self) -> None:
        """Stop it and start it again."""
        self.container.get_wrapped_container().restart()
        HealthcheckWaitStrategy().wait_until_ready(self.container)


StartPsql = Callable[..., Psql]


def _secrets(factory: pytest.TempPathFactory, without: tuple[str, ...]) -> Path:
    folder = factory.mktemp("secrets")
    for parent in (folder, *folder.parents):
        if len(parent.parts) > len(Path("/tmp").parts):
            parent.chmod(0o755)  # the container reads it as another user
    for name in LOGINS:
        if name not in without:
            (folder / name).write_text(secrets.token_hex(16))
    return folder


@pytest.fixture
def volume(daemon: docker.DockerClient) -> Iterator[str]:
    """A named volume for one test."""
    name = f"mas-test-{uuid.uuid4().hex[:12]}"
    yield name
    daemon.volumes.get(name).remove()


@pytest.fixture(scope="module")
def start_psql(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPsql]:
    """`start_psql(without=…, **of docker run)` starts a container with every login's password in a file."""
    with ExitStack() as ends:

        def start(
            without: tuple[str, ...] = (),
            secrets_of: Psql | None = None,
            volumes: dict[str, str] | None = None,
            tmpfs: dict[str, str] | None = None,
            **more: object,
        ) -> Psql:
            folder = secrets_of.secrets if secrets_of else _secrets(tmp_path_factory, without)
            container = DockerContainer(image).with_exposed_ports(5432).with_kwargs(**more)
            container.with_volume_mapping(str(folder), "/run/secrets", "ro")
            for place, inside in (volumes or {}).items():
                container.with_volume_mapping(place, inside, "rw")
            container.tmpfs |= tmpfs or {}
            container.waiting_for(HealthcheckWaitStrategy())
            psql = Psql(container.start(), folder)
            ends.callback(lambda: psql.ended or psql.end())
            return psql

        yield start


@pytest.fixture(scope="module")
def psql(start_psql: StartPsql) -> Psql:
    """A container as it should be run: its root cannot be written to."""
    return start_psql(
        read_only=True,
        tmpfs={"/tmp": "", "/var/run/postgresql": "uid=999,gid=999"},
        mem_limit="1g",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
    )
