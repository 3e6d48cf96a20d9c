"""The model's reader against files as others write them, and the model against the board."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest

from kicad.build import BuildResult
from kicad.fabrication import Package
from kicad.fabrication.gerber import BadFile
from kicad.fabrication.glb import read_glb

CORNERS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0)], np.float32)


def glb(gltf: dict[str, Any], data: bytes) -> bytes:
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    data += b"\0" * (-len(data) % 4)
    head = struct.pack("<IIIII", 0x46546C67, 2, 28 + len(text) + len(data), len(text), 0x4E4F534A)
    return head + text + struct.pack("<II", len(data), 0x004E4942) + data


def triangle(**changes: Any) -> bytes:
    """One red triangle, positions and normals in turn in one view, in a node within a node."""
    mixed = np.hstack([CORNERS, np.full_like(CORNERS, 7)]).tobytes()
    gltf: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"children": [1], "translation": [0, 0, 5]},
            {"name": "it", "mesh": 0, "rotation": [0, 0, 0.5**0.5, 0.5**0.5], "scale": [2, 1, 1]},
        ],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 2}, "indices": 1, "material": 0}]}
        ],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(mixed), "byteStride": 24},
            {"buffer": 0, "byteOffset": len(mixed), "byteLength": 3},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5121, "count": 3, "type": "SCALAR"},
            {"bufferView": 0, "byteOffset": 12, "componentType": 5126, "count": 3, "type": "VEC3"},
        ],
        "buffers": [{"byteLength": len(mixed) + 3}],
    }
    return glb(gltf | changes, mixed + bytes([0, 1, 2]))


def test_nodes_move_turn_and_stretch_what_is_in_them() -> None:
    (mesh,) = read_glb(triangle())
    assert mesh.name == "it"
    assert mesh.colour == (1, 0, 0, 1)
    assert mesh.triangles.tolist() == [[0, 1, 2]]
    assert np.allclose(mesh.positions, [(0, 0, 5), (0, 2, 5), (-1, 0, 5)])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"glTF",
        triangle()[:-1],
        triangle(scenes=[{"nodes": [7]}]),
        triangle(nodes=[{"children": [0]}]),
        triangle(extensionsRequired=["KHR_draco_mesh_compression"]),
        triangle(bufferViews=[{"buffer": 0, "byteLength": 72}, {"buffer": 0, "byteLength": 2}]),
        triangle(accessors=[]),
        triangle(meshes=[{"primitives": [{"mode": 1}]}]),
        triangle()[:20] + b"]" + triangle()[21:],
    ],
)
def test_what_is_damaged_or_not_ours_to_read_is_said_to_be(content: bytes) -> None:
    with pytest.raises(BadFile):
        read_glb(content)


def test_a_model_is_small_and_has_a_mesh_a_part(package: Package, regulator: BuildResult) -> None:
    content = (package.folder / "board.glb").read_bytes()
    assert len(content) < 1_000_000
    assert regulator.board
    parts = {
        item["ref"] for item in regulator.board["footprints"] if not item["footprint"].startswith("Mount")
    }
    meshes = read_glb(content)
    assert {mesh.name for mesh in meshes} == {"board", *parts}
    assert len({mesh.colour for mesh in meshes if mesh.name == "board"}) == 5, (
        "laminate, copper, pads, silk, mask"
    )
