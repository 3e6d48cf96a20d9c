"""Backups of container_psql to S3-compatible storage: what is written there, what fails, and what comes back.

The servers and the storage meet on loopback, in the machine's own network.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import shutil
import socket
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from docker import DockerClient
from psycopg.rows import dict_row

from clients.api import Api
from clients.deploy import deploy
from clients.server import ROLES
from tests.conftest import ROOT
from tests.db.steps import begin, status, work
from tests.docker.conftest import Psql
from tests.docker.storage import Storage, storage

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
BUCKET = "hardware-mas"
PLANTED = f"planted-{uuid.uuid4().hex}"
ENOUGH_S = 120
WRITERS = 2
SALTED = b"Salted__"  # what begins an encrypted object; a bundle of many, and a file by blocks, has it not
ZSTD = bytes.fromhex("28b52ffd")  # what begins a compressed file: a bundle in the clear has one for each


def docker(*words: str | Path) -> str:
    """What docker says; its words if it fails."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def refused(*words: str | Path) -> str:
    """The one sentence with which a command in a container fails."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 3, (done.returncode, done.stdout, done.stderr)
    return done.stderr.strip()


def wait_until(true: Callable[[], bool]) -> float:
    """Ask until it is so; seconds that it took."""
    began = monotonic()
    while not true():
        assert monotonic() - began < ENOUGH_S, f"not within {ENOUGH_S} s"
    return monotonic() - began


def archived(psql: Cluster) -> dict[str, int]:
    """What monitoring sees of WAL archiving."""
    with psycopg.connect(psql.dsn("monitor"), row_factory=dict_row) as monitor:
        row = monitor.execute("select archived_count, failed_count from pg_stat_archiver").fetchone()
    assert row is not None
    return row


@dataclass
class Cluster:
    """A container_psql with backups, as an operator starts it."""

    image: str
    secrets: Path
    storage: Storage
    name: str = field(default_factory=lambda: f"mas-backup-{uuid.uuid4().hex[:8]}")
    path: str = "/hardware_mas"
    port: int = 0

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = self.port or int(free.getsockname()[1])

    @property
    def words(self) -> list[str]:
        """Of `docker run`: network, environment and secrets."""
        environment = {
            "PGPORT": str(self.port),
            "MAS_BACKUP_BUCKET": BUCKET,
            "MAS_BACKUP_PATH": self.path,
            "MAS_BACKUP_ENDPOINT": self.storage.endpoint,
            "MAS_BACKUP_CA_FILE": "/run/secrets/storage.crt",
            "PGBACKREST_IO_TIMEOUT": "2",  # s; what is away is known sooner
        }
        said = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        return ["--network", "host", *said, "-v", f"{self.secrets}:/run/secrets:ro", *PRODUCTION]

    @property
    def volumes(self) -> list[str]:
        """Of `docker run`: data and socket."""
        return ["-v", f"{self.name}:/var/lib/postgresql/data", "-v", f"{self.name}-s:/var/run/postgresql"]

    def start(self) -> None:
        """Start a server on the volume, and wait until it takes writes."""
        docker("run", "-d", "--name", self.name, *self.volumes, *self.words, self.image, "postgres", "-c", "listen_addresses=127.0.0.1")  # fmt: skip
        wait_until(self.takes_writes)

    def takes_writes(self) -> bool:
        """Whether the server is open and no longer in recovery."""
        running = docker("inspect", "-f", "{{.State.Running}}", self.name)
        assert running == "true", docker("logs", "--tail", "5", self.name)
        try:
            with psycopg.connect(self.dsn("monitor")) as monitor:
                return monitor.execute("select pg_is_in_recovery()").fetchone() == (False,)
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        """Stop the server as `docker stop` does, and remove its container; the volumes stay."""
        docker("stop", "-t", "60", self.name)
        docker("rm", self.name)

    def end(self) -> None:
        """Leave nothing behind."""
        for words in (["rm", "-f", self.name], ["volume", "rm", self.name, f"{self.name}-s"]):
            subprocess.run(["docker", *words], capture_output=True, check=False)

    def run(self, *words: str) -> str:
        """A command by `docker exec`."""
        return docker("exec", self.name, *words)

    def once(self, *words: str) -> list[str]:
        """A command in a container of its own on the volumes, as words of docker."""
        return ["run", "--rm", *self.volumes, *self.words, self.image, *words]

    def sql(self, query: str) -> str:
        """What the superuser's psql says inside."""
        return self.run("psql", "-qXAt", "-U", "postgres", "-d", "hardware_mas", "-c", query)

    def dsn(self, role: str) -> str:
        """The URL of a role over TCP."""
        word = (self.secrets / role).read_text()
        return f"postgresql://{role}:{word}@127.0.0.1:{self.port}/hardware_mas?sslmode=require"

    def api(self, role: str) -> Api:
        """A client under a role."""
        return Api.connect(self.dsn(role))

    def keys(self) -> set[str]:
        """The idempotency keys that it knows."""
        return set(self.sql("select key from core.task_keys").split("\n"))


