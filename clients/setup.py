"""Installs what the machine lacks: KiCad 8 or newer, ngspice and bubblewrap."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from clients.server import home
from kicad.library import library_folder
from kicad.python import KicadMissing, kicad_cli, kicad_python

PROGRAMS = {"ngspice": "ngspice", "bubblewrap": "bwrap", "tar": "tar", "util-linux": "prlimit"}
KICAD_PACKAGES = ["kicad", "kicad-symbols", "kicad-footprints"]
NAMES = {"kicad": "KiCad 8 or newer"}
SOURCES = Path("/etc/apt")
INTERRUPTED = Path("/var/lib/dpkg/updates")
APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-o", "DPkg::Lock::Timeout=300"]
INSTALL = [*APT, "install", "--no-install-recommends"]
LOCK_S, RETRY_S = 300.0, 3.0  # for another package manager: `apt-get update` has no wait of its own
REPORT_S = 10.0


class NotInstalled(Exception):
    """Something is missing and may not be installed from here; the message has the commands."""


def missing() -> list[str]:
    """What is not on this machine, by package; cheap, because every command asks."""
    lacking = [name for name, program in PROGRAMS.items() if shutil.which(program) is None]
    return lacking if _has_kicad() else ["kicad", *lacking]


def ensure_tools(say: Callable[[str], None]) -> None:
    """Install what is missing, saying so first; does nothing the second time.  Raises `NotInstalled`."""
    if not missing():
        return
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at once: the second finds it done
        if lacking := missing():
            _install(lacking, say)


def _install(lacking: list[str], say: Callable[[str], None]) -> None:
    steps = _steps(lacking)
    names = ", ".join(NAMES.get(name, name) for name in lacking)
    say(f"missing: {names}; this takes the system's package manager a minute or two")
    prefix = _prefix(names, steps)
    log = home() / "install.log"
    log.unlink(missing_ok=True)
    began = time.monotonic()
    with _warm_layout():
        for words in steps:
            _run([*prefix, *words], log, say)
    kicad_cli.cache_clear()
    kicad_python.cache_clear()
    if still := missing():
        raise NotInstalled(f"{', '.join(still)} could not be installed; the whole log is {log}")
    say(f"installed in {time.monotonic() - began:.0f} s")


# ---------------------------------------------------------------------------- KiCad


def _has_kicad() -> bool:
    """KiCad of a supported version, its Python module and its libraries.

    Asking its programs takes 0.2 s, so what was found is remembered for as long as the program is the same.
    """
    found = shutil.which("kicad-cli")
    if not all(any(library_folder(kind).glob("R*")) for kind in ("symbols", "footprints")):
        return False
    status = Path(found).stat() if found else None
    known = (
        f"{found} {status.st_mtime_ns} {status.st_size} {os.environ.get('KICAD_PYTHON')}" if status else ""
    )
    remembered = home() / "cache" / "kicad"
    if known and remembered.is_file() and remembered.read_text() == known:
        return True
    try:
        kicad_cli()
        kicad_python()
    except KicadMissing:
        return False
    with suppress(OSError):  # a folder that nobody may write costs 0.2 s every time
        remembered.parent.mkdir(parents=True, exist_ok=True)
        remembered.write_text(known)
    return True


# ---------------------------------------------------------------------------- how


def _steps(lacking: list[str]) -> list[list[str]]:
    """The commands, in order, for this distribution."""
    system = _os_release()
    name, release = system.get("ID", ""), system.get("VERSION_CODENAME", "")
    if name not in ("debian", "ubuntu"):
        wanted = ", ".join(NAMES.get(package, package) for package in lacking)
        raise NotInstalled(f"install {wanted} with this system's package manager, then run this again")
    packages = [package for package in lacking if package != "kicad"]
    if packages:
        # uidmap gives a user's sandbox a uid of its own; it works without, so it is never a reason to install
        packages.append("uidmap")
    before: list[list[str]] = []
    if "kicad" in lacking and release == "bookworm":  # its own KiCad is 6
        suite = f"{release}-backports"
        if suite not in (found for found, *_ in _sources()):
            before.append(_add_backports(release))
        # by package, not by `-t`, which would take systemd and graphics from there, too
        packages += [f"{package}/{suite}" for package in KICAD_PACKAGES]
    elif "kicad" in lacking:
        packages += KICAD_PACKAGES
    before.append([*APT, "update"])
    if "kicad" in lacking and release in ("jammy", "noble"):  # 6 and 7
        before.append([*INSTALL, "software-properties-common"])
        before.append(["add-apt-repository", "-y", "ppa:kicad/kicad-9.0-releases"])  # updates the lists, too
    if INTERRUPTED.is_dir() and any(
        INTERRUPTED.iterdir()
    ):  # an installation was killed; apt refuses until then
        before.insert(0, ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"])
    return [*before, [*INSTALL, *packages]]


def _sources() -> list[tuple[str, str, str]]:
    """The archives that apt uses, of both formats: (suite, mirror, key file or empty)."""
    found = []
    for file in [SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*.list"))]:
        text = file.read_text() if file.is_file() else ""
        for options, mirror, suite in re.findall(
            r"^deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)", text, re.MULTILINE
        ):
            key = re.search(r"signed-by=(/\S+)", options)
            found.append((suite, mirror, key[1] if key else ""))
    for file in sorted((SOURCES / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", re.sub(r"^#.*\n?", "", file.read_text(), flags=re.MULTILINE)):
            fields = {
                key.lower(): value
                for key, value in re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.MULTILINE)
            }
            if fields.get("enabled", "yes") == "no" or "deb" not in fields.get("types", "").split():
                continue
            key = fields.get("signed-by", "")  # empty when the key itself stands there
            mirrors = fields.get("uris", "").split()
            found += [(suite, mirrors[0], key) for suite in fields.get("suites", "").split() if mirrors]
    return found


def _add_backports(release: str) -> list[str]:
    """Backports from the mirror that the machine uses for its release, signed by the same key."""
    main = next((source for source in _sources() if source[0] == release), None)
    if main is None:
        raise NotInstalled(
            f"no mirror of {release} is named in {SOURCES}; add {release}-backports there and run this again"
        )
    _, mirror, key = main
    line = f"deb {f'[signed-by={key}] ' if key else ''}{mirror} {release}-backports main"
    file = SOURCES / "sources.list.d" / "hardware_mas-backports.list"
    return ["sh", "-c", f"umask 022; echo '{line}' > {file}"]


def _prefix(names: str, steps: list[list[str]]) -> list[str]:
    """Nothing for root, sudo for who may use it; otherwise the commands are told."""
    if os.getuid() == 0:
        return []
    if shutil.which("sudo"):
        at_terminal = sys.stdin.isatty()
        asked = subprocess.run(
            ["sudo", *([] if at_terminal else ["-n"]), "true"], capture_output=not at_terminal, check=False
        )
        if asked.returncode == 0:
            return ["sudo", "-n"]
    lines = "\n".join(f"  sudo {_shown(words)}" for words in steps)
    raise NotInstalled(f"{names} must be installed first, which needs an administrator:\n{lines}")


def _shown(words: list[str]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _run(words: list[str], log: Path, say: Callable[[str], None]) -> None:
    """Run one step into the log, once more while another package manager holds its lock."""
    until = time.monotonic() + LOCK_S
    while True:
        began = log.stat().st_size if log.exists() else 0
        code = _once(words, log, say)
        if code == 0:
            return
        said = log.read_bytes()[began:].decode(errors="replace")
        if "Could not get lock" not in said or time.monotonic() > until:
            raise NotInstalled(
                f"`{_shown(words)}` failed: {said.strip().splitlines()[-1]} (the whole log is {log})"
            )
        say("  another package manager is at work; waiting for it")
        time.sleep(RETRY_S)


def _once(words: list[str], log: Path, say: Callable[[str], None]) -> int:
    began = time.monotonic()
    env = os.environ | {
        "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    }  # a root by plain `su` has no sbin
    with log.open("a") as out:
        out.write(f"$ {_shown(words)}\n")
        out.flush()
        process = subprocess.Popen(
            words, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        while True:
            try:
                return process.wait(REPORT_S)
            except subprocess.TimeoutExpired:
                last = log.read_bytes()[-2000:].decode(errors="replace").strip().splitlines()[-1]
                say(f"  {time.monotonic() - began:3.0f} s  {last.strip()[:70]}")


@contextmanager
def _warm_layout() -> Iterator[None]:
    """Compile the placer and the router meanwhile: it takes 15 s, once, and installing uses one core."""
    script = "from kicad.layout import bench, layout; layout(bench.load_board('led'))"
    words = ["nice", sys.executable, "-c", script]
    compiler = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    except BaseException:
        compiler.kill()
        raise
    finally:
        compiler.wait()


def _os_release() -> dict[str, str]:
    file = Path("/etc/os-release")
    text = file.read_text() if file.is_file() else ""
    return {key: value.strip('"') for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)}
