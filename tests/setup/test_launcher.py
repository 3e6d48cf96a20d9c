"""The launcher, run as a person would: ./mas from anywhere, on a machine where anything may be odd."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clients import server
from tests.conftest import ROOT, Database
from tests.setup.conftest import open_to_all

SAYS = (
    "import os, sys; print(os.getcwd(), os.environ['MAS_HOME'], *sys.argv[1:], 'HOME' in os.environ, sep='|')"
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the checkout in a folder with spaces in its name."""
    target = tmp_path / "a folder" / "with spaces"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in (os.fsdecode(file) for file in files.split(b"\0") if file):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The launcher with a lock that names no package, so that its environment is made in a moment."""
    target = tmp_path / "bare"
    (target / "clients").mkdir(parents=True)
    shutil.copy2(ROOT / "mas", target / "mas")
    (target / "requirements.lock").write_text("# nothing\n")
    (target / "clients" / "__init__.py").touch()
    (target / "clients" / "cli.py").write_text(SAYS)
    return target


def launch(mas: Path, *words: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run ./mas, with the present installation unless MAS_HOME is changed."""
    env = os.environ | {"MAS_HOME": str(server.home())} | changes
    env.pop("PYTHONPATH", None)
    return subprocess.run(
        [mas, *words], cwd=cwd, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


# ---------------------------------------------------------------------------- with the installation that is there


def test_it_works_from_any_folder_with_spaces_in_the_path(
    clone: Path, tmp_path: Path, database: Database
) -> None:
    query = ("psql", "-c", "select 6 * 7 as answer")
    done = launch(clone / "mas", *query, cwd=tmp_path, MAS_DATABASE=database.name)
    assert done.returncode == 0, done.stderr
    assert "42" in done.stdout


def test_it_works_through_a_link(clone: Path, tmp_path: Path) -> None:
    link = tmp_path / "linked"
    link.symlink_to(clone / "mas")
    assert launch(link, "--help", cwd=Path("/")).returncode == 0


def test_it_runs_nothing_of_the_folder_that_it_is_called_from(tmp_path: Path) -> None:
    (tmp_path / "clients").mkdir()
    for name in ("random.py", "rich.py", "clients/__init__.py", "clients/cli.py"):
        (tmp_path / name).write_text("raise SystemExit('a stranger ran')")
    done = launch(ROOT / "mas", "--help", cwd=tmp_path, PYTHONHOME="/nowhere")
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_explains_itself() -> None:
    listed = launch(ROOT / "mas", "--help", cwd=ROOT).stdout
    commands = re.findall(r"^    (\w+) ", listed, re.MULTILINE)
    assert {"design", "up", "psql", "deploy", "test", "briefs", "doctor"} <= set(commands)
    for command in commands:
        assert launch(ROOT / "mas", command, "--help", cwd=ROOT).returncode == 0


def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    url = "postgresql://me:geheim@127.0.0.1:1/x"
    done = launch(ROOT / "mas", "psql", "-c", "select 1", cwd=tmp_path, DATABASE_URL=url)
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr


def test_a_folder_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    done = launch(ROOT / "mas", "design", "--out", "a file/out", "LED indicator for 5 V", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--out" in done.stderr


# ---------------------------------------------------------------------------- with one of its own


@pytest.fixture
def poor(tmp_path: Path) -> str:
    """A PATH whose Pythons can make no environment, so that the attempt shows at once."""
    folder = tmp_path / "poor"
    folder.mkdir()
    (folder / "python3").write_text('#!/bin/sh\ntest "$1" = -c\n')
    (folder / "python3").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_the_environment_is_made_once_and_anew_when_it_does_not_fit(
    bare: Path, tmp_path: Path, poor: str
) -> None:
    # two at once, by a relative MAS_HOME, without HOME, under a narrow umask and pip's own settings
    words = ["sh", "-c", 'umask 077 && exec "$0" "two words" "*"', str(bare / "mas")]
    env = {name: value for name, value in os.environ.items() if name not in ("HOME", "PYTHONPATH")}
    env |= {"MAS_HOME": "the home", "PIP_USER": "1"}
    both = [subprocess.Popen(words, cwd=tmp_path, env=env, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    said = [process.communicate() for process in both]
    assert [out for out, _ in said] == [f"{tmp_path}|{tmp_path}/the home|two words|*|True\n"] * 2, said
    assert "".join(err for _, err in said).count("making the Python environment") == 1
    home = tmp_path / "the home"
    assert (home / "venv/lib").stat().st_mode & 0o055 == 0o055  # PostgreSQL's user runs what is there

    def trial(name: str) -> Path:
        return Path(shutil.copytree(home, tmp_path / name, symlinks=True))

    def launched(home: Path) -> tuple[int, str]:
        done = launch(bare / "mas", cwd=bare, MAS_HOME=str(home), PATH=poor)
        return done.returncode, done.stderr

    assert launched(trial("whole")) == (0, "")
    half = trial("half made")
    (half / "venv/stamp").unlink()
    gone = trial("its Python is gone")
    point(gone / "venv/bin/python", tmp_path / "nowhere")
    (gone / "venv/stamp").write_text((bare / "requirements.lock").read_text() + f"{tmp_path}/nowhere\n")
    other = trial("its Python was replaced")
    point(other / "venv/bin/python", Path(shutil.copy2(sys.executable, tmp_path / "python3.99")))
    for spoilt in (half, gone, other):
        code, text = launched(spoilt)
        assert (code, "making the Python environment" in text) == (3, True), (spoilt.name, text)
    (bare / "requirements.lock").write_text("# something else\n")
    assert launched(trial("another lock"))[0] == 3


def point(link: Path, target: Path) -> None:
    """Let a link point elsewhere."""
    link.unlink()
    link.symlink_to(target)


def test_an_environment_that_cannot_be_made_ends_with_its_reason_and_3(bare: Path, tmp_path: Path) -> None:
    done = launch(bare / "mas", cwd=tmp_path, MAS_HOME="/proc/nothing")
    assert done.returncode == 3
    assert "MAS_HOME" in done.stderr
    (bare / "requirements.lock").write_text("rich==15.0.0\n")  # anybody's, without its hash
    done = launch(bare / "mas", cwd=tmp_path, MAS_HOME=str(tmp_path / "home"))
    assert done.returncode == 3
    assert "pip.log" in done.stderr
    assert not (tmp_path / "home/venv/stamp").exists()


def test_without_python_and_the_right_to_install_it_names_the_command_and_exits_3(
    bare: Path, tmp_path: Path
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ["bash", "dirname", "readlink", "sha256sum", "cut", "id", "mkdir", "cat", "cmp", "flock"]:
        (tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    (tools / "apt-get").symlink_to("/bin/false")
    (tools / "python3").symlink_to("/bin/false")
    (tools / "sudo").symlink_to("/bin/false")
    open_to_all(tmp_path)
    home = tmp_path / "home"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    who = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    script = (bare / "mas").read_text().replace(" /usr/bin/python3;", ";")
    (bare / "mas").write_text(script)
    done = subprocess.run(
        [bare / "mas"],
        cwd="/",
        env={"PATH": str(tools), "MAS_HOME": str(home)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        **who,  # type: ignore[call-overload]
    )
    assert done.returncode == 3, done.stderr
    assert "sudo sh -c 'apt-get update && " in done.stderr


# ---------------------------------------------------------------------------- what the suite needs beside


def test_only_the_suite_and_the_lints_bring_their_tools(bare: Path, tmp_path: Path) -> None:
    """A design waits for none of them; the second `./mas test` finds them there."""
    (bare / "requirements-dev.lock").write_text("# nothing more\n")
    home = tmp_path / "mas-home"
    stamp = home / "venv/stamp-dev"
    for command, adds in (("design", False), ("test", True), ("lint", False)):
        done = launch(bare / "mas", command, cwd=tmp_path, MAS_HOME=str(home))
        assert done.returncode == 0, done.stderr
        assert ("adding what the suite" in done.stderr) is adds
        assert stamp.exists() is (command != "design")


def test_the_suite_runs_on_what_is_shipped() -> None:
    """Both locks name the same version, with the same hashes, of whatever is in the first."""
    shipped, all_of_it = (
        dict(re.findall(r"^(\S+==\S+)(.*?)\n    # via", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert shipped
    assert shipped == {pin: all_of_it.get(pin) for pin in shipped}
