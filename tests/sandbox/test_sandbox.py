"""What the sandbox gives a good script, how each ending is named, and that nothing runs without it."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import signal
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kicad import sandbox
from kicad.sandbox import command, kit, runner, syscalls
from kicad.sandbox.command import FIRST_UID, UIDS
from tests.sandbox.hostile import GOOD, SCRIPTS

RAW = """
from boardkit import *
j1 = part("J1", "HDR_1x02")

@raw
def title(board):
    import pcbnew
    text = pcbnew.PCB_TEXT(board)
    text.SetText("made inside")
    text.SetLayer(pcbnew.F_SilkS)
    board.Add(text)
"""
EMPTY_BOARD = (
    b'(kicad_pcb (version 20241229) (generator "pcbnew") (layers (0 "F.Cu" signal) (2 "B.Cu" signal)))'
)


def test_good_script_gives_its_intent() -> None:
    result = sandbox.run(GOOD)
    assert (result.outcome, result.exit_code) == ("ok", 0)
    assert json.loads(result.files["intent.json"])["parts"][0]["ref"] == "J1"
    assert 0 < result.cpu_s <= result.wall_s < 5


def test_raw_step_changes_the_board_with_kicads_own_code() -> None:
    result = sandbox.run(RAW, mode="raw", inputs={"board.kicad_pcb": EMPTY_BOARD})
    assert (result.outcome, result.stderr) == ("ok", "")
    assert b"made inside" in result.files["board.kicad_pcb"]


def test_refusal_names_the_line() -> None:
    result = sandbox.run("from boardkit import *\n\npart('R1', 'no such part')\n")
    assert result.outcome == "refused"
    assert json.loads(result.files["error.json"])["errors"][0]["line"] == 3


def test_script_sees_only_what_it_needs() -> None:
    look = (
        "import json, os\nprint(json.dumps([os.listdir('/'), list(os.environ), [os.getuid(), os.getgid()]]))"
    )
    folders, words, ids = json.loads(sandbox.run(look).stdout)
    system = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "etc", "proc", "dev", "opt", "scratch", "tmp"}
    assert set(folders) <= system
    ours = {"BOARDKIT_MODE", "BOARDKIT_OUT", "BOARDKIT_BOARD", "HOME", "PATH", "LC_ALL", "PWD"}
    assert set(words) <= ours
    assert all(number - FIRST_UID in range(UIDS) for number in ids)


def test_script_has_its_limits_and_no_rights() -> None:
    look = """
