"""container_logging: what containers say lands in files as JSON, whatever they say, and nobody waits for it."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import docker
import pytest
from docker.errors import ImageNotFound
from docker.models.containers import Container

from tests.conftest import ROOT

pytestmark = pytest.mark.docker
ENOUGH_S = 30
NAME = f"mas-test-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def debian(daemon: docker.DockerClient) -> str:
    """Debian 13: the real image when it is there, else the stand-in."""
    with suppress(ImageNotFound):
        return str(daemon.images.get("debian:trixie-slim").tags[0])
    subprocess.run([ROOT / "deploy/standin/make", "debian-trixie"], check=True)
    return "local/debian:13"


@pytest.fixture(scope="module")
def image(daemon: docker.DockerClient, debian: str) -> str:
    """container_logging, built from its Dockerfile."""
    arguments = {"LOGGING_IMAGE": debian}
    made, _ = daemon.images.build(
        path=str(ROOT),
        dockerfile="deploy/logging/Dockerfile",
        buildargs=arguments,
        tag="container_logging:test",
    )
    return str(made.id)


@dataclass
class Collector:
    """A running container_logging, as production runs it."""

    daemon: docker.DockerClient
    container: Container
    port: int
    debian: str

    def log(self, command: str, tag: str = "talker", **more: Any) -> Container:
        """Run a shell command in a container whose lines go to the collector."""
        options = {
            "syslog-address": f"udp://127.0.0.1:{self.port}",
            "syslog-format": "rfc5424micro",
            "tag": tag,
        }
        options |= {"mode": "non-blocking", "max-buffer-size": "4m"}
        config = docker.types.LogConfig(type="syslog", config=options)
        return self.daemon.containers.run(
            self.debian, ["sh", "-c", command], log_config=config, detach=True, labels={"test": NAME}, **more
        )

    def run(self, *command: str, **environment: str) -> str:
        done = self.container.exec_run(list(command), environment=environment)
        assert done.exit_code == 0, done.output.decode()
        return str(done.output.decode())

    def lines(self, tag: str, least: int) -> list[dict[str, Any]]:
        """What has come from a container, at least so many lines."""
        until = time.monotonic() + ENOUGH_S
        while True:
            text = self.run("sh", "-c", f"cat /var/log/mas/*/{tag}.jsonl 2>/dev/null || true")
            if text.count("\n") >= least:
                return [json.loads(line) for line in text.splitlines()]
            assert time.monotonic() < until, f"{text.count(chr(10))} of {least} lines of {tag} have come"


@pytest.fixture(scope="module")
def collector(daemon: docker.DockerClient, image: str, debian: str) -> Iterator[Collector]:
    """The collector, with no right that it does not need."""
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    container = daemon.containers.run(
        image,
        detach=True,
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        tmpfs={"/run/rsyslog": "uid=10001,gid=10001", "/tmp": ""},
        network_mode="host",
        environment={"MAS_LOGS": f"127.0.0.1:{port}", "MAS_LOG_LOOK_S": "1"},
        labels={"test": NAME},
    )
    made = Collector(daemon, container, port, debian)
    try:
        until = time.monotonic() + ENOUGH_S
        while container.exec_run(["test", "-s", "/run/rsyslog/pid"]).exit_code != 0:
            assert time.monotonic() < until, container.logs().decode()
        yield made
    finally:
        for ours in daemon.containers.list(all=True, filters={"label": f"test={NAME}"}):
            ours.remove(force=True, v=True)


def test_a_line_of_ours_lands_parsed_with_time_and_design(collector: Collector) -> None:
    line = {
        "time": "2026-11-28T07:00:00.000+00:00",
        "level": "WARNING",
        "component": "kicad",
        "message": "hü",
        "design": 32,
    }
    said = json.dumps(line | {"container": "forged", "received": "forged"})
    collector.log(f"printf '%s\\n' '{said}'", "hardware_mas-kicad-1").wait()
    (landed,) = collector.lines("hardware_mas-kicad-1", 1)
    assert {key: landed[key] for key in line} == line
    assert landed["container"] == "hardware_mas-kicad-1"
    assert abs((datetime.now(UTC) - datetime.fromisoformat(landed["received"])).total_seconds()) < ENOUGH_S


def test_garbage_and_a_line_of_a_megabyte_break_nothing_and_are_kept(collector: Collector) -> None:
    garbage = ["plain words", "{broken", "[1, 2]", '"text"', "17", '{"a": {"b": [1, {"c": null}]}}']
    script = "".join(f"printf '%s\\n' '{line}'; " for line in garbage)
    script += "printf 'a\\033[31mb\\377\\n'; head -c 1000000 /dev/zero | tr '\\0' x; echo; "
    script += """printf '%s\\n' '{"level": "INFO", "message": "after"}'"""
    collector.log(script, "garbage").wait()
    pieces = -(-1_000_001 // 16_384)  # Docker cuts a line where its buffer ends
    landed = collector.lines("garbage", len(garbage) + 1 + pieces + 1)
    assert [line.get("raw") for line in landed[:5]] == garbage[:5]
    assert landed[5]["a"] == {"b": [1, {"c": None}]}
    assert landed[6]["raw"] == "a#033[31mb "
    assert sum(len(line["raw"]) for line in landed[7:-1]) == 1_000_000
    assert landed[-1]["message"] == "after"


def test_no_name_of_a_container_leads_out_of_the_folder(collector: Collector) -> None:
    collector.log("echo here", "..").wait()
    collector.log("echo here", "../../../tmp/out").wait()
    collector.log("echo there", "last").wait()
    collector.lines("last", 1)
    assert "out" not in collector.run("ls", "/tmp")


def test_a_thousand_lines_of_each_of_four_come_whole_and_in_order(collector: Collector) -> None:
    script = (
        'i=0; while [ $i -lt 1000 ]; do echo "{\\"message\\": \\"line\\", \\"n\\": $i}"; i=$((i+1)); done'
    )
    for talker in [collector.log(script, f"many-{n}") for n in range(4)]:
        talker.wait()
    for n in range(4):
        assert [line["n"] for line in collector.lines(f"many-{n}", 1000)] == list(range(1000))


def test_what_there_was_no_room_for_is_told(collector: Collector) -> None:
    """The collector is stopped in its tracks while more comes than the kernel keeps for it."""
    collector.container.pause()
    try:
        with socket.socket(type=socket.SOCK_DGRAM) as flood:
            for _ in range(20_000):
                flood.sendto(b"<30>1 - - flood - - - " + b"x" * 1000, ("127.0.0.1", collector.port))
    finally:
        collector.container.unpause()
    until = time.monotonic() + ENOUGH_S
    while b"lines were lost" not in (said := collector.container.logs()):
        assert time.monotonic() < until, said
    collector.log("echo here", "after-the-flood").wait()
    collector.lines("after-the-flood", 1)


def test_whoever_talks_does_not_wait_for_a_collector_that_is_away(collector: Collector) -> None:
    collector.container.stop()
    try:
        began = time.monotonic()
        talker = collector.log("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done", "unheard")
        assert talker.wait(timeout=ENOUGH_S)["StatusCode"] == 0
        assert time.monotonic() - began < ENOUGH_S
        assert talker.logs().count(b"\n") == 20_000, "`docker logs` has them all the same"
    finally:
        collector.container.start()
    collector.log("echo again", "heard").wait()
    assert collector.lines("heard", 1)[0]["raw"] == "again"


def test_old_files_go_and_all_together_stay_within_the_bound(collector: Collector) -> None:
    fill = "mkdir -p /tmp/p/old /tmp/p/young && cd /tmp/p && echo x >old/a.jsonl && touch -d '40 days ago' old/a.jsonl"
    fill += ' && for n in 1 2 3 4 5 6 7 8; do head -c 200000 /dev/zero >young/$n.jsonl; touch -d "-$n min" young/$n.jsonl; done'
    collector.run("sh", "-c", fill)
    said = collector.run("prune", MAS_LOG_DIR="/tmp/p", MAS_LOG_MB="1", MAS_LOG_DAYS="30")
    assert "young/8.jsonl was deleted, because all files together had more than 1 MB" in said
    assert collector.run("ls", "/tmp/p").split() == ["young"]
    assert collector.run("ls", "/tmp/p/young").split() == [f"{n}.jsonl" for n in range(1, 6)]


def test_a_talkative_containers_file_is_closed_and_goes_on_in_the_next(collector: Collector) -> None:
    collector.log(
        "i=0; while [ $i -lt 30 ]; do head -c 15000 /dev/zero | tr '\\0' x; echo; i=$((i+1)); done", "loud"
    ).wait()
    collector.lines("loud", 30)
    collector.run("prune", MAS_LOG_MB="1")
    collector.log("echo next", "loud").wait()
    assert [line["raw"] for line in collector.lines("loud", 1)] == ["next"]


def test_the_example_of_forwarding_is_a_configuration(collector: Collector) -> None:
    check = "mkdir -p /tmp/c && sed 's|/etc/hardware_mas/forward|/tmp/c|' /etc/hardware_mas/rsyslog.conf >/tmp/r.conf && export MAS_LOG_ADDRESS=127.0.0.1 MAS_LOG_PORT=1 && "
    check += "cp /etc/hardware_mas/forward.conf.example /tmp/c/x.conf && rsyslogd -N1 -f /tmp/r.conf 2>&1"
    said = collector.run("sh", "-c", check)
    assert "error" not in said.lower().replace("errors", ""), said
