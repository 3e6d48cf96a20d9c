"""Reader and writer of glTF 2.0 binary (GLB), as much of it as a board needs: triangles in plain colours."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kicad.fabrication.gerber import BadFile

Positions = NDArray[np.float32]  # (n, 3): metres, y upwards off the board
Triangles = NDArray[np.uint32]  # (m, 3): numbers of positions, counter-clockwise seen from outside
Colour = tuple[float, float, float, float]  # red, green, blue (linear) and opacity, each from 0 to 1

_MAGIC, _JSON, _BINARY = 0x46546C67, 0x4E4F534A, 0x004E4942
_WIDTHS = {"SCALAR": 1, "VEC3": 3}
_TYPES: dict[int, np.dtype[Any]] = {
    5121: np.dtype("<u1"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
_UNSIGNED_SHORT, _UNSIGNED_INT, _FLOAT = 5123, 5125, 5126
_VERTICES, _INDICES = 34962, 34963  # what a buffer view is for
_DEEPEST = 32  # nodes within nodes


@dataclass(frozen=True)
class Mesh:
    """Triangles of one colour under a name; several may share one."""

    name: str
    colour: Colour
    positions: Positions
    triangles: Triangles


def read_glb(content: bytes) -> list[Mesh]:
    """Every triangle of the scene, moved to where its node stands; raises `BadFile`."""
    try:
        return list(_Reader(content).meshes())
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise BadFile(f"no glTF 2.0 that can be read: {error}") from error


class _Reader:
    def __init__(self, content: bytes) -> None:
        magic, version, length = struct.unpack_from("<III", content)
        if (magic, version, length) != (_MAGIC, 2, len(content)):
            raise BadFile(f"the header says version {version}, {length} bytes of {len(content)}")
        size, kind = struct.unpack_from("<II", content, 12)
        binary_size, binary_kind = struct.unpack_from("<II", content, 20 + size)
        if (kind, binary_kind) != (_JSON, _BINARY) or 28 + size + binary_size != length:
            raise BadFile("the chunks are not one of JSON and one of data")
        self._gltf: dict[str, Any] = json.loads(content[20 : 20 + size])
        self._binary = content[28 + size :]
        if self._gltf.get("extensionsRequired"):
            raise BadFile(f"extensions are required: {self._gltf['extensionsRequired']}")

    def meshes(self) -> Iterator[Mesh]:
        """The triangles of every node of the scene."""
        for root in self._gltf["scenes"][self._gltf.get("scene", 0)]["nodes"]:
            yield from self._node(root, np.eye(4), _DEEPEST)

    def _node(self, number: int, above: NDArray[np.float64], depth: int) -> Iterator[Mesh]:
        if not depth:
            raise BadFile(f"nodes nest deeper than {_DEEPEST}")
        node = self._gltf["nodes"][number]
        place = above @ _matrix(node)
        if "mesh" in node:
            mesh = self._gltf["meshes"][node["mesh"]]
            for primitive in mesh["primitives"]:
                yield self._primitive(mesh.get("name") or node.get("name", ""), primitive, place)
        for child in node.get("children", ()):
            yield from self._node(child, place, depth - 1)

    def _primitive(self, name: str, primitive: dict[str, Any], place: NDArray[np.float64]) -> Mesh:
        if primitive.get("mode", 4) != 4:
            raise BadFile(f"mode {primitive['mode']} is not triangles")
        positions = self._accessor(primitive["attributes"]["POSITION"])
        triangles = self._accessor(primitive["indices"]).reshape(-1, 3)
        if triangles.size and triangles.max() >= len(positions):
            raise BadFile(f"a triangle of {name} has corners that are not there")
        material = self._gltf["materials"][primitive["material"]]["pbrMetallicRoughness"]
        red, green, blue, opacity = material["baseColorFactor"]
        moved = (positions @ place[:3, :3].T + place[:3, 3]).astype(np.float32)
        return Mesh(name, (red, green, blue, opacity), moved, triangles.astype(np.uint32))

    def _accessor(self, number: int) -> NDArray[Any]:
        """An accessor's values, (count, width); its view may be interleaved."""
        accessor = self._gltf["accessors"][number]
        view = self._gltf["bufferViews"][accessor["bufferView"]]
        item, width = _TYPES[accessor["componentType"]], _WIDTHS[accessor["type"]]
        stride = view.get("byteStride") or item.itemsize * width
        inside, count = accessor.get("byteOffset", 0), accessor["count"]
        if inside + (count - 1) * stride + item.itemsize * width > view["byteLength"]:
            raise BadFile(f"accessor {number} ends after its view")
        at = view.get("byteOffset", 0) + inside
        return np.ndarray((count, width), item, self._binary, at, (stride, item.itemsize))