# as the stack runs it: a root that cannot be written to, and no rights
PRODUCTION = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


class Load:
    """Clients that enqueue as fast as they are answered, and write down when each key was sent and acknowledged."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stop = threading.Event()
        self.sent: dict[str, float] = {}
        self.acknowledged: dict[str, float] = {}
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int = 300) -> None:
        """Wait until so many more were acknowledged."""
        goal = len(self.acknowledged) + count
        wait_until(lambda: len(self.acknowledged) >= goal)

    def _write(self, writer: int) -> None:
        with psycopg.connect(self._cluster.dsn("admin"), autocommit=True) as admin:
            for number in itertools.count():
                if self._stop.is_set():
                    return
                key = f"{writer}-{number}-{uuid.uuid4().hex[:6]}"
                self.sent[key] = monotonic()
                admin.execute("select enqueue_task('kicad', %s, %s)", (f'{{"n": "{PLANTED}"}}', key))
                self.acknowledged[key] = monotonic()


def hold(load: Load, there: set[str], moment: tuple[float, float]) -> None:
    """The oracle: what was acknowledged before the moment is there, and nothing that was sent after it.

    `moment`: when the server was asked for its clock, and when it had answered.
    """
    before = {key for key, at in load.acknowledged.items() if at < moment[0]}
    after = {key for key, at in load.sent.items() if at > moment[1]}
    assert before, "nothing was acknowledged before the moment"
    assert after, "nothing was sent after the moment"
    assert not before - there, f"{len(before - there)} of {len(before)} acknowledged rows are lost"
    assert not there & after, f"{len(there & after)} rows are there that came later"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every secret file, readable by the container's user."""
    made = tmp_path_factory.mktemp("secrets")
    for parent in (made, *made.parents):
        if len(parent.parts) > len(Path("/tmp").parts):
            parent.chmod(0o755)
    for name in ("deployer", *ROLES, "backup_s3_key", "backup_s3_secret", "backup_passphrase"):
        (made / name).write_text(secrets.token_hex(16))
    return made


@pytest.fixture(scope="module")
def s3(folder: Path) -> Iterator[Storage]:
    """Storage with an empty bucket."""
    with storage(folder, BUCKET) as made:
        (folder / "storage.key").chmod(0o600)
        yield made


@pytest.fixture
def cluster(image: str, daemon: DockerClient, folder: Path, s3: Storage) -> Iterator[Callable[..., Cluster]]:
    """`cluster()` names a container and its volumes; they are removed at the end."""
    built = str(daemon.images.get(image).id)  # its name may be given to another meanwhile
    with ExitStack() as ends:

        def made(**more: object) -> Cluster:
            one = Cluster(built, **({"secrets": folder, "storage": s3} | more))  # type: ignore[arg-type]
            ends.callback(one.end)
            return one

        yield made


