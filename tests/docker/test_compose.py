"""The stack as it runs in production: from nothing in one command, a design through it, and what it does not let through.

One stack for all tests of this module, in the order in which they stand.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.conftest import ROOT
from tests.docker.conftest import BASES, base
from tests.docker.stack import IMAGES, Person, Stack, compose

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900), pytest.mark.xdist_group("stack")]
BRIEF = "555 LED blinker about 1 Hz from 9 V, 40x30 mm"
AGENTS = {"client_manager", "pcb_designer", "kicad", "pcb_tester"}
OURS = AGENTS | {"container_psql", "backup", "gateway", "logging", "exporter", "node", "prometheus"}
BACKUP = {"backup_s3_key", "backup_s3_secret", "backup_passphrase"}
MODEL = {"llm_api_key", "hf_token"}
SECRETS = {
    "container_psql": {"deployer", "tls.crt", "tls.key"} | BACKUP,
    "backup": BACKUP,
    "client_manager": {"ca.crt", "client_manager"} | MODEL,
    "pcb_designer": {"ca.crt", "pcb_designer"} | MODEL,
    "kicad": {"ca.crt", "kicad"},
    "pcb_tester": {"ca.crt", "pcb_tester"},
    "gateway": {"ca.crt", "gateway", "jwt_key"},
    "exporter": {"ca.crt", "monitor"},
    "logging": set(),
    "node": set(),
    "prometheus": set(),
}
KEPT = (
    "design_states",
    "design_events",
    "chat_messages",
    "design_scripts",
    "artifacts",
    "board_tracks",
    "users",
)
# of each family one: files, processes, memory, kernel, sockets, other processes
HOSTILE = [
    "allocate_in_children", "daemon", "dns", "environment", "file_100gb", "fork_bomb", "kernel_calls", "kill_parent",
    "metadata", "namespaces", "passwords", "planted_modules", "postgres_by_tcp", "proc_roots", "ptrace_parent",
    "sockets_by_number", "swapped", "ten_million_files", "write_everywhere",
]  # fmt: skip
ATTACK = """
import sys
from kicad import sandbox
from tests.sandbox.hostile import run_all
print(sandbox.describe())
for name, report in run_all(sys.argv[1:]).items():
    # how soon a limit ends it is the suite's business, and a busy machine's
    print(name, [fault for fault in report.faults if not fault.startswith("ended as")])
"""
REACH = """
import concurrent.futures, socket, sys
def reached(place):
    host, port = place.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), 2).close()
    except OSError:
        return False
    return True
with concurrent.futures.ThreadPoolExecutor(32) as tries:
    print(*(place for place, open in zip(sys.argv[1:], tries.map(reached, sys.argv[1:])) if open))
"""


@pytest.fixture(scope="module")
def stack(daemon: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that nothing of was there a moment ago."""
    if compose() is None:
        required = os.environ.get("MAS_DOCKER") == "required"
        (pytest.fail if required else pytest.skip)("compose is missing: apt-get install docker-compose")
    made = Stack(daemon, tmp_path_factory.mktemp("stack"), {name: base(daemon, name) for name in BASES})
    made.copy()
    try:
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def anna(stack: Stack) -> Person:
    """Who wants a board."""
    return Person(stack, "anna")


def test_one_command_starts_everything_from_nothing(stack: Stack) -> None:
    assert "all is well" in stack.up()
    found = stack.containers()
    assert set(found) == OURS | {"deploy"}
    assert found["deploy"].attrs["State"]["ExitCode"] == 0
    health = {name: found[name].attrs["State"].get("Health", {}).get("Status") for name in OURS}
    assert {name for name, word in health.items() if word != "healthy"} == {"backup", "logging", "node"}


def test_a_design_passes_though_its_builder_is_killed(stack: Stack, anna: Person) -> None:
    number = anna.say(BRIEF)
    anna.wait(number, lambda row: row["state"] == "awaiting_user")
    anna.say("yes", number)
    anna.wait(number, lambda row: row["state"] == "building" and row["progress"] is not None)
    kicad = stack.containers()["kicad"]
    before = kicad.attrs["State"]["StartedAt"]
    kicad.exec_run(["python", "-c", "import os, signal; os.kill(-1, signal.SIGKILL)"])  # all but the init
    ended = anna.wait(number, lambda row: row["finished_at"] is not None)
    assert ended["state"] == "resolved"
    assert stack.containers()["kicad"].attrs["State"]["StartedAt"] != before  # by Docker, not by us
    assert "fabrication.zip" in anna.files(number)


def test_down_and_up_lose_nothing(stack: Stack, anna: Person) -> None:
    counts = " union all ".join(f"select '{table}', count(*) from core.{table}" for table in KEPT)
    (number,) = (row["design"] for row in anna.call("list_designs"))
    before = stack.sql(counts), anna.files(number), anna.call("design_history", p_design=number)
    stack.compose("stop", "kicad", "client_manager", "gateway")
    ends = stack.containers()
    assert {ends[name].attrs["State"]["ExitCode"] for name in ("kicad", "client_manager", "gateway")} == {0}
    stack.compose("down")
    assert stack.containers() == {}
    stack.up("--no-build")
    after = stack.sql(counts), anna.files(number), anna.call("design_history", p_design=number)
    assert after == before
    assert all(int(line.split("|")[1]) > 0 for line in before[0].splitlines())


