"""Simple bodies of our own: for board.glb and, without KiCad's 3D models (5 GB), for the picture.

Each part becomes a few boxes and cylinders over its fabrication outline; KiCad's renderer reads them as VRML.
They are for looking at, not for measuring: heights are those of the common package.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path

from kicad.adapter.digest import Node, parse
from kicad.shapes import Box

Colour = tuple[float, float, float]  # red, green, blue as on a screen (sRGB), each from 0 to 1
BLACK: Colour = (0.09, 0.09, 0.10)
METAL: Colour = (0.55, 0.55, 0.57)
GOLD: Colour = (0.85, 0.65, 0.22)
WHITE: Colour = (0.92, 0.92, 0.88)
TAN: Colour = (0.70, 0.55, 0.38)
BLUE: Colour = (0.12, 0.30, 0.62)
NAVY: Colour = (0.10, 0.12, 0.22)
_LENSES: dict[str, Colour] = {
    "red": (0.95, 0.12, 0.10),
    "green": (0.15, 0.85, 0.25),
    "blue": (0.20, 0.35, 1.00),
    "yellow": (1.00, 0.85, 0.10),
    "white": (0.98, 0.98, 0.95),
}
_UNIT_MM = 2.54  # VRML as KiCad reads it counts in tenths of an inch
_SIDES = 40
_MODELS = ("/usr/share/kicad/3dmodels", "/usr/local/share/kicad/3dmodels")


@dataclass(frozen=True)
class _Pad:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class _Part:
    """What a body is drawn from: the library's name, the value, the outline on F.Fab, and the pads (mm)."""

    name: str
    ref: str
    value: str
    body: Box
    pads: list[_Pad]
    seen: bool  # whether the library has a model of it, as of all but holes and bare pads


@dataclass(frozen=True)
class Solid:
    """A prism over a footprint (mm, y downwards): a ring of corners, between two heights over the board."""

    ring: list[tuple[float, float]]
    z0: float
    z1: float
    colour: Colour


def models_installed() -> bool:
    """Whether KiCad's own 3D models are there, so that nobody needs ours."""
    named = [value for name, value in os.environ.items() if re.fullmatch(r"KICAD\d+_3DMODEL_DIR", name)]
    return any(Path(place).is_dir() for place in (*named, *_MODELS))


def with_bodies(board_file: Path, folder: Path) -> Path:
    """A copy of `board_file` in `folder` whose footprints have bodies drawn by us; returns its path."""
    text = board_file.read_text()
    lines: list[str] = []
    parts = iter(_parts(parse(text.encode())))
    part: _Part | None = None
    for line in text.splitlines():
        if line.startswith("\t(footprint "):
            part = next(parts)
        elif line.startswith("\t\t(model ") and part is not None:
            body = folder / f"body{len(lines)}.wrl"
            body.write_text("#VRML V2.0 utf8\n" + "".join(map(_vrml, _drawn(part))))
            line = f'\t\t(model "{body}"'  # noqa: PLW2901 - the line is what changes
            part = None  # a second model of the same footprint would cover the first
        lines.append(line)
    copy = folder / "picture.kicad_pcb"
    copy.write_text("\n".join(lines) + "\n")
    return copy


def bodies(board_file: Path) -> dict[str, list[Solid]]:
    """What our bodies consist of, by the reference of each part that has one."""
    return {part.ref: list(_drawn(part)) for part in _parts(parse(board_file.read_bytes())) if part.seen}


def _parts(root: list[Node]) -> Iterator[_Part]:
    for node in root:
        if isinstance(node, list) and node[:1] == ["footprint"]:
            yield _part(node)