def test_a_dropped_table_comes_back_as_it_was_the_second_before(
    cluster: Callable[..., Cluster], s3: Storage, tmp_path: Path
) -> None:
    psql = cluster()
    psql.start()
    design = begin(psql, PLANTED, interactive=True)  # type: ignore[arg-type]
    work(psql, "client_manager", outcome="asked", reply="Which supply?")  # type: ignore[arg-type]
    with Load(psql) as load:
        load.more()
        assert re.match(r"full backup \S+F of .+ is done in", psql.run("backup", "full"))
        load.more()
        assert "incr backup" in psql.run("backup")
        load.more()
        asked, moment, answered = monotonic(), psql.sql("select clock_timestamp()"), monotonic()
        load.more()
    assert psql.run("backup-check") == "WAL arrives, and every file of the repository is whole"
    assert "status: ok" in psql.run("backup-list")
    with psycopg.connect(psql.dsn("monitor")) as monitor:
        rows = monitor.execute("select kind, done_at is not null, failed_at from backup_status()").fetchall()
    assert rows == [("full", True, None), ("incr", True, None)]

    # a copy beside the running one: as late as the log goes, and it archives nothing
    aside = cluster()
    docker(*aside.once("restore", "--aside"))
    aside.start()
    assert load.acknowledged.keys() <= aside.keys()
    assert aside.sql("show archive_mode") == "off"

    psql.sql("drop table core.task_keys cascade")
    psql.stop()
    assert "is not empty: say --over" in refused(*psql.once("restore", "--to", moment))
    docker(*psql.once("restore", "--over", "--to", moment))
    psql.start()
    hold(load, psql.keys(), (asked, answered))
    assert psql.sql("show archive_mode") == "on"

    # it is whole: nothing to deploy, and the design that waited for an answer goes on with it
    passwords = {role: (psql.secrets / role).read_text() for role in ROLES}
    assert [line for line in deploy(psql.dsn("deployer"), passwords) if line.startswith("applied")] == []
    assert status(psql, design)["state"] == "awaiting_user"  # type: ignore[arg-type]
    with psql.api("terminal") as terminal:
        terminal.receive_message("terminal:me", "me", "9 V", "answer", design, True)
    work(psql, "client_manager")  # type: ignore[arg-type]
    assert status(psql, design)["state"] == "designing"  # type: ignore[arg-type]
    psql.run("backup")  # on the new timeline, into the same repository

    # the oracle sees a restore to a moment that is too late
    late = (datetime.fromisoformat(moment) + timedelta(milliseconds=200)).astimezone(UTC).isoformat(" ")
    wrong = cluster()
    docker(*wrong.once("restore", "--aside", "--to", late, "--timeline", "1"))
    wrong.start()
    with pytest.raises(AssertionError, match="rows are there that came later"):
        hold(load, wrong.keys(), (asked, answered))

    # nothing there can be read without the passphrase
    objects = dict(s3.contents(BUCKET))
    assert len(objects) > 10
    assert not [name for name, content in objects.items() if PLANTED.encode() in content]
    assert {name for name, content in objects.items() if not content.startswith(SALTED)} == {
        name
        for name, content in objects.items()
        if ("/bundle/" in name or name.endswith(".pgbi"))
        and content.count(ZSTD) < 3  # encrypted piece by piece
    }

    done = subprocess.run(
        [ROOT / "deploy/backup/drill", *psql.words],
        env=os.environ | {"MAS_IMAGE": psql.image},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"open after \d+ s: .+, 1 designs, \d+ tasks waiting, \d+ keys", done.stdout), (
        done.stdout
    )


