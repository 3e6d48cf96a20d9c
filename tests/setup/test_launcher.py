"""The launcher and the set-up, run as a person would."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import server, setup
from tests.conftest import ROOT

NOBODY = 65534


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the checkout in a folder with spaces in its name, using the installation that is there."""
    target = tmp_path / "a folder" / "with spaces"
    target.mkdir(parents=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(
        b"\0"
    )
    for name in (os.fsdecode(file) for file in files if file):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def launch(mas: Path, *words: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run ./mas with the present installation."""
    env = os.environ | {"MAS_HOME": str(server.home())} | changes
    env.pop("PYTHONPATH", None)
    return subprocess.run(
        [mas, *words], cwd=cwd, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


def test_it_works_from_any_folder_with_spaces_in_the_path(clone: Path, tmp_path: Path) -> None:
    done = launch(clone / "mas", "psql", "-c", "select 6 * 7 as answer", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "42" in done.stdout


def test_it_works_through_a_link(clone: Path, tmp_path: Path) -> None:
    link = tmp_path / "linked"
    link.symlink_to(clone / "mas")
    assert launch(link, "--help", cwd=Path("/")).returncode == 0


def test_every_command_explains_itself() -> None:
    listed = launch(ROOT / "mas", "--help", cwd=ROOT).stdout
    commands = re.findall(r"^    (\w+) ", listed, re.MULTILINE)
    assert {"design", "up", "psql", "deploy", "test", "briefs", "doctor"} <= set(commands)
    for command in commands:
        assert launch(ROOT / "mas", command, "--help", cwd=ROOT).returncode == 0


def test_set_up_does_nothing_the_second_time() -> None:
    assert setup.missing() == []
    began = time.perf_counter()
    setup.ensure_tools(lambda text: pytest.fail(f"it said {text!r}"))
    assert time.perf_counter() - began < 5


def test_without_the_right_to_install_it_prints_the_commands_and_exits_3(clone: Path, tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("becoming another user needs root")
    lonely = tmp_path / "bin"  # a machine without KiCad, ngspice, bubblewrap and sudo
    lonely.mkdir()
    for tool in ("env", "bash", "sh"):
        (lonely / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    for path in (tmp_path, *tmp_path.parents):
        if path != Path("/") and path.owner() == "root":
            path.chmod(path.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    ask = "from clients.cli import main; import sys; sys.exit(main(['design', 'LED indicator for 5 V']))"
    env = {
        "PATH": str(lonely),
        "MAS_HOME": str(home),
        "KICAD_PYTHON": "/bin/false",
        "PYTHONPATH": str(clone),
        "HOME": str(home),
    }
    python = Path(server.home()) / "venv" / "bin" / "python"
    command = [_readable(python, tmp_path), "-c", ask]
    done = subprocess.run(
        command,
        env=env,
        cwd="/",
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "sudo" in done.stderr
    assert "install" in done.stderr


def _readable(python: Path, tmp_path: Path) -> str:
    """An interpreter that nobody may run, with the project's packages."""
    packages = next((python.parent.parent / "lib").glob("python3*")) / "site-packages"
    for candidate in ("/usr/bin/python3", shutil.which("python3") or ""):
        probe = [candidate, "-c", "import sys"]
        if (
            candidate
            and subprocess.run(
                probe, user=NOBODY, group=NOBODY, extra_groups=[], check=False, cwd="/"
            ).returncode
            == 0
        ):
            wrapper = tmp_path / "bin" / "python"
            wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{packages}" exec {candidate} "$@"\n')
            wrapper.chmod(0o755)
            return str(wrapper)
    pytest.skip("no Python that another user may run")


# ---------------------------------------------------------------------------- the embedded server


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own, with a server that is stopped at the end."""
    for path in (tmp_path, *tmp_path.parents):
        if path != Path("/") and os.getuid() == 0 and path.owner() == "root":
            path.chmod(path.stat().st_mode | stat.S_IXOTH)  # the server's user must reach its data
    monkeypatch.setenv("MAS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield tmp_path / "home"
    server.stop_server()


START = "from clients.server import ensure_server; print(ensure_server().database)"


def test_two_starts_at_once_make_one_server_that_survives_a_crash(own_home: Path) -> None:
    words = [sys.executable, "-c", START]
    starters = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [starter.communicate()[0].strip() for starter in starters] == ["hardware_mas"] * 2
    pid = int((own_home / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(pid, 9)
    while Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        pass
    again = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert int((own_home / "postgres/data/postmaster.pid").read_text().split()[0]) != pid
    secrets = list((own_home / "secrets").iterdir())
    assert secrets
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets} == {0o600}
    assert stat.S_IMODE((own_home / "secrets").stat().st_mode) == 0o700
    if os.getuid() == 0:
        assert (own_home / "postgres/data").owner() == server.SYSTEM_USER


def test_the_server_listens_on_no_port_and_wants_a_password(own_home: Path) -> None:
    running = server.ensure_server()
    lines = (own_home / "postgres/data/postmaster.pid").read_text().splitlines()
    assert lines[5].strip() == ""  # the address that it listens on
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(lines[3]))) != 0
    wrong = running.url.replace(running.password("postgres"), "wrong")
    import psycopg

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong).close()


def test_a_log_line_and_the_server_object_carry_no_password(own_home: Path) -> None:
    running = server.ensure_server()
    from clients.deploy import deploy

    list(deploy(running.admin_dsn, running.passwords()))
    passwords = [file.read_text().strip() for file in (own_home / "secrets").iterdir()]
    logs = "".join(file.read_text() for file in (own_home / "postgres/data/log").iterdir())
    assert not [word for word in passwords if word in logs or word in repr(running)]
