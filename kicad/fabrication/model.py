"""board.glb: the board in three dimensions as anybody's viewer shows it, small enough for a phone.

KiCad's export has a mesh for each track and each letter, and our bodies not at all: it is read, gathered to
one mesh a colour, and our bodies are set onto it, whether KiCad's own 3D models are installed or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, radians, sin
from pathlib import Path

import numpy as np

from kicad.fabrication.bodies import Solid, bodies
from kicad.fabrication.export import MASK_SINCE
from kicad.fabrication.glb import Colour, Mesh, read_glb, write_glb
from kicad.shapes import Board, BoardFootprint

BOARD = "board"  # the name of what is no part
_MM = 0.001  # glTF counts in metres
_TOP_MM = 1.57  # where parts stand: KiCad's board, copper and mask begin at 0 and end here
_LEAST_M = 1e-6  # corners that lie closer than this are one
# What KiCad's meshes are called after the file's own name, and how each looks (sRGB and opacity).
_LOOKS: dict[str, tuple[float, float, float, float]] = {
    "PCB": (0.62, 0.57, 0.36, 1.0),
    "copper": (0.88, 0.68, 0.34, 1.0),
    "via": (0.88, 0.68, 0.34, 1.0),
    "pad": (0.82, 0.82, 0.80, 1.0),
    "silkscreen": (0.96, 0.96, 0.94, 1.0),
    "soldermask": (0.04, 0.38, 0.22, 0.8),
}


def write_model(exported: Path, board_file: Path, board: Board, major: int) -> None:
    """Replace KiCad's export by the finished model; raises `BadFile` when the export does not parse."""
    looks = _LOOKS if major >= MASK_SINCE else _LOOKS | {"PCB": (0.05, 0.36, 0.22, 1.0)}
    meshes = [
        Mesh(
            BOARD,
            _linear(looks.get(mesh.name.rpartition("_")[2], looks["PCB"])),
            mesh.positions,
            mesh.triangles,
        )
        for mesh in read_glb(exported.read_bytes())
    ]
    drawn = bodies(board_file)
    for item in board["footprints"]:
        meshes += _body(item, drawn.get(item["ref"], []), board["size_mm"][1])
    exported.write_bytes(write_glb(list(_gathered(meshes))))


def _body(item: BoardFootprint, solids: list[Solid], height_mm: float) -> Iterator[Mesh]:
    """A part's solids where it stands, from the board's bottom left corner as in the other files."""
    turn, (x, y) = radians(item["rotation"]), item["at"]
    for solid in solids:
        dx, dy = np.array(solid.ring).T
        across = x + dx * cos(turn) + dy * sin(turn)
        along = y - dx * sin(turn) + dy * cos(turn) - height_mm
        levels = [
            np.column_stack([across, np.full(len(dx), _TOP_MM + z), along]) for z in (solid.z0, solid.z1)
        ]
        colour = _linear((*solid.colour, 1.0))
        yield Mesh(item["ref"], colour, (np.vstack(levels) * _MM).astype(np.float32), _prism(len(dx)))


def _prism(sides: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    """Triangles between a ring below and one above: the sides, then the two ends as fans."""
    here = np.arange(sides)
    after = (here + 1) % sides
    walls = [(here, here + sides, after), (after, here + sides, after + sides)]
    fan = np.arange(1, sides - 1)
    ends = [(np.zeros_like(fan), fan, fan + 1), (np.full_like(fan, sides), fan + sides + 1, fan + sides)]
    return np.vstack([np.column_stack(corners) for corners in (*walls, *ends)]).astype(np.uint32)


def _gathered(meshes: list[Mesh]) -> Iterator[Mesh]:
    """One mesh a name and colour, no corner twice."""
    alike: dict[tuple[str, Colour], list[Mesh]] = {}
    for mesh in meshes:
        alike.setdefault((mesh.name, mesh.colour), []).append(mesh)
    for (name, colour), same in alike.items():
        firsts = np.cumsum([0, *(len(mesh.positions) for mesh in same)])
        triangles = np.vstack([mesh.triangles + first for mesh, first in zip(same, firsts, strict=False)])
        whole = np.round(np.vstack([mesh.positions for mesh in same]) / _LEAST_M).astype(np.int64)
        corners, number = np.unique(whole, axis=0, return_inverse=True)
        triangles = number.reshape(-1)[triangles].astype(np.uint32)
        a, b, c = triangles.T
        yield Mesh(
            name, colour, (corners * _LEAST_M).astype(np.float32), triangles[(a != b) & (b != c) & (c != a)]
        )


def _linear(colour: tuple[float, float, float, float]) -> Colour:
    """A screen's colour as glTF counts it (sRGB's transfer function, IEC 61966-2-1)."""
    *light, opacity = colour
    red, green, blue = (
        round(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4, 4) for part in light
    )
    return red, green, blue, opacity
