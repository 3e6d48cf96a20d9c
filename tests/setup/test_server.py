"""The embedded PostgreSQL: started, killed, started again, and closed to everybody else."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from clients import server
from clients.deploy import deploy
from tests.conftest import ROOT
from tests.setup.conftest import open_to_all

START = "from clients.server import ensure_server; print(len(ensure_server().passwords()))"
STARTED = f"{len(server.ROLES)}\n"


@pytest.fixture
def own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own, with a server that is stopped at the end.

    It stands outside pytest's folders: the server's user must reach it, and another pytest that starts meanwhile
    closes those again.
    """
    folder = Path(tempfile.mkdtemp(prefix="mas-own-home-"))
    open_to_all(folder)
    monkeypatch.setenv("MAS_HOME", str(folder / "own home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield folder / "own home"
    server.stop_server()
    shutil.rmtree(server._socket_folder(), ignore_errors=True)
    shutil.rmtree(folder)


def postmaster(home: Path) -> int:
    """Process id of the server."""
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def kill(pid: int) -> None:
    """Kill a process and wait for its end."""
    watch = os.pidfd_open(pid)
    os.kill(pid, 9)
    assert select.select([watch], [], [], 10)[0], "it did not die"
    os.close(watch)


def test_two_starts_at_once_make_one_server_that_survives_a_crash(own_home: Path) -> None:
    words = [sys.executable, "-c", START]
    starters = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [starter.communicate()[0] for starter in starters] == [STARTED] * 2
    first = postmaster(own_home)
    kill(first)
    again = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert again.stdout == STARTED, again.stderr
    assert postmaster(own_home) != first
    files = list((own_home / "secrets").iterdir())
    assert {file.name for file in files} == {*server.ROLES, server.SUPERUSER}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((own_home / "secrets").stat().st_mode) == 0o700
    if os.getuid() == 0:
        assert (own_home / "postgres/data").owner() == server.SYSTEM_USER


def test_a_start_finds_its_way_after_a_reboot_and_a_tidied_tmp(own_home: Path) -> None:
    server.ensure_server()
    lock = own_home / "postgres/data/postmaster.pid"
    before = lock.read_text()
    kill(postmaster(own_home))
    lock.write_text(
        before.replace(before.split()[0], str(os.getpid()), 1)
    )  # our number is somebody else's now
    server.ensure_server()
    assert postmaster(own_home) != os.getpid()
    shutil.rmtree(server._socket_folder())
    with psycopg.connect(server.ensure_server().url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert server.stop_server()
    assert not server.stop_server()


def test_a_planted_socket_folder_is_refused_and_left_alone(own_home: Path, tmp_path: Path) -> None:
    target = tmp_path / "somebody's"
    target.mkdir()
    account = server._account()
    os.chown(target, account.pw_uid, account.pw_gid)  # even the right owner makes it no folder of ours
    server._socket_folder().symlink_to(target)
    try:
        with pytest.raises(server.ServerError, match="is not ours"):
            server.ensure_server()
        os.chown(target, os.getuid(), os.getgid())
        with pytest.raises(server.ServerError, match="is not ours"):
            server.ensure_server()
        assert target.stat().st_uid == os.getuid()
    finally:
        server._socket_folder().unlink()


def test_the_server_listens_on_no_port_and_wants_a_password(own_home: Path) -> None:
    running = server.ensure_server()
    lines = (own_home / "postgres/data/postmaster.pid").read_text().splitlines()
    assert lines[5].strip() == ""  # the address that it listens on
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(lines[3]))) != 0
    for password in ("wrong", ""):
        wrong = running.url.replace(running.password("postgres"), password)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong).close()


def test_what_it_promises_is_how_it_runs(own_home: Path) -> None:
    with psycopg.connect(server.ensure_server().url) as connection:
        shown: dict[str, str] = dict(connection.execute("select name, setting from pg_settings").fetchall())
        rules = connection.execute("select type, auth_method from pg_hba_file_rules").fetchall()
        (provider,) = connection.execute(
            "select datlocprovider::text || datlocale from pg_database where datname = 'hardware_mas'"
        ).fetchone() or ("",)
    expected = {"data_checksums": "on", "fsync": "on", "password_encryption": "scram-sha-256"}
    assert {name: shown[name] for name in expected} == expected
    assert rules == [("local", "scram-sha-256")]
    assert provider == "bC.UTF-8"


def test_nobody_else_on_the_machine_comes_near_the_data_or_the_socket(own_home: Path) -> None:
    running = server.ensure_server()
    list(deploy(running.admin_dsn, running.passwords()))
    account = server._account()
    for folder in (own_home / "postgres/data", server._socket_folder()):
        assert (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_uid) == (0o700, account.pw_uid)
    assert Path(f"/proc/{postmaster(own_home)}").stat().st_uid == account.pw_uid
    if os.getuid() == 0:
        assert account.pw_uid != 0
        assert account.pw_shell.endswith(("nologin", "false"))
        nobody = pwd.getpwnam("nobody")
        probe = ["/bin/sh", "-c", f"ls {server._socket_folder()} || cat '{own_home}/secrets/admin'"]
        tried = subprocess.run(
            probe, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], capture_output=True, check=False
        )
        assert (tried.returncode != 0, tried.stdout) == (True, b"")
    with psycopg.connect(running.admin_dsn) as connection:
        stored = connection.execute(
            "select rolname, left(rolpassword, 14) from pg_authid where rolcanlogin"
        ).fetchall()
    assert {name for name, _ in stored} == {*server.ROLES, server.SUPERUSER}
    assert {verifier for _, verifier in stored} == {"SCRAM-SHA-256$"}


def test_a_log_line_and_the_server_object_carry_no_password(own_home: Path) -> None:
    running = server.ensure_server()
    list(deploy(running.admin_dsn, running.passwords()))
    passwords = [file.read_text().strip() for file in (own_home / "secrets").iterdir()]
    logs = "".join(file.read_text() for file in (own_home / "postgres/data/log").iterdir())
    assert logs
    assert not [word for word in passwords if word in logs or word in repr(running)]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://me:geheim@127.0.0.1:1/x", "cannot be reached"),
        ("geheim", "is no URL"),
        ("postgresql://me:geheim@/x?nonsense=1", "is no URL"),
    ],
)
def test_an_unusable_database_url_is_one_sentence_without_its_password(
    url: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(server.ServerError, match=reason) as raised:
        server.ensure_server()
    assert "geheim" not in str(raised.value)
