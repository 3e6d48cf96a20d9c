"""Installs what the machine lacks: KiCad 8 or newer, ngspice and bubblewrap."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from clients.server import home
from kicad.python import KicadMissing, kicad_cli, kicad_python

NEEDED = ("kicad", "ngspice", "bubblewrap", "tar", "util-linux")
SOURCES = Path("/etc/apt")
OUR_SOURCE = SOURCES / "sources.list.d" / "hardware_mas-backports.list"
APT = ["apt-get", "-y", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"]
KICAD_PACKAGES = ["kicad", "kicad-symbols", "kicad-footprints"]
REPORT_S = 10.0


class NotInstalled(Exception):
    """Something is missing and may not be installed from here; the message has the commands."""


def missing() -> list[str]:
    """What of `NEEDED` is not on this machine; cheap."""
    programs = {"ngspice": "ngspice", "bubblewrap": "bwrap", "tar": "tar", "util-linux": "prlimit"}
    lacking = [name for name in NEEDED if name in programs and shutil.which(programs[name]) is None]
    return lacking if _has_kicad() else ["kicad", *lacking]


def ensure_tools(say: Callable[[str], None]) -> None:
    """Install what is missing, saying so first; does nothing the second time.  Raises `NotInstalled`."""
    lacking = missing()
    if not lacking:
        return
    steps = _steps(lacking)
    prefix = _prefix(lacking, steps)
    say(f"installing {', '.join(lacking)} from the system's packages, which takes a minute or two")
    log = home() / "install.log"
    log.unlink(missing_ok=True)
    for words in steps:
        _run([*prefix, *words], log, say)
    kicad_cli.cache_clear()
    kicad_python.cache_clear()
    if still := missing():
        raise NotInstalled(f"{', '.join(still)} could not be installed; see {log}")


def _has_kicad() -> bool:
    try:
        kicad_cli()
        kicad_python()
    except (KicadMissing, RuntimeError):
        return False
    return True


# ---------------------------------------------------------------------------- how


def _steps(lacking: list[str]) -> list[list[str]]:
    """The commands, in order, for this distribution."""
    system = _os_release()
    if system.get("ID") == "ubuntu" and "kicad" in lacking:
        before = [["add-apt-repository", "-y", "ppa:kicad/kicad-9.0-releases"]]
        return [*before, *_apt(lacking, [])]
    if system.get("ID") != "debian":
        wanted = ", ".join("KiCad 8 or newer" if name == "kicad" else name for name in lacking)
        raise NotInstalled(f"install {wanted} with this system's package manager, then run this again")
    release = system.get("VERSION_CODENAME", "")
    if release == "bookworm" and "kicad" in lacking:  # its own KiCad is 6
        before = [] if _has_backports(release) else [_add_backports(release)]
        return [*before, *_apt(lacking, ["-t", f"{release}-backports"])]
    return _apt(lacking, [])


def _apt(lacking: list[str], kicad_options: list[str]) -> list[list[str]]:
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    others = [name for name in lacking if name != "kicad"]
    steps = [[*environment, *APT, "update"]]
    if others:
        # uidmap gives a user's sandbox a uid of its own; it works without, so it is never a reason to install
        steps.append([*environment, *APT, "install", *others, "uidmap"])
    if "kicad" in lacking:
        steps.append([*environment, *APT, *kicad_options, "install", *KICAD_PACKAGES])
    return steps


def _has_backports(release: str) -> bool:
    files = [SOURCES / "sources.list", *(SOURCES / "sources.list.d").glob("*")]
    return any(
        f"{release}-backports" in file.read_text()
        for file in files
        if file.suffix in (".list", ".sources") and file.is_file()
    )


def _add_backports(release: str) -> list[str]:
    """Backports from the mirror that the machine uses already, signed by the same key."""
    mirror, options = "", ""
    for file in [*(SOURCES / "sources.list.d").glob("debian.sources"), SOURCES / "sources.list"]:
        text = file.read_text() if file.is_file() else ""
        if found := re.search(r"^URIs:\s*(\S+)", text, re.MULTILINE):
            key = re.search(r"^Signed-By:\s*(/\S+)", text, re.MULTILINE)
            mirror, options = found[1], f"[signed-by={key[1]}] " if key else ""
            break
        if found := re.search(r"^deb\s+(\[[^\]]*\]\s+)?(\S+)\s", text, re.MULTILINE):
            mirror, options = found[2], found[1] or ""
            break
    if not mirror:
        raise NotInstalled(
            f"no Debian mirror is named in {SOURCES}; add {release}-backports there, then run this again"
        )
    line = f"deb {options}{mirror} {release}-backports main"
    return ["sh", "-c", f"echo '{line}' > {OUR_SOURCE}"]


def _prefix(lacking: list[str], steps: list[list[str]]) -> list[str]:
    """Nothing for root, sudo for who may use it; otherwise the commands are told."""
    if os.getuid() == 0:
        return []
    if shutil.which("sudo"):
        asks = [] if sys.stdin.isatty() else ["-n"]
        if (
            subprocess.run(
                ["sudo", *asks, "true"], stdin=None, capture_output=not sys.stdin.isatty(), check=False
            ).returncode
            == 0
        ):
            return ["sudo", "-n"]
    lines = "\n".join(f"  sudo {_shown(words)}" for words in steps)
    raise NotInstalled(
        f"{', '.join(lacking)} must be installed first, which needs an administrator:\n{lines}"
    )


def _shown(words: list[str]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _run(words: list[str], log: Path, say: Callable[[str], None]) -> None:
    """Run one step into the log; a line now and then while it takes long."""
    began = time.monotonic()
    with log.open("a") as out:
        out.write(f"$ {_shown(words)}\n")
        out.flush()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        while True:
            try:
                code = process.wait(REPORT_S)
                break
            except subprocess.TimeoutExpired:
                say(f"  still installing, {time.monotonic() - began:.0f} s")
    if code:
        last = log.read_text().strip().splitlines()[-1]
        raise NotInstalled(f"`{_shown(words)}` failed: {last} (the whole log is {log})")


def _os_release() -> dict[str, str]:
    file = Path("/etc/os-release")
    text = file.read_text() if file.is_file() else ""
    return {key: value.strip('"') for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)}
