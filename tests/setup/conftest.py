"""What the tests of the set-up share, and whoever needs a server of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients import server
from clients.server import Server


def open_to_all(folder: Path) -> None:
    """Let other users pass to a folder that root's pytest keeps to itself."""
    for path in (folder, *folder.parents[:-1]):
        if os.getuid() == 0 and path.owner() == "root":
            path.chmod(path.stat().st_mode | 0o005)


@contextmanager
def own_server() -> Iterator[Server]:
    """An embedded server that is nobody's yet, because roles belong to the cluster; gone at the end with all that it has."""
    folder = Path(tempfile.mkdtemp(prefix="mas-own-"))
    open_to_all(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAS_HOME", str(folder / "home"))
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("MAS_DATABASE", raising=False)
        yield server.ensure_server()
        server.stop_server()
        shutil.rmtree(server._socket_folder(), ignore_errors=True)
    shutil.rmtree(folder)
