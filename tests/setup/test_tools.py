"""Installing what the machine lacks: nothing the second time, and the commands for who may not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from clients import setup
from tests.conftest import ROOT

DEB822 = """\
Types: deb deb-src
# the mirror of the house
URIs: http://mirror.example/debian http://second.example/debian
Suites: bookworm-updates bookworm
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm-backports
Components: main
"""
ONE_LINE = """\
deb cdrom:[Debian 12]/ other main
# deb http://off.example/debian bookworm-backports main
deb-src http://mirror.example/debian bookworm-backports main
deb [arch=amd64 signed-by=/usr/share/keyrings/debian.gpg] http://mirror.example/debian bookworm main contrib
deb http://mirror.example/debian bookworm-backports-sloppy main
"""
ADDED = "deb [signed-by=/usr/share/keyrings/debian.gpg] http://mirror.example/debian bookworm-backports main"


def quiet(text: str) -> None:
    """For who must say nothing."""
    pytest.fail(f"it said {text!r}")


def test_set_up_does_nothing_the_second_time() -> None:
    setup.ensure_tools(quiet)
    began = time.process_time()
    setup.ensure_tools(quiet)
    assert time.process_time() - began < 0.05


@pytest.fixture
def bookworm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources of a Debian 12, empty."""
    (tmp_path / "sources.list.d").mkdir()
    monkeypatch.setattr(setup, "SOURCES", tmp_path)
    monkeypatch.setattr(setup, "INTERRUPTED", tmp_path / "updates")
    monkeypatch.setattr(setup, "_os_release", lambda: {"ID": "debian", "VERSION_CODENAME": "bookworm"})
    return tmp_path


@pytest.mark.parametrize(("name", "text"), [("debian.sources", DEB822), ("any.list", ONE_LINE)])
def test_backports_come_from_the_machines_own_mirror_under_its_key(
    name: str, text: str, bookworm: Path
) -> None:
    (bookworm / "sources.list.d" / name).write_text(text)
    first, second, *_ = setup._steps(["kicad"])
    assert ADDED in first[-1]
    assert second[-1] == "update"
    subprocess.run(first, check=True)
    written = bookworm / "sources.list.d" / "hardware_mas-backports.list"
    assert written.read_text() == ADDED + "\n"
    assert setup._steps(["kicad"])[0] == second  # it is there now


def test_no_mirror_is_assumed(bookworm: Path) -> None:
    with pytest.raises(setup.NotInstalled, match="no mirror of bookworm"):
        setup._steps(["kicad"])


def test_kicad_alone_comes_from_backports(bookworm: Path) -> None:
    (bookworm / "sources.list").write_text(ADDED)
    update, install = setup._steps(["kicad", "ngspice"])
    assert update[-1] == "update"
    assert "-t" not in install
    assert install[-5:-3] == ["ngspice", "uidmap"]
    assert install[-3:] == [f"{package}/bookworm-backports" for package in setup.KICAD_PACKAGES]
    assert "kicad" not in " ".join(setup._steps(["ngspice"])[-1])


def test_a_killed_installation_is_ended_first(bookworm: Path) -> None:
    (bookworm / "updates").mkdir()
    (bookworm / "updates" / "0001").touch()
    assert setup._steps(["ngspice"])[0][-3:] == ["dpkg", "--configure", "-a"]


def test_an_unknown_system_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "_os_release", lambda: {"ID": "arch"})
    with pytest.raises(setup.NotInstalled, match="KiCad 8 or newer, ngspice"):
        setup._steps(["kicad", "ngspice"])


def test_it_waits_for_another_package_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "RETRY_S", 0.0)
    flag, log = tmp_path / "free", tmp_path / "log"
    script = f'test -e {flag} && exit; touch {flag}; echo "E: Could not get lock /var/lib/apt/lists/lock."; exit 100'
    said: list[str] = []
    setup._run(["sh", "-c", script], log, said.append)
    assert len(said) == 1
    with pytest.raises(setup.NotInstalled, match=r"failed: E: no such package \(the whole log is "):
        setup._run(["sh", "-c", "echo E: no such package; exit 100"], log, quiet)


def test_without_the_right_to_install_it_prints_the_commands_and_exits_3(tmp_path: Path) -> None:
    tools = tmp_path / "bin"  # a machine without KiCad, ngspice, bubblewrap, and with a sudo that says no
    tools.mkdir()
    (tools / "env").symlink_to("/usr/bin/env")
    (tools / "sudo").symlink_to("/bin/false")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    ask = (
        "import os, sys; os.getuid = lambda: 1000; from clients.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask, "design", "LED indicator for 5 V"],
        env={"PATH": str(tools), "MAS_HOME": str(home), "PYTHONPATH": str(ROOT), "HOME": str(home)},
        cwd="/",
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "needs an administrator" in done.stderr
    commands = [line for line in done.stderr.splitlines() if line.startswith("  sudo ")]
    assert [line for line in commands if "apt-get" in line and "update" in line]
    assert [line for line in commands if "install" in line and "kicad-footprints" in line]
    assert not (home / "postgres").exists()
    for line in commands:
        subprocess.run(["sh", "-n", "-c", line], check=True)  # can be pasted as it is
    assert [file.name for file in home.iterdir()] == ["install.lock"]
