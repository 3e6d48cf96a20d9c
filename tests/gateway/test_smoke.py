"""What a deploy looks at: `.ci/smoke` against a real gateway, and against one that is open or of another release."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import ROOT, Database
from tests.gateway.served import Served, serving

RELEASE = "v1.2.3"


def smoke(url: str, release: str = RELEASE) -> subprocess.CompletedProcess[str]:
    """With no patience: what is not there now is missing."""
    return subprocess.run(
        [ROOT / ".ci/smoke", url, release, "0"], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def released(shared_database: Database, key_file: Path) -> Iterator[Served]:
    with serving(shared_database, key_file, MAS_RELEASE=RELEASE) as served:
        yield served


def test_a_release_that_is_there_and_closed_passes(released: Served) -> None:
    done = smoke(released.url + "/")
    assert done.returncode == 0, done.stderr
    assert f"is {RELEASE} and closed to strangers" in done.stdout


def test_another_release_does_not_pass(released: Served) -> None:
    done = smoke(released.url, "v1.2.4")
    assert (done.returncode, "«alive v1.2.3» instead of «alive v1.2.4»" in done.stderr) == (1, True), (
        done.stderr
    )


class Open(BaseHTTPRequestHandler):
    """Everything to everybody."""

    def do_GET(self) -> None:
        body = f"alive {RELEASE}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        return


def test_a_gateway_that_asks_for_no_token_does_not_pass() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Open) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            done = smoke(f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
    assert (done.returncode, done.stderr) == (1, "smoke: without a token: 200 instead of 401\n")


def test_nobody_there_does_not_pass() -> None:
    done = smoke("http://127.0.0.1:9")
    assert (done.returncode, "says «nothing»" in done.stderr) == (1, True)
