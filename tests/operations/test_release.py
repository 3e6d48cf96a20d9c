"""What a release puts before Fleet: the script of the workflow, against a repository of its own and the real kustomize."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.operations import manifests as m
from tests.operations.test_secrets import git

IMAGES = ("psql", "mas", "kicad", "frontend_connect", "logging", "monitoring")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the tag v1.2.3, whose origin is a bare repository."""
    origin, folder = tmp_path / "origin.git", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "--bare", origin], check=True)
    for part in (".ci/release", "deploy/kubernetes"):
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, target)
    git(folder.parent, "init", "-q", str(folder))
    git(folder, "config", "user.name", "tests")
    git(folder, "config", "user.email", "tests@localhost")
    git(folder, "remote", "add", "origin", str(origin))
    (folder / "main.py").write_text("not for Fleet\n")
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", "first")
    git(folder, "tag", "v1.2.3")
    return folder


def digests(folder: Path, release: str) -> Path:
    """What the images' jobs leave for the deploy."""
    folder.mkdir()
    for name in IMAGES:
        digest = hashlib.sha256(f"{name} {release}".encode()).hexdigest()
        (folder / f"container_{name}").write_text(
            f"container_{name}=ghcr.io/somebody/hardware_mas/container_{name}@sha256:{digest}\n"
        )
    return folder


def release(clone: Path, environment: str, tag: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [clone / ".ci/release", environment, tag, folder]
    return subprocess.run(words, cwd=clone, capture_output=True, text=True, check=False)


def deployed(clone: Path, environment: str, folder: Path) -> Path:
    """What Fleet sees."""
    origin = git(clone, "remote", "get-url", "origin")
    git(clone, "clone", "-q", "-b", f"deploy/{environment}", origin, str(folder))
    return folder


def built(tree: Path, folder: str) -> list[m.Manifest]:
    words = ["kubectl", "kustomize", str(tree / "deploy/kubernetes" / folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not here, which builds the manifests")
@pytest.mark.parametrize(
    ("environment", "folder"), [("staging", "overlays/staging"), ("production", "cells/a")]
)
def test_every_image_is_named_by_its_digest(
    clone: Path, tmp_path: Path, environment: str, folder: str
) -> None:
    done = release(clone, environment, "v1.2.3", digests(tmp_path / "digests", "v1.2.3"))
    assert (done.returncode, done.stdout) == (0, f"release: deploy/{environment} is v1.2.3\n"), done.stderr
    made = built(deployed(clone, environment, tmp_path / "seen"), folder)
    images = {each["image"] for pod in m.pods(tuple(made)).values() for each in m.containers(pod)}
    ours = {image for image in images if "container_" in image}
    assert len(ours) >= 4
    assert {image.partition("@")[0] for image in ours} <= {
        f"ghcr.io/somebody/hardware_mas/container_{name}" for name in IMAGES
    }
    assert all(len(image.partition("@sha256:")[2]) == 64 for image in ours)
    assert list(m.of_kind(made, "Job")) == ["deploy-v1.2.3"], "a new release is a new job"


def test_releases_follow_one_another_and_can_be_taken_back(clone: Path, tmp_path: Path) -> None:
    first = digests(tmp_path / "first", "v1.2.3")
    assert release(clone, "staging", "v1.2.3", first).returncode == 0
    again = release(clone, "staging", "v1.2.3", first)
    assert again.stdout == "release: deploy/staging has v1.2.3 already\n"
    (clone / "deploy/kubernetes/base/namespace.yaml").unlink()
    git(clone, "commit", "-qam", "second")
    git(clone, "tag", "v1.2.4")
    assert release(clone, "staging", "v1.2.4", digests(tmp_path / "second", "v1.2.4")).returncode == 0
    seen = deployed(clone, "staging", tmp_path / "seen")
    assert git(seen, "log", "--format=%s").splitlines() == ["v1.2.4", "v1.2.3"]
    assert not (seen / "deploy/kubernetes/base/namespace.yaml").exists()
    assert {path.split("/")[0] for path in git(seen, "ls-files").splitlines()} == {"deploy"}
    git(seen, "revert", "--no-edit", "HEAD")
    assert (seen / "deploy/kubernetes/base/namespace.yaml").exists()
    assert git(clone, "status", "--porcelain") == "", "the checkout is as it was"


@pytest.mark.parametrize(
    ("environment", "tag", "file", "said"),
    [
        ("elsewhere", "v1.2.3", None, "no such environment"),
        ("staging", "v9.9.9", None, "no such tag"),
        (
            "staging",
            "v1.2.3",
            "container_mas=ghcr.io/x/container_mas:latest\n",
            "names no image by its digest",
        ),
        ("staging", "v1.2.3", "left out", "no digest for container_mas"),
    ],
)
def test_what_is_no_release_changes_nothing(
    clone: Path, tmp_path: Path, environment: str, tag: str, file: str | None, said: str
) -> None:
    folder = digests(tmp_path / "digests", tag)
    if file == "left out":
        (folder / "container_mas").unlink()
    elif file:
        (folder / "container_mas").write_text(file)
    done = release(clone, environment, tag, folder)
    assert done.returncode != 0
    assert said in done.stderr
    assert git(clone, "ls-remote", "origin") == ""