def test_what_goes_wrong_is_said_in_a_sentence_and_seen_by_monitoring(
    cluster: Callable[..., Cluster], s3: Storage, folder: Path, tmp_path: Path
) -> None:
    psql = cluster(path="/other")
    psql.start()
    psql.run("backup", "full")

    # the storage goes away: the server goes on, its archiving and the backup fail, and it catches up
    before = archived(psql)
    s3.go_away()
    with Load(psql) as load:
        load.more()
        psql.sql("select pg_switch_wal()")
        load.more()
        said = refused("exec", psql.name, "backup", "diff")
        assert re.fullmatch(r"backup: the storage localhost:\d+ does not answer \(.+\)", said)
        wait_until(lambda: archived(psql)["failed_count"] > before["failed_count"])
        with psycopg.connect(psql.dsn("monitor")) as monitor:
            rows = monitor.execute(
                "select kind, failed_at > done_at, error from backup_status() where failed_at is not null"
            )
            assert rows.fetchall() == [("diff", None, said.removeprefix("backup: "))]
        load.more()
        s3.come_back()
        psql.sql("select pg_switch_wal()")
        wait_until(lambda: archived(psql)["archived_count"] > before["archived_count"] + 1)
    assert "diff backup" in psql.run("backup", "diff")
    with psycopg.connect(psql.dsn("monitor")) as monitor:
        assert monitor.execute(
            "select done_at > failed_at from backup_status() where kind = 'diff'"
        ).fetchone() == (True,)

    # secrets are where they belong
    look = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; echo; grep -rlsF -f /run/secrets/{} / --exclude-dir=proc --exclude-dir=sys; true"
    for name in ("backup_s3_key", "backup_s3_secret", "backup_passphrase"):
        shown = (
            psql.run("sh", "-c", look.format(name)) + docker("logs", psql.name) + docker("inspect", psql.name)
        )
        assert (folder / name).read_text() not in shown + psql.sql(
            "table core.system_logs; table pg_settings"
        )
        found = {line for line in shown.splitlines() if line.startswith("/")}
        assert "/dev/shm/backup/conf" in found
        assert {line for line in found if not line.startswith(("/dev/shm/", "/run/secrets/"))} == set()
    assert psql.run("stat", "-c", "%a %U", "/dev/shm/backup/conf") == "600 postgres"

    # somebody else's passphrase
    others = tmp_path / "secrets"
    shutil.copytree(folder, others)
    (others / "backup_passphrase").write_text("another")
    for parent in (others, *others.parents):
        if len(parent.parts) > len(Path("/tmp").parts):
            parent.chmod(0o755)
    stranger = cluster(path="/other", secrets=others)
    said = refused(*stranger.once("restore"))
    assert (
        said
        == "backup_passphrase is not the one that this repository was made with\nrestore: nothing was restored"
    )
    (others / "backup_passphrase").unlink()
    assert "backups need the file /run/secrets/backup_passphrase" in refused(*stranger.once("backup-list"))

    # what must not be restored
    assert "the server runs, or was killed" in refused(*psql.once("restore", "--over"))
    for moment, sentence in {
        "2020-01-01": "no backup is old enough",
        "2099-01-01": "is still to come",
        "soonish": "is no moment",
    }.items():
        assert sentence in refused(*cluster(path="/other").once("restore", "--to", moment))


def test_the_schedule_beside_the_server_makes_what_is_due(cluster: Callable[..., Cluster]) -> None:
    psql = cluster(path="/scheduled")
    psql.start()
    beside = cluster(path="/scheduled", port=psql.port)
    volumes = ["-v", f"{psql.name}:/var/lib/postgresql/data:ro", "-v", f"{psql.name}-s:/var/run/postgresql"]
    docker("run", "-d", "--name", beside.name, *volumes, *beside.words, beside.image, "backup-schedule")
    with psycopg.connect(psql.dsn("monitor"), autocommit=True) as monitor:
        made = "select array_agg(kind) from backup_status() where done_at is not null"
        wait_until(lambda: monitor.execute(made).fetchone() == (["full"],))  # it counts for the smaller kinds
    began = monotonic()
    docker("stop", "-t", "30", beside.name)
    assert monotonic() - began < 15
    assert docker("inspect", "-f", "{{.State.ExitCode}}", beside.name) == "0"


def test_without_a_repository_nothing_waits_to_be_archived(psql: Psql) -> None:
    assert psql.run("psql", "-U", "postgres", "-Atc", "show archive_mode").strip() == "off"
    done = psql.container.get_wrapped_container().exec_run(["backup"])
    assert done.exit_code == 3
    assert b"no repository is named: set MAS_BACKUP_BUCKET" in done.output