import ctypes, json, os, resource
names = ("AS", "CPU", "NOFILE", "FSIZE", "NPROC", "CORE", "MEMLOCK")
print(json.dumps([resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in names]))
libc = ctypes.CDLL(None)
held = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), held)
bounding, ambient = ([libc.prctl(*words, n, 0, 0) for n in range(40)] for words in ((23,), (47, 1)))
print(json.dumps([*held, *bounding, *ambient]))
print(json.dumps([libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0)]))
places = [place for place, _, _ in os.walk("/") if not place.startswith(("/usr/", "/dev/"))]
print(json.dumps([place for place in places if not os.statvfs(place).f_flag & os.ST_RDONLY]))
"""
    limits = sandbox.Limits()
    names = ("AS", "CPU", "NOFILE", "FSIZE", "NPROC", "CORE", "MEMLOCK")
    said = sandbox.run(look)
    bounds, rights, (no_new_privileges, seccomp), writable = map(json.loads, said.stdout.splitlines())
    wanted = [limits.address_space, limits.cpu_s, limits.open_files, limits.scratch, limits.processes, 0, 0]
    assert dict(zip(names, [soft for soft, _ in bounds], strict=True)) == dict(
        zip(names, wanted, strict=True)
    )
    assert [hard for _, hard in bounds] == [wanted[0], limits.cpu_s + 1, *wanted[2:]]
    assert set(rights) == {0}
    assert (no_new_privileges, seccomp) == (1, 2)  # 2: by a filter
    assert set(writable) == {"/scratch", "/scratch/out"}


def test_cpu_time_ends_before_the_clock_does() -> None:
    result = sandbox.run("while True: pass", limits=sandbox.Limits(wall_s=60, cpu_s=1))
    assert (result.outcome, result.exit_code) == ("timeout", 128 + signal.SIGXCPU)
    assert 1 <= result.cpu_s < 3


def test_uid_is_not_ours_nor_the_next_runs() -> None:
    first, second = (sandbox.run("import os\nprint(os.getuid())").stdout for _ in range(2))
    assert first != second
    assert int(first) not in (os.getuid(), 0)


def test_many_open_descriptors_of_ours_do_no_harm() -> None:
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(40)]
    try:
        assert sandbox.run(GOOD).outcome == "ok"
    finally:
        for fd in held:
            os.close(fd)


def test_secret_of_our_environment_is_in_no_process_of_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at from outside: even the tools that build the sandbox start with an empty environment."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret_of_this_test")
    seen: list[bytes] = []

    class Watching(runner.subprocess.Popen):  # type: ignore[name-defined,misc]
        def __init__(self, *words: object, **named: object) -> None:
            super().__init__(*words, **named)
            seen.append(Path(f"/proc/{self.pid}/environ").read_bytes())

    monkeypatch.setattr(runner.subprocess, "Popen", Watching)
    assert sandbox.run(GOOD).outcome == "ok"
    assert seen
    assert all(b"hf_secret" not in environment for environment in seen)


def test_sandbox_ends_with_the_process_that_runs_it() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, kit.kit().name.encode())
        sandbox.run("import time\ntime.sleep(1e6)", limits=sandbox.Limits(wall_s=60))
        os._exit(0)
    os.close(writer)
    name = os.read(reader, 100).decode()
    _until(lambda: len(_seeing(name)) >= 3)
    os.kill(child, 9)
    os.waitpid(child, 0)
    _until(lambda: not _seeing(name))
    os.close(reader)


def _seeing(name: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if name in (entry / "mountinfo").read_text():
                found.append(entry.name)
        except OSError:
            continue
    return found


def _until(condition: object) -> None:
    until = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.02)


# ---------------------------------------------------------------------------- results


def _archive(*entries: tuple[str, bytes, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, kind, content in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = (
                kind,
                len(content),
                "/etc/passwd" * (kind != tarfile.REGTYPE),
            )
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def _header_about_a_header() -> bytes:
    entry = tarfile.TarInfo("x")
    entry.type = tarfile.XHDTYPE
    return entry.tobuf(tarfile.USTAR_FORMAT)


def test_results_are_regular_files_of_agreed_names() -> None:
    archive = _archive(
        ("intent.json", tarfile.REGTYPE, b"{}"),
        ("../error.json", tarfile.REGTYPE, b"x"),
        ("error.json", tarfile.SYMTYPE, b""),
        ("board.kicad_pcb", tarfile.CHRTYPE, b""),
    )
    assert dict(runner._files(archive)) == {"intent.json": b"{}"}


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        b"x" * 5000,
        _archive(("intent.json", tarfile.REGTYPE, b"x" * 2000))[:900],
        tarfile.TarInfo("x").tobuf()[:156] + b"x" + bytes(355),
        b"".join([_header_about_a_header()] * 20_000),
    ],
)
def test_broken_archive_gives_no_file(archive: bytes) -> None:
    assert dict(runner._files(archive)) == {}


def test_size_beyond_the_archive_gives_no_file() -> None:
    entry = tarfile.TarInfo("intent.json")
    for size in (1 << 60, -1):
        entry.size = size
        assert dict(runner._files(entry.tobuf(tarfile.GNU_FORMAT) + bytes(1024))) == {}


# ---------------------------------------------------------------------------- where none can be had


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A machine whose sandbox has not been tried yet."""
    runner.probe.cache_clear()
    yield monkeypatch
    runner.probe.cache_clear()


def test_nothing_runs_without_bubblewrap(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare.setattr(runner, "_TRUSTED", {"PATH": str(tmp_path)})
    with pytest.raises(sandbox.NoSandbox, match="bwrap is not installed"):
        sandbox.run(GOOD)


def test_nothing_runs_where_bubblewrap_fails(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a kernel that forbids namespaces: the real bwrap fails, and its reason is given."""
    bare.setattr(command, "kit", lambda: tmp_path / "is not there")
    with pytest.raises(sandbox.NoSandbox, match="bwrap: Can't find source path"):
        sandbox.run(GOOD)


def test_nothing_runs_where_the_filter_does_not_hold(bare: pytest.MonkeyPatch) -> None:
    """The trial run itself finds that sockets can be had."""
    bare.setattr(syscalls, "_SOCKETS", ())
    with pytest.raises(sandbox.NoSandbox, match="sockets are not refused"):
        sandbox.run(GOOD)


def test_a_call_that_cannot_be_refused_is_a_reason(bare: pytest.MonkeyPatch) -> None:
    bare.setattr(syscalls, "_SOCKETS", ("socket", "no_such_call"))
    assert "cannot refuse no_such_call" in str(runner.probe())


def test_kit_is_made_again_when_it_was_cleaned_away() -> None:
    shutil.rmtree(kit.kit())
    assert sandbox.run(GOOD).outcome == "ok"


def test_kits_of_killed_processes_are_swept_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(kit, "_made", {})
    held, abandoned = (tmp_path / f"mas-kit-{name}" for name in ("held", "abandoned"))
    for folder in (held, abandoned):
        folder.mkdir()
        os.utime(folder, (0, 0))
    lock = os.open(held, os.O_RDONLY)
    request.addfinalizer(lambda: os.close(lock))
    fcntl.flock(lock, fcntl.LOCK_SH)
    ours = kit.kit()
    assert sorted(tmp_path.iterdir()) == sorted([held, ours])


def test_every_script_says_what_it_tries_and_how_it_ends() -> None:
    for path in SCRIPTS.glob("*.py"):
        first, second = path.read_text().splitlines()[:2]
        assert first.startswith("# ")
        assert second.startswith("# ends: ")
        assert set(second.removeprefix("# ends: ").split()) <= set(runner.Outcome.__args__)  # type: ignore[attr-defined]
