"""The fleet: every agent as a process of its own, and front ends, started again when they die."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from types import TracebackType

AGENTS = {
    "client_manager": "clients.client_manager",
    "pcb_designer": "clients.pcb_designer",
    "kicad": "clients.kicad_agent",
    "pcb_tester": "clients.pcb_tester",
}
ASKING = ("client_manager", "pcb_designer", "pcb_tester")  # the agents that may have a model
BOT = {"discord_bot": "clients.discord_bot"}
GATEWAY = {"gateway": "clients.gateway"}
TOKENS = ("DISCORD_TOKEN", "DISCORD_TOKEN_FILE")  # for the bot alone
SECRETS = ("HF_TOKEN", "HF_TOKEN_FILE", "LLM_API_KEY", "LLM_API_KEY_FILE")
RESTART_S = (0.1, 5.0)  # an agent that dies at once is not started in a tight loop
USELESS = (2, 3)  # a front end that ends so said what is wrong, and would end so again
GRACE_S = 10.0  # for handing work back after SIGTERM


class Fleet:
    """A context in which the agents run: `with Fleet(): …`."""

    def __init__(
        self,
        agents: dict[str, str] | None = None,
        replicas: int = 1,
        front_ends: dict[str, str] | None = None,
    ) -> None:
        """Modules by the role that each is: `replicas` processes an agent, one a front end."""
        names = AGENTS if agents is None else agents
        place = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self._keepers = [
            _Keeper(name, module, f"{place}:{name}:{n}")
            for name, module in names.items()
            for n in range(replicas)
        ]
        self._keepers += [
            _Keeper(name, module, f"{place}:{name}", USELESS) for name, module in (front_ends or {}).items()
        ]

    def __enter__(self) -> Fleet:
        for keeper in self._keepers:
            keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers:
            keeper.stop()
        for keeper in self._keepers:
            keeper.join()

    def processes(self) -> list[tuple[str, int]]:
        """The agents that run now, as (name, process id)."""
        return [(k.agent, pid) for k in self._keepers if (pid := k.pid) is not None]


def has_token() -> bool:
    """Whether somebody has named a token of Discord's."""
    return any(os.environ.get(name) for name in TOKENS)


def _environment(agent: str) -> dict[str, str]:
    """What a process has of ours: who asks no model gets no key of one, who is no bot no token of one."""
    hidden = {*(() if agent in ASKING else SECRETS), *(() if agent in BOT else TOKENS)}
    return {name: value for name, value in os.environ.items() if name not in hidden}


class _Keeper(threading.Thread):
    """Keeps one agent's process running, until it ends with one of the `final` codes."""

    def __init__(self, agent: str, module: str, worker: str, final: tuple[int, ...] = ()) -> None:
        super().__init__(daemon=True, name=f"keeper of {agent}")
        self.agent, self._module, self._worker = agent, module, worker
        self._final = final
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id, or None between two lives."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def run(self) -> None:
        """Start, wait, start again; the wait grows while the agent dies young."""
        wait = RESTART_S[0]
        while not self._stopping.is_set():
            born = time.monotonic()
            with self._lock:
                if self._stopping.is_set():
                    return
                self._process = subprocess.Popen(
                    [sys.executable, "-m", self._module],
                    stdin=subprocess.PIPE,  # never written: its end tells the agent that we are gone
                    start_new_session=True,  # Ctrl-C in the terminal is the front end's business
                    env=_environment(self.agent) | {"MAS_WORKER": self._worker, "MAS_PARENT_PIPE": "1"},
                )
            code = self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            if code in self._final:
                sys.stderr.write(f"mas: {self.agent} is not started again; the agents go on without it\n")
                return
            wait = RESTART_S[0] if time.monotonic() - born > RESTART_S[1] else min(2 * wait, RESTART_S[1])
            self._stopping.wait(wait)

    def stop(self) -> None:
        """Ask the agent to hand its work back and end; kill it when it does not."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        threading.Thread(target=self._see_it_end, args=(process,), name=f"end of {self.agent}").start()

    @staticmethod
    def _see_it_end(process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