def test_nobody_has_rights(stack: Stack) -> None:
    for name, container in stack.containers().items():
        if name == "deploy":
            continue
        host = container.attrs["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert not host["CapAdd"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert not host["Privileged"], name
        assert (host["PidMode"], host["IpcMode"], host["UsernsMode"]) == ("", "private", ""), name
        assert host["MaskedPaths"], name
        assert 0 < host["Memory"] <= 4 << 30, name
        assert 0 < host["PidsLimit"] <= 400, name
        assert container.exec_run(["id", "-u"]).output.decode().strip() in ("999", "10001"), name
        rights = container.exec_run(["sh", "-c", "cat /proc/1/status /proc/self/status"]).output.decode()
        lines = [line.split() for line in rights.splitlines() if line.startswith(("Cap", "NoNewPrivs"))]
        assert {word for key, word in lines if key.startswith("Cap")} == {"0" * 16}, name
        assert {word for key, word in lines if key == "NoNewPrivs:"} == {"1"}, name


def test_only_the_gateway_and_what_operators_read_are_published_and_only_to_this_machine(
    stack: Stack,
) -> None:
    published = {
        name: places
        for name, container in stack.containers().items()
        if (places := [place for port in container.ports.values() for place in port or []])
    }
    assert set(published) == {"gateway", "prometheus"}
    assert {place["HostIp"] for places in published.values() for place in places} == {"127.0.0.1"}


def test_each_container_has_the_secrets_of_its_own_role_alone(stack: Stack) -> None:
    for name, wanted in SECRETS.items():
        said = stack.containers()[name].exec_run(["sh", "-c", "ls /run/secrets 2>/dev/null"]).output.decode()
        assert set(said.split()) == wanted, name
    assert (stack.deploy / "secrets").stat().st_mode & 0o777 == 0o700


def test_no_secret_is_in_an_image_or_in_what_docker_tells(stack: Stack, tmp_path: Path) -> None:
    words = stack.passwords()
    assert len(words) >= 15
    told = "".join(str(container.attrs) for container in stack.containers().values())
    tags = sorted({tag for image in stack.client.images.list(f"{IMAGES}*") for tag in image.tags})
    for tag in tags:
        told += str(stack.client.images.get(tag).attrs) + str(stack.client.images.get(tag).history())
    assert [name for name, word in words.items() if word in told] == []
    patterns = tmp_path / "patterns"
    patterns.write_text("\n".join([*words.values(), "what this test looks for to see that it looks"]) + "\n")
    (tmp_path / "proof").write_text("what this test looks for to see that it looks")
    look = 'tar -C "$1" -cf - proof | cat - <(docker save "${@:2}") | LC_ALL=C grep -aoFf "$1/patterns" | sort | uniq -c'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", look, "look", str(tmp_path), *tags],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split(maxsplit=1) == ["1", "what this test looks for to see that it looks\n"]


def test_kicad_reaches_the_database_and_nothing_else(stack: Stack) -> None:
    with socket.create_server(("0.0.0.0", 0)) as machine:  # what a container could reach
        port = machine.getsockname()[1]
        threading.Thread(target=_accept, args=(machine,), daemon=True).start()
        places, outside = [], []
        for name, container in stack.containers().items():
            for network, end in container.attrs["NetworkSettings"]["Networks"].items():
                if name == "gateway":
                    places.append(f"{end['IPAddress']}:8080")
                if name == "container_psql" and network.endswith("_kicad"):
                    places.append(f"{end['IPAddress']}:5432")
                if end["Gateway"]:
                    outside.append(f"{end['Gateway']}:{port}")
        names = [
            "gateway:8080",
            "container_psql:5432",
            "client_manager:8080",
            "prometheus:9090",
            "exporter:9187",
        ]
        reached = stack.python("kicad", REACH, *places, *set(outside), *names).split()
        control = stack.python("client_manager", REACH, *set(outside), "gateway:8080").split()
    assert {place.rsplit(":", 1)[1] for place in reached} == {"5432"}
    assert "container_psql:5432" in reached
    assert "gateway:8080" in control
    assert [place for place in control if place.endswith(f":{port}")]  # somebody can: the test is no accident


def test_scripts_that_nobody_trusts_are_held_inside_the_container(stack: Stack) -> None:
    mount = f"{ROOT / 'tests'}:/opt/hardware_mas/tests:ro"
    words = [
        "run",
        "--rm",
        "--no-deps",
        "-v",
        mount,
        "--entrypoint",
        "python",
        "kicad",
        "-c",
        ATTACK,
        *HOSTILE,
    ]
    described, *reports = stack.compose(*words).splitlines()[-len(HOSTILE) - 1 :]
    assert described.startswith("bubblewrap with namespaces, seccomp, limits")
    assert reports == [f"{name} []" for name in HOSTILE]


def test_a_container_without_the_profile_runs_no_script(stack: Stack) -> None:
    image, look = f"{IMAGES}container_kicad", "from kicad import sandbox; print(sandbox.probe())"
    words = {
        "entrypoint": ["python", "-c", look],
        "remove": True,
        "cap_drop": ["ALL"],
        "network_mode": "none",
    }
    said = stack.client.containers.run(image, security_opt=["no-new-privileges"], **words).decode()
    assert "bwrap" in said, said


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    before = {name: container.id for name, container in stack.containers().items() if name != "deploy"}
    kept = stack.passwords()
    began = time.monotonic()
    stack.up("--no-build")
    assert time.monotonic() - began < 60
    assert {name: each.id for name, each in stack.containers().items() if name != "deploy"} == before
    assert stack.passwords() == kept


def _accept(server: socket.socket) -> None:
    try:
        while True:
            server.accept()[0].close()
    except OSError:
        return  # it is over
