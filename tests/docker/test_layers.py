"""What looks for secrets in images finds them, wherever they were left."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tests.docker.layers import found_in

pytestmark = pytest.mark.docker
Build = Callable[[str, dict[str, str]], str]


@pytest.fixture
def build(daemon: docker.DockerClient, tmp_path: Path) -> Iterator[Build]:
    """`build(dockerfile, {name: text})` builds an image from these files and nothing else."""
    made = []

    def build(dockerfile: str, files: dict[str, str]) -> str:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "Dockerfile").write_text(dockerfile)
        name = f"mas-layers-test:{uuid.uuid4().hex[:12]}"
        subprocess.run(["docker", "build", "-q", "-t", name, tmp_path], check=True, capture_output=True)
        made.append(name)
        return name

    yield build
    for name in made:
        daemon.images.remove(name)


def private_key() -> str:
    words = ["openssl", "genpkey", "-algorithm", "ed25519"]
    small = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    words = ["openssl", "genrsa", "2048"]
    return small + subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_a_word_is_found_in_a_layer_that_a_later_one_covers(build: Build) -> None:
    word = "planted-" + uuid.uuid4().hex
    image = build("FROM scratch\nCOPY first /file\nCOPY second /file\n", {"first": word, "second": "nothing"})
    (line,) = found_in(image, [word.encode()])
    assert line.endswith(" file: the planted word no. 0")
    assert found_in(image, [b"another word"]) == []


def test_a_word_is_found_in_the_history_and_the_variables(build: Build) -> None:
    word = uuid.uuid4().hex
    image = build(
        f"FROM scratch\nLABEL by={word}\nENV API_TOKEN={word}\nCOPY first /\n", {"first": "nothing"}
    )
    lines = found_in(image, [word.encode()])
    assert [line.split(": ")[1] for line in lines if "word" not in line] == ["the variable API_TOKEN"]
    assert any(line.endswith("the planted word no. 0") for line in lines)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (private_key, "a private key"),
        (lambda: "ghp_" + "a1B2" * 9, "a token of GitHub"),
        (lambda: "token: hf_" + "aB" * 17, "a token of Hugging Face"),
        (lambda: "AKIA" + "Q7" * 8, "a key of S3"),
        (lambda: f"eyJ{'a' * 20}.eyJ{'b' * 20}.{'c' * 43}", "a web token"),
        (lambda: f"M{'T' * 23}.{'G' * 6}.{'x' * 38}", "a token of Discord"),
        (lambda: "postgresql://admin:word@host/db", "a URL with a password"),
    ],
)
def test_keys_and_tokens_are_found_by_their_shape(build: Build, text: Callable[[], str], what: str) -> None:
    image = build("FROM scratch\nCOPY first /etc/file\n", {"first": text()})
    assert [line.partition(" ")[2] for line in found_in(image, [])] == [f"etc/file: {what}"]
    assert found_in(image, [], allowed="^etc/file$") == []


def test_files_that_hold_secrets_only_are_found_by_their_name(build: Build) -> None:
    image = build(
        "FROM scratch\nCOPY first /root/.pgpass\nCOPY empty /run/secrets/jwt_key\n",
        {"first": "x", "empty": ""},
    )
    assert [line.partition(" ")[2] for line in found_in(image, [])] == [
        "root/.pgpass: a file that holds secrets only"
    ]


def test_what_only_speaks_of_secrets_is_none(build: Build) -> None:
    text = """postgresql://deployer@host/db and postgresql://user:$PASSWORD@host, -----BEGIN PRIVATE KEY-----, hf_…,
      eyJ.eyJ, ghp_short; MAS_SECRETS_DIR=/run/secrets"""
    image = build("FROM scratch\nENV MAS_SECRETS_DIR=/run/secrets\nCOPY first /readme\n", {"first": text})
    assert found_in(image, []) == []
