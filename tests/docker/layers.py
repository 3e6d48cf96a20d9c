"""Looks for secrets in every layer of an image, also in what a later layer has deleted, and in its configuration.

`found_in(image, words)` is what the tests of an image ask.  `words` are the secrets that were there when it was built
or run (passwords, tokens: bytes); private keys, tokens of known shapes and files that only hold secrets are found
without being named.
"""

from __future__ import annotations

import json
import re
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO

import docker

KEY = rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+(?:[\w-]+: .*\s+)*[A-Za-z0-9+/=\s]{64}"
# what it is → (a literal that is looked for first, because it is quick; the shape)
SHAPES = {
    "a private key": (b"PRIVATE KEY-----", KEY),
    "a token of GitHub": (b"gh", rb"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a token of Hugging Face": (b"hf_", rb"\bhf_[A-Za-z0-9]{34}\b"),
    "a key of S3": (b"AKIA", rb"\bAKIA[A-Z0-9]{16}\b"),
    "a web token": (b"eyJ", rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
    "a token of Discord": (b".", rb"\b[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,40}\b"),
    "a URL with a password": (b"postgresql://", rb"postgresql://[\w.-]+:[^\s@/$<{%\"']+@"),
}
COMPILED = {what: (literal, re.compile(shape)) for what, (literal, shape) in SHAPES.items()}
TEXT_BYTES = 1_000_000  # tokens are looked for in texts of this size and keys in all files
SECRET_FILES = re.compile(
    r"(^|/)(\.pgpass|\.netrc|\.env|\.git-credentials|id_(rsa|ecdsa|ed25519))$|^run/secrets/."
)
SECRET_VARIABLE = re.compile(r"^(?!GPG_KEY=)\w*(PASSWORD|TOKEN|SECRET|CREDENTIAL|_KEY)\w*=[^/]")


def found_in(image: str, words: Iterable[bytes], allowed: str = r"(?!)") -> list[str]:
    """A line for each secret in the image: `layer path: what`.

    `allowed` is a pattern for paths (without the leading `/`) whose shapes are no secrets, such as a library's own
    test data; a word of `words` is found there, too.
    """
    wanted = sorted(set(words))
    assert all(len(word) >= 8 for word in wanted), "a shorter word is found everywhere"
    return [
        f"{layer} {path}: {what}"
        for layer, path, content in contents(image)
        for what in _secrets(path, content, wanted, re.compile(allowed))
    ]


def contents(image: str) -> Iterator[tuple[str, str, bytes]]:
    """(layer, path, content) of each file of each layer; the configuration and its lists have the layer ``-``."""
    with tempfile.TemporaryFile() as saved:
        for chunk in docker.from_env().images.get(image).save():
            saved.write(chunk)
        saved.seek(0)
        with tarfile.open(fileobj=saved) as outer:
            for entry in outer:
                if entry.isfile():
                    yield from _entry(entry.name, outer.extractfile(entry))


def _entry(name: str, file: IO[bytes] | None) -> Iterator[tuple[str, str, bytes]]:
    """A layer is a tar, compressed or not, whatever the daemon calls it; everything else is a list."""
    assert file is not None
    is_layer = tarfile.is_tarfile(file)
    file.seek(0)
    if not is_layer:
        yield "-", name, file.read()
        return
    path = PurePosixPath(name)
    short = (path.parent if path.name == "layer.tar" else path).name[:12]
    with tarfile.open(fileobj=file) as layer:
        for entry in layer:
            content = layer.extractfile(entry) if entry.isfile() else None
            yield short, entry.name.removeprefix("./"), content.read() if content else b""


def _secrets(path: str, content: bytes, words: list[bytes], allowed: re.Pattern[str]) -> Iterator[str]:
    yield from (f"the planted word no. {number}" for number, word in enumerate(words) if word in content)
    if allowed.search(path) or content.startswith(b"\x7fELF"):  # libraries of TLS try themselves on keys
        return
    if content and SECRET_FILES.search(path):
        yield "a file that holds secrets only"
    text = len(content) <= TEXT_BYTES and b"\0" not in content
    for what, (literal, shape) in COMPILED.items():
        if (text or what == "a private key") and literal in content and shape.search(content):
            yield what
    if path.endswith(".json") or "/" not in path:
        yield from (f"the variable {name}" for name in _variables(content))


def _variables(content: bytes) -> list[str]:
    """Names of an image's variables that have a secret, where `content` is its configuration."""
    if not content.startswith(b'{"') or b'"rootfs"' not in content:
        return []
    lines = json.loads(content).get("config", {}).get("Env") or []
    return [line.partition("=")[0] for line in lines if SECRET_VARIABLE.search(line)]
