"""The gateway as a process of its own on a database of its own, and whoever asks it over the wire."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt

from tests.conftest import ROOT, Database
from tests.db.steps import BOARD, RESULTS

SECRET = b"a shared secret of the tests, long enough for every algorithm of its kind"
AUDIENCE = "hardware_mas"
PNG = b"\x89PNG\r\n\x1a\n and so on"
FILES = ("board.png", "board.svg", "report.html", "fabrication/top.gbr", "design.py")
# nobody is slowed down where that is not what is tried
ENDLESS = {"MAS_GATEWAY_ACCOUNT_RATE": "10000/10000", "MAS_GATEWAY_ADDRESS_RATE": "10000/10000"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of a refusal, which always has the same form."""
        said = self.json
        assert set(said) == {"code", "message", "what_to_do"}, said
        assert all(isinstance(word, str) and word for word in said.values()), said
        return str(said["code"])


@dataclass
class Served:
    """A running gateway."""

    port: int
    database: Database
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hear(self, begun: threading.Event) -> None:
        """Keep what it says; it has begun, or ended, once the event is set."""
        for line in self.process.stderr or ():
            self.said.append(line)
            if "listens on" in line:
                begun.set()
        begun.set()

    def person(self, account: str | None = None, **claims: Any) -> Person:
        """Somebody whom nobody has seen before, unless named."""
        return Person(self, account or f"person {uuid.uuid4().hex}", claims)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own, just as it is said."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


@dataclass
class Person:
    """Who asks with a valid token."""

    gateway: Served
    account: str
    claims: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(sub=self.account, **self.claims)}"}

    def get(self, path: str) -> Answer:
        return self.gateway.ask("GET", path, None, self.headers)

    def call(self, function: str, **arguments: Any) -> Answer:
        headers = self.headers | {"Content-Type": "application/json"}
        return self.gateway.ask("POST", f"/rpc/{function}", json.dumps(arguments).encode(), headers)

    def begin(self, text: str = "a blinker", interactive: bool = False) -> int:
        """A design of theirs."""
        said = self.call(
            "send_message", p_text=text, p_message_key=uuid.uuid4().hex, p_interactive=interactive
        )
        assert said.status == 200, said.body
        return int(said.json)

    def finished(self, content: bytes = PNG) -> int:
        """A design of theirs that passed, with board.png."""
        design = self.begin()
        for agent in ("client_manager", "pcb_designer", "kicad", "pcb_tester"):
            with self.gateway.database.api(agent) as api:
                task = next(
                    task
                    for task in iter(lambda: api.claim_task(30), None)
                    if task.payload["design"] == design
                )
                if agent == "kicad":
                    api.store_board(task, BOARD)
                for name in FILES if agent == "pcb_tester" else ():
                    api.store_artifact(task, name, content)
                api.complete_task(task, RESULTS[agent])
        return design


def token(
    key: Any = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A token that is good, but for what is said; a claim that is None is left out."""
    whole = {"sub": "anna", "aud": AUDIENCE, "exp": int(time.time()) + 600} | claims
    return jwt.encode({k: v for k, v in whole.items() if v is not None}, key, algorithm, headers)


@contextmanager
def serving(database: Database, key_file: Path, **environment: str) -> Iterator[Served]:
    """A gateway until the end, on any free port."""
    env = os.environ | {
        "MAS_DATABASE": database.name,
        "MAS_LOG": "json",
        "MAS_GATEWAY_PORT": "0",
        "MAS_JWT_KEY_FILE": str(key_file),
        **ENDLESS,
        **environment,
    }
    words = [sys.executable, "-m", "clients.gateway"]
    with subprocess.Popen(words, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as process:
        served, begun = Served(0, database, process), threading.Event()
        hearing = threading.Thread(target=served.hear, args=(begun,), name="what the gateway says")
        try:
            hearing.start()
            assert begun.wait(60), "the gateway does not begin"
            line = next((line for line in served.said if "listens on" in line), "")
            assert line, f"the gateway ended: {served.said}"
            served.port = int(json.loads(line)["message"].rpartition(":")[2])
            yield served
        finally:
            process.terminate()
            hearing.join()