def _matrix(node: dict[str, Any]) -> NDArray[np.float64]:
    """A node's place within the one above it."""
    if "matrix" in node:
        return np.array(node["matrix"], float).reshape(4, 4).T  # glTF writes columns
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, :3] *= node.get("scale", (1, 1, 1))
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def write_glb(meshes: list[Mesh]) -> bytes:
    """The meshes as a file of one node a name, without normals: whoever draws it shades each face flat."""
    data = bytearray()
    gltf: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "hardware_mas"},
        "scene": 0, "scenes": [{"nodes": []}], "nodes": [], "meshes": [], "materials": [],
        "accessors": [], "bufferViews": [],
    }  # fmt: skip
    colours: list[Colour] = []
    by_name: dict[str, list[Mesh]] = {}
    for mesh in meshes:
        by_name.setdefault(mesh.name, []).append(mesh)
        if mesh.colour not in colours:
            colours.append(mesh.colour)
    for number, (name, parts) in enumerate(by_name.items()):
        primitives = [
            {
                "attributes": {"POSITION": _stored(gltf, data, part.positions)},
                "indices": _stored(gltf, data, part.triangles),
                "material": colours.index(part.colour),
            }
            for part in parts
        ]
        gltf["scenes"][0]["nodes"].append(number)
        gltf["nodes"].append({"name": name, "mesh": number})
        gltf["meshes"].append({"name": name, "primitives": primitives})
    gltf["materials"] = [_material(colour) for colour in colours]
    gltf["buffers"] = [{"byteLength": len(data)}]
    text = json.dumps(gltf, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    length = 28 + len(text) + len(data)
    head = struct.pack("<IIIII", _MAGIC, 2, length, len(text), _JSON)
    return head + text + struct.pack("<II", len(data), _BINARY) + data


def _stored(gltf: dict[str, Any], data: bytearray, values: Positions | Triangles) -> int:
    """Append values as a view and an accessor of their own; returns the accessor's number."""
    if values.dtype == np.float32:
        accessor = {"componentType": _FLOAT, "count": len(values), "type": "VEC3"}
        accessor |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        content, target = values.tobytes(), _VERTICES
    else:
        short = values.max() < 65535  # the largest number of a kind is reserved
        accessor = {"componentType": _UNSIGNED_SHORT if short else _UNSIGNED_INT, "count": values.size}
        accessor["type"] = "SCALAR"
        content, target = values.astype("<u2" if short else "<u4").tobytes(), _INDICES
    view = {"buffer": 0, "byteOffset": len(data), "byteLength": len(content), "target": target}
    data += content + b"\0" * (-len(content) % 4)
    gltf["bufferViews"].append(view)
    gltf["accessors"].append({"bufferView": len(gltf["bufferViews"]) - 1, **accessor})
    return len(gltf["accessors"]) - 1


def _material(colour: Colour) -> dict[str, Any]:
    surface = {"baseColorFactor": colour, "metallicFactor": 0, "roughnessFactor": 0.7}
    shown = {"pbrMetallicRoughness": surface, "doubleSided": True}
    return shown if colour[3] == 1 else shown | {"alphaMode": "BLEND"}
