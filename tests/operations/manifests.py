"""The manifests of deploy/kubernetes, as tests look at them: each file, and what kustomize makes of them."""

from __future__ import annotations

import copy
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

Manifest = dict[str, Any]
KUBERNETES = ROOT / "deploy" / "kubernetes"
BUILT = ("base", "overlays/staging", "overlays/production", "cells/a")
DEPLOYED = BUILT[1:]
PATCHES = ("process.yaml", "await-schema.yaml")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # definitions have a million characters
CRDS = Path(os.environ.get("MAS_CRDS") or ROOT.parent / "shared" / "crds")


@cache
def build(folder: str) -> tuple[Manifest, ...]:
    """What `kubectl kustomize` makes of a folder."""
    words = ["kubectl", "kustomize", str(KUBERNETES / folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.load_all(done.stdout, LOADER))


def read(file: Path) -> list[Manifest]:
    """The documents of a file."""
    return [document for document in yaml.load_all(file.read_text(), LOADER) if document]


def base_files() -> list[Path]:
    """Manifests of the base that are whole by themselves."""
    return [
        f
        for f in sorted((KUBERNETES / "base").glob("*.yaml"))
        if f.name not in (*PATCHES, "kustomization.yaml")
    ]


def of_kind(manifests: tuple[Manifest, ...] | list[Manifest], kind: str) -> dict[str, Manifest]:
    """Those of a kind, by name."""
    return {m["metadata"]["name"]: m for m in manifests if m["kind"] == kind}


def pods(manifests: tuple[Manifest, ...]) -> dict[str, Manifest]:
    """Templates of our own pods, by their label `app`."""
    workloads = [
        m for m in manifests if m["kind"] in ("Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob")
    ]
    templates = [m["spec"]["template"] for m in workloads]
    return {t["metadata"]["labels"]["app"]: t for t in templates}


def containers(pod: Manifest) -> list[Manifest]:
    """All containers of a pod, those that run first included."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def mounted_secrets(pod: Manifest) -> dict[str, list[str]]:
    """Secrets that a pod mounts → the keys of each; none named is all of it."""
    found: dict[str, list[str]] = {}
    for volume in pod["spec"].get("volumes", []):
        assert "secret" not in volume, "secrets come together in one projected volume"
        for source in volume.get("projected", {}).get("sources", []):
            found[source["secret"]["name"]] = [item["key"] for item in source["secret"].get("items", [])]
    return found


@cache
def crd_schemas() -> dict[tuple[str, str], Manifest]:
    """(apiVersion, kind) → its schema, made strict; empty where there is no folder of definitions."""
    schemas = {}
    for file in sorted(CRDS.glob("*.yaml")):
        for crd in read(file):
            for version in crd["spec"]["versions"]:
                key = f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]
                schemas[key] = strict(version["schema"]["openAPIV3Schema"])
    return schemas


def strict(schema: Manifest) -> Manifest:
    """The same schema, which refuses what it does not name."""
    return _close(copy.deepcopy(schema), top=True)


def _close(node: Any, top: bool = False) -> Any:
    if isinstance(node, list):
        return [_close(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: _close(value) for key, value in node.items()}
    if (
        isinstance(node.get("properties"), dict)
        and "type" in node
        and not node.get("x-kubernetes-preserve-unknown-fields")
    ):
        node.setdefault("additionalProperties", False)
    if top:
        node["properties"]["metadata"] = {"type": "object"}
    if node.get("nullable"):
        return {"anyOf": [{"type": "null"}, node]}
    if node.get("x-kubernetes-int-or-string"):
        node.pop("type", None)
    return node
