"""The compose stack as a person starts it, from a copy of the tree, beside any other on this machine."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import jwt
from docker.models.containers import Container

from tests.conftest import ROOT

IMAGES = "mas-test/"
PORTS = ("MAS_GATEWAY", "MAS_PROMETHEUS", "MAS_LOGS")
SERVICE, PROJECT = "com.docker.compose.service", "com.docker.compose.project"


def compose() -> list[str] | None:
    """The command that this machine has; None where there is none."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


@dataclass
class Stack:
    """A copy of the tree, and the containers that its `deploy/up` starts."""

    client: docker.DockerClient
    folder: Path
    bases: dict[str, str]
    name: str = field(default_factory=lambda: f"mas-test-{secrets.token_hex(4)}")
    places: dict[str, str] = field(default_factory=lambda: {name: _free_place() for name in PORTS})

    @property
    def deploy(self) -> Path:
        return self.folder / "deploy"

    @property
    def environment(self) -> dict[str, str]:
        """What a person would write to .env; compose lets the environment go first."""
        ours = {"COMPOSE_PROJECT_NAME": self.name, "MAS_PREFIX": f"{self.name}-", "MAS_REGISTRY": IMAGES}
        return os.environ | ours | self.bases | self.places

    def copy(self) -> None:
        """The files that a clone would have, as they are now."""
        words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
        for name in map(os.fsdecode, filter(None, names)):
            if (source := ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, self.folder / name)

    def up(self, *words: str) -> str:
        """Run `deploy/up`; returns what it said."""
        return self._run([str(self.deploy / "up"), *words])

    def compose(self, *words: str) -> str:
        """Run compose as a person does, in deploy/."""
        tool = compose()
        assert tool is not None
        return self._run([*tool, *words])

    def _run(self, words: list[str]) -> str:
        done = subprocess.run(
            words, cwd=self.deploy, env=self.environment, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def containers(self) -> dict[str, Container]:
        """All of them, by service, as they are now."""
        found = self.client.containers.list(all=True, filters={"label": f"{PROJECT}={self.name}"})
        return {each.labels[SERVICE]: each for each in found}

    def python(self, service: str, script: str, *words: str) -> str:
        """What a Python script says inside a running container."""
        done = self.containers()[service].exec_run(["python", "-c", script, *words])
        assert done.exit_code == 0, done.output.decode()
        return str(done.output.decode())

    def sql(self, query: str) -> str:
        """What the superuser of the database's container is told."""
        words = ["psql", "-U", "postgres", "-d", "hardware_mas", "-Atc", query]
        done = self.containers()["container_psql"].exec_run(words)
        assert done.exit_code == 0, done.output.decode()
        return str(done.output.decode().strip())

    def passwords(self) -> dict[str, str]:
        """What nobody else may ever read (of a key its longest line), by the name of its file."""
        files = [file for file in (self.deploy / "secrets").iterdir() if file.suffix != ".crt"]
        return {file.name: max(text.split(), key=len) for file in files if (text := file.read_text().strip())}

    def end(self) -> None:
        """Remove containers, networks and volumes; images stay for the next run."""
        self.compose("down", "--volumes")


@dataclass(frozen=True)
class Person:
    """Somebody with a token, before the gateway."""

    stack: Stack
    account: str

    @contextmanager
    def _ask(self, method: str, path: str, body: Any = None) -> Iterator[http.client.HTTPResponse]:
        claims = {"sub": self.account, "aud": "hardware_mas", "exp": time.time() + 3600}
        token = jwt.encode(claims, (self.stack.deploy / "secrets/jwt_key").read_text().strip(), "HS256")
        host, port = self.stack.places["MAS_GATEWAY"].split(":")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection(host, int(port), timeout=60)) as line:
            line.request(method, path, None if body is None else json.dumps(body), headers)
            with line.getresponse() as answer:
                assert answer.status == 200, (path, answer.status, answer.read())
                yield answer

    def _read(self, method: str, path: str, body: Any = None) -> bytes:
        with self._ask(method, path, body) as answer:
            return answer.read()

    def call(self, function: str, **arguments: Any) -> Any:
        """POST /rpc/function."""
        return json.loads(self._read("POST", f"/rpc/{function}", arguments))

    def say(self, text: str, design: int | None = None) -> int:
        """A message; returns the design that it is about."""
        key = secrets.token_hex(8)
        return int(self.call("send_message", p_text=text, p_message_key=key, p_design=design))

    def design(self, number: int) -> dict[str, Any]:
        """The row of `my_designs`."""
        rows = json.loads(self._read("GET", f"/my_designs?design=eq.{number}"))
        return dict(rows[0])

    def wait(self, number: int, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The design as it is when it is so for the first time; looked at whenever the gateway says anything."""
        with self._ask("GET", "/events") as events:
            while line := events.readline():
                if line == b"\n" and until(row := self.design(number)):
                    return row
        raise AssertionError("the gateway ended its events")

    def files(self, number: int) -> dict[str, str]:
        """The sha256 of every file of a design, of its bytes as they come."""
        names = [row["name"] for row in self.call("design_files", p_design=number)]
        return {
            name: hashlib.sha256(self._read("GET", f"/files/{number}/{name}")).hexdigest() for name in names
        }


def _free_place() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
