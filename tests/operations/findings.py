"""Looks for secrets in a repository: each content that its history has ever had once, and each line of its tree.

Tokens and keys are found by their shape (detect-secrets' detectors and our own of tests/docker/layers.py), in the tree
also words that are given to something called password, secret or key.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.keyword import KeywordDetector

from tests.docker.layers import SHAPES

# an address is none, and the detectors of services that nobody here uses take half of the time
PASSED_OVER = {
    "Public IP (ipv4)",
    "Artifactory Credentials",
    "Cloudant Credentials",
    "IBM Cloud IAM Key",
    "IBM COS HMAC Credentials",
    "SoftLayer Credentials",
}
LOCKS = (".lock", "package-lock.json")  # nothing but names and hashes
# Words of tests and examples that look like secrets, by pattern: what is written here can be no secret any more.
ALLOWED = re.compile(
    r"""://(user|me|admin|gateway|deployer|postgres):(password|PASSWORD|secret|geheim|hunter2|word|of-this-job-alone|…)@
      | ://(\{\w+\}|\w+):\{[\w.]+\}@              # filled in by a program
      | ^BEGIN\ PRIVATE\ KEY$                     # the shape itself, where it is looked for
      | ^(scram-sha-256|PG(PASSWORD|DATABASE)|wrong|any|[abcmx]|secret|a-key-of-this-test|of-this-job-alone)$
      | ^there\ is\ no\ setting
      | ^(gateway-tls\}|that\ is\ a\ file)$  # names of Kubernetes' secrets
      | ^sk-$""",
    re.VERBOSE,
)


def shapes() -> dict[str, list[re.Pattern[str]]]:
    """What a secret is called → how it looks."""
    detectors = {
        name: list(kind().denylist)
        for name, kind in get_mapping_from_secret_type_to_class().items()
        if issubclass(kind, RegexBasedDetector) and name not in PASSED_OVER
    }
    return detectors | {what: [re.compile(shape.decode())] for what, (_, shape) in SHAPES.items()}


def in_history(repository: Path) -> list[str]:
    """`path: what: word` for every secret that a commit of HEAD's history has, removed since or not."""
    known = shapes()
    return sorted(
        {
            f"{path}: {what}: {found[0]}"
            for path, text in _contents(repository)
            for what, patterns in known.items()
            for pattern in patterns
            for found in pattern.finditer(text)
            if not ALLOWED.search(found[0])
        }
    )


def in_tree(repository: Path) -> list[str]:
    """`path:line: word` for what is given to a name that promises a secret."""
    detector = KeywordDetector()
    found = []
    for name in _git(repository, "ls-files", "-z").decode().split("\0")[:-1]:
        content = (repository / name).read_bytes() if (repository / name).is_file() else b""
        if b"\0" in content or name.endswith(LOCKS):
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            words = [secret.secret_value or "" for secret in detector.analyze_line(name, line, number)]
            found += [f"{name}:{number}: {word}" for word in words if not ALLOWED.search(word)]
    return found


def _contents(repository: Path) -> Iterator[tuple[str, str]]:
    """(a path it had, text) of each blob that the history of HEAD reaches, once."""
    listed = _git(repository, "rev-list", "--objects", "HEAD").decode().splitlines()
    paths = dict(line.split(" ", 1) for line in listed if " " in line)
    words = ["git", "-C", repository, "cat-file", "--batch"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as git:
        assert git.stdin is not None
        assert git.stdout is not None
        for name, path in paths.items():
            git.stdin.write(f"{name}\n".encode())
            git.stdin.flush()
            _, kind, size = git.stdout.readline().split()
            content = git.stdout.read(int(size) + 1)[:-1]
            if kind == b"blob" and b"\0" not in content:
                yield path, content.decode(errors="replace")
        git.stdin.close()


def _git(repository: Path, *words: str) -> bytes:
    return subprocess.run(["git", "-C", repository, *words], check=True, capture_output=True).stdout