def _part(node: list[Node]) -> _Part:
    turned = _angle(_child(node, "at"))
    pads = []
    points: list[tuple[float, float]] = []
    for item in node:
        if not isinstance(item, list):
            continue
        if item[0] == "pad":
            x, y, *_ = _numbers(_child(item, "at"))
            width, height = _numbers(_child(item, "size"))
            lying = round(_angle(_child(item, "at")) - turned) % 180 == 0
            pads.append(_Pad(x, y, width if lying else height, height if lying else width))
        elif str(item[0]).startswith("fp_") and _child(item, "layer")[1:] == ['"F.Fab"']:
            points += _corners(item)
    ref, value = (_property(node, name) for name in ("Reference", "Value"))
    points = points or [(pad.x, pad.y) for pad in pads] or [(0.0, 0.0)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    body: Box = {"x0": min(xs), "y0": min(ys), "x1": max(xs), "y1": max(ys)}
    return _Part(str(node[1]).strip('"'), ref, value, body, pads, bool(_child(node, "model")))


def _property(node: list[Node], name: str) -> str:
    wanted = ["property", f'"{name}"']
    return next(
        (str(item[2]).strip('"') for item in node if isinstance(item, list) and item[:2] == wanted), ""
    )


def _corners(item: list[Node]) -> list[tuple[float, float]]:
    if item[0] == "fp_circle":
        (x, y), (end_x, end_y) = _numbers(_child(item, "center")), _numbers(_child(item, "end"))
        radius = ((end_x - x) ** 2 + (end_y - y) ** 2) ** 0.5
        return [(x - radius, y - radius), (x + radius, y + radius)]
    ends = [_numbers(_child(item, name)) for name in ("start", "end") if _child(item, name)]
    return [(x, y) for x, y in ends]


def _child(node: list[Node], name: str) -> list[Node]:
    return next((item for item in node if isinstance(item, list) and item[:1] == [name]), [])


def _numbers(node: list[Node]) -> list[float]:
    return [float(str(word)) for word in node[1:]]


def _angle(at: list[Node]) -> float:
    return _numbers(at)[2] if len(at) > 3 else 0.0  # (at x y angle)


# ---------------------------------------------------------------------------- kinds of parts


def _drawn(part: _Part) -> Iterator[Solid]:
    """The solids of the first kind whose pattern fits the footprint's name."""
    kind = next(draw for pattern, draw in _KINDS if re.match(pattern, part.name))
    yield from kind(part)


def _chip(part: _Part, colour: Colour, height: float) -> Iterator[Solid]:
    b, end = part.body, (part.body["x1"] - part.body["x0"]) * 0.2
    yield _box(b["x0"], b["y0"], b["x0"] + end, b["y1"], 0.0, height, METAL)
    yield _box(b["x1"] - end, b["y0"], b["x1"], b["y1"], 0.0, height, METAL)
    yield _box(b["x0"] + end, b["y0"], b["x1"] - end, b["y1"], 0.0, height + 0.01, colour)


def _lamp(part: _Part) -> Iterator[Solid]:
    b, lens = part.body, _LENSES.get(part.value.lower(), _LENSES["white"])
    inset = (b["x1"] - b["x0"]) * 0.22
    yield _box(b["x0"], b["y0"], b["x1"], b["y1"], 0.0, 0.35, WHITE)
    yield _box(b["x0"] + inset, b["y0"], b["x1"] - inset, b["y1"], 0.35, 0.8, lens)


def _can(part: _Part) -> Iterator[Solid]:
    b = part.body
    x, y, radius = (b["x0"] + b["x1"]) / 2, (b["y0"] + b["y1"]) / 2, (b["y1"] - b["y0"]) / 2
    yield _cylinder(x, y, radius, 0.0, radius * 4, NAVY)
    yield _cylinder(x, y, radius * 0.85, radius * 4, radius * 4 + 0.05, METAL)
    yield _box(
        x + radius * 0.75, y - radius * 0.3, x + radius * 1.01, y + radius * 0.3, 0.5, radius * 4, WHITE
    )


def _round_lamp(part: _Part) -> Iterator[Solid]:
    b, lens = part.body, _LENSES.get(part.value.lower(), _LENSES["white"])
    x, y, radius = (b["x0"] + b["x1"]) / 2, (b["y0"] + b["y1"]) / 2, (b["y1"] - b["y0"]) / 2
    yield _cylinder(x, y, radius, 0.0, 1.0, lens)
    yield _cylinder(x, y, radius * 0.86, 1.0, radius * 3, lens)


def _dual_in_line(part: _Part) -> Iterator[Solid]:
    b, first = part.body, part.pads[0]
    yield _box(b["x0"], b["y0"], b["x1"], b["y1"], 0.6, 3.9, BLACK)
    for pad in part.pads:
        yield _box(pad.x - 0.25, pad.y - 0.6, pad.x + 0.25, pad.y + 0.6, -3.0, 2.2, METAL)
    yield _cylinder(b["x0"] + 1.2, first.y, 0.4, 3.9, 3.93, METAL)


def _gull_wing(part: _Part, height: float) -> Iterator[Solid]:
    b = part.body
    for pad in part.pads:
        half_x, half_y = pad.width * 0.36, pad.height * 0.36
        yield _box(pad.x - half_x, pad.y - half_y, pad.x + half_x, pad.y + half_y, 0.0, 0.2, METAL)
    yield _box(b["x0"], b["y0"], b["x1"], b["y1"], 0.1, height, BLACK)
    if part.name.startswith("Diode"):
        wide = (b["x1"] - b["x0"]) * 0.16
        yield _box(b["x0"] + wide, b["y0"], b["x0"] + 2 * wide, b["y1"], height, height + 0.01, WHITE)


def _transistor_upright(part: _Part) -> Iterator[Solid]:
    b = part.body
    yield _box(b["x0"], b["y0"] + 1.3, b["x1"], b["y1"], 3.5, 12.5, BLACK)
    yield _box(b["x0"], b["y0"], b["x1"], b["y0"] + 1.3, 3.5, 18.5, METAL)
    for pad in part.pads:
        yield _box(pad.x - 0.4, pad.y - 0.25, pad.x + 0.4, pad.y + 0.25, -2.5, 3.5, METAL)


def _header(part: _Part) -> Iterator[Solid]:
    b = part.body
    yield _box(b["x0"], b["y0"], b["x1"], b["y1"], 0.0, 2.5, BLACK)
    for pad in part.pads:
        yield _box(pad.x - 0.32, pad.y - 0.32, pad.x + 0.32, pad.y + 0.32, -3.0, 8.5, GOLD)


def _terminal(part: _Part) -> Iterator[Solid]:
    b = part.body
    yield _box(b["x0"], b["y0"], b["x1"], b["y1"], 0.0, 6.5, BLUE)
    yield _box(b["x0"], b["y0"] + 2.0, b["x1"], b["y1"] - 2.5, 6.5, 10.0, BLUE)
    for pad in part.pads:
        yield _cylinder(pad.x, pad.y, 1.7, 10.0, 10.06, METAL)
        yield _box(pad.x - 1.5, pad.y - 0.25, pad.x + 1.5, pad.y + 0.25, 10.06, 10.1, BLACK)
        yield _box(pad.x - 1.5, b["y1"] - 0.1, pad.x + 1.5, b["y1"] + 0.02, 1.2, 4.6, BLACK)


def _block(part: _Part) -> Iterator[Solid]:
    b = part.body
    yield _box(b["x0"], b["y0"], b["x1"], b["y1"], 0.1, 1.5, BLACK)


_KINDS: tuple[tuple[str, Callable[[_Part], Iterator[Solid]]], ...] = (
    (r"Resistor_SMD:", lambda part: _chip(part, BLACK, 0.5)),
    (r"Capacitor_SMD:C_", lambda part: _chip(part, TAN, 0.9)),
    (r"LED_SMD:", _lamp),
    (r"LED_THT:", _round_lamp),
    (r"Capacitor_THT:CP_Radial", _can),
    (r"Package_DIP:", _dual_in_line),
    (r"Package_TO_SOT_THT:TO-220.*Vertical", _transistor_upright),
    (r"Package_SO:", lambda part: _gull_wing(part, 1.6)),
    (r"Package_TO_SOT_SMD:", lambda part: _gull_wing(part, 1.3)),
    (r"Diode_SMD:", lambda part: _gull_wing(part, 2.0)),
    (r"Connector_PinHeader.*Vertical", _header),
    (r"TerminalBlock", _terminal),
    (r"", _block),
)


# ---------------------------------------------------------------------------- solids


def _box(x0: float, y0: float, x1: float, y1: float, z0: float, z1: float, colour: Colour) -> Solid:
    return Solid([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], z0, z1, colour)


def _cylinder(x: float, y: float, radius: float, z0: float, z1: float, colour: Colour) -> Solid:
    """A prism of `_SIDES` sides: KiCad's reader knows no VRML cylinder."""
    turn = [2 * pi * side / _SIDES for side in range(_SIDES)]
    return Solid([(x + radius * cos(angle), y + radius * sin(angle)) for angle in turn], z0, z1, colour)


def _vrml(solid: Solid) -> str:
    """One solid; y is turned over, since VRML's points up, and with it the order of the corners."""
    ring, sides = solid.ring[::-1], len(solid.ring)
    points = ", ".join(_scaled(x, -y, z) for z in (solid.z0, solid.z1) for x, y in ring)
    faces = [f"{i} {(i + 1) % sides} {(i + 1) % sides + sides} {i + sides} -1" for i in range(sides)]
    faces.append(" ".join(map(str, range(sides, 2 * sides))) + " -1")
    faces.append(" ".join(map(str, reversed(range(sides)))) + " -1")
    shape = (
        f"IndexedFaceSet {{ creaseAngle 0.8 solid FALSE coord Coordinate {{ point [ {points} ] }} "
        f"coordIndex [ {' '.join(faces)} ] }}"
    )
    red, green, blue = solid.colour
    material = f"Material {{ diffuseColor {red} {green} {blue} specularColor 0.2 0.2 0.2 shininess 0.3 }}"
    return f"Shape {{ appearance Appearance {{ material {material} }} geometry {shape} }}\n"


def _scaled(*lengths: float) -> str:
    return " ".join(f"{length / _UNIT_MM:.5f}" for length in lengths)
