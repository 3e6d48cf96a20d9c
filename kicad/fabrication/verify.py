"""Re-opens every file of a package and holds it against the board and the intent."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from math import cos, hypot, radians, sin

from kicad.adapter.digest import Node, parse
from kicad.fabrication.export import GERBER_LAYERS, MODEL
from kicad.fabrication.gerber import BadFile, Hit, Layer, read_drill, read_gerber
from kicad.fabrication.glb import read_glb
from kicad.fabrication.model import BOARD
from kicad.fabrication.package import Package
from kicad.fabrication.tables import assembled
from kicad.library import library_folder
from kicad.shapes import Board, BoardFootprint, Check, Intent, Point

CLOSE_MM = 0.01  # Excellon writes whole micrometres, position files likewise
MODEL_CLOSE_MM = 0.1  # of a model that is for looking at
LEAST_STEP_BYTES = 5_000
# of a picture's filtered bytes that are not zero: a blank one has none, a bare back few
LEAST_PICTURE_SHARE = 0.0002
_MASK_OR_COPPER = {"front": ("F_Cu", "F_Mask"), "back": ("B_Cu", "B_Mask")}


class _Fault(Exception):
    """A file is not as it should be."""


def verify_package(package: Package, board: Board, intent: Intent) -> list[Check]:
    """Open every file of the zip, not of the folder, and judge it; one check a kind of file."""
    try:
        with zipfile.ZipFile(package.zip_file) as archive:
            broken = archive.testzip()
            files = {name: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        return [_check("PACKAGE", "zip", "", str(error), "a readable zip")]
    if broken is not None:
        return [_check("PACKAGE", "zip", broken, "damaged", "every file whole")]
    verifier = _Verifier(files, board, intent)
    return [verifier.judge(*gate) for gate in verifier.gates()]


class _Verifier:
    def __init__(self, files: dict[str, bytes], board: Board, intent: Intent) -> None:
        self.files, self.board, self.intent = files, board, intent
        self.width, self.height = board["size_mm"]

    def gates(self) -> list[tuple[str, str, str, Callable[[], str]]]:
        """Code, title, requirement and the method that measures or raises `_Fault`."""
        return [
            ("PACKAGE", "Package is complete", "every file there", self.complete),
            ("GERBERS", "Gerbers re-read", "outline and every pad drawn", self.gerbers),
            ("DRILLS", "Drill files re-read", "every hole of the board, no other", self.drills),
            (
                "POSITIONS",
                "Position file re-read",
                "every part, pin 1 where the copper has it",
                self.positions,
            ),
            ("BOM", "Bill of materials re-read", "every part once, with its value", self.bom),
            ("NETLIST", "Netlist re-read", "the intent's nets", self.netlist),
            ("STEP", "STEP model re-read", "a solid of the board's size", self.step),
            ("MODEL", "3D model re-read", "the board's size, a body on every part's place", self.model),
            ("PICTURES", "Pictures re-read", "both sides, not blank", self.pictures),
            ("DRC_REPORT", "DRC report re-read", "0 errors, 0 unconnected", self.drc),
            ("PROGRAMS", "design.py and rebuild.py re-read", "valid Python", self.programs),
        ]

    def judge(self, code: str, title: str, required: str, measure: Callable[[], str]) -> Check:
        """Run one gate; a file that does not parse fails it."""
        try:
            return _check(code, title, "", measure(), required, passed=True)
        except (_Fault, BadFile, KeyError, ValueError, IndexError, struct.error, zlib.error) as error:
            said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            return _check(code, title, "", said, required)

    def text(self, name: str) -> str:
        """A file of the package as text; raises `KeyError`, `UnicodeDecodeError`."""
        return self.files[name].decode()

    def complete(self) -> str:
        """Names that every package has."""
        wanted = {
            "README.txt", "design.py", "rebuild.py", "board.kicad_pcb", "board.kicad_pro", "bom.csv",
            "positions.csv", "netlist.csv", "board.step", MODEL, "drc.json", "checks.json",
            "requirement.json", "gerbers/board-PTH.drl", "gerbers/board-NPTH.drl",
            *map(_gerber_name, GERBER_LAYERS),
        }  # fmt: skip
        missing = sorted(wanted - {name for name, content in self.files.items() if content})
        if missing:
            raise _Fault(f"missing or empty: {', '.join(missing)}")
        return f"{len(self.files)} files"

    def flipped(self, at: Point) -> Point:
        """A board point as fabrication files have it: origin bottom left, y upwards."""
        return (at[0], self.height - at[1])

    def gerbers(self) -> str:
        """Every layer parses, the outline has the board's size, and every pad is on its copper and mask."""
        layers = {
            name.replace(".", "_"): read_gerber(self.text(_gerber_name(name))) for name in GERBER_LAYERS
        }
        left, low, right, high = layers["Edge_Cuts"].bounds()
        if max(abs(left), abs(low), abs(right - self.width), abs(high - self.height)) > CLOSE_MM:
            raise _Fault(f"outline from ({left:g}, {low:g}) to ({right:g}, {high:g}) mm")
        for name in ("F_Cu", "B_Cu"):
            self._inside_outline(name, layers[name])
        checked = 0
        for pad in self.board["pads"]:
            for side in pad["polygons"] if pad["kind"] != "hole" else ():
                for name in _MASK_OR_COPPER[side]:
                    if not layers[name].covers(self.flipped(pad["at"])):
                        raise _Fault(f"{name} draws nothing at {pad['ref']}.{pad['number']}")
                checked += 1
        return f"{len(layers)} layers, {self.width:g} x {self.height:g} mm, {checked} pads found"

    def _inside_outline(self, name: str, layer: Layer) -> None:
        if not (layer.flashes or layer.strokes or layer.regions):
            return  # a board may leave a side bare
        left, low, right, high = layer.bounds()
        if min(left, low) < 0 or right > self.width or high > self.height:
            raise _Fault(f"{name} draws outside the outline")

    def drills(self) -> str:
        """Both Excellon files hold exactly the board's holes."""
        plated = [(via["at"], via["drill_mm"]) for via in self.board["vias"]]
        plated += [(pad["at"], pad["drill_mm"]) for pad in self.board["pads"] if pad["kind"] == "through"]
        bare = [(pad["at"], pad["drill_mm"]) for pad in self.board["pads"] if pad["kind"] == "hole"]
        for kind, holes in (("PTH", plated), ("NPTH", bare)):
            self._same_holes(kind, holes, read_drill(self.text(f"gerbers/board-{kind}.drl")))
        return f"{len(plated)} plated, {len(bare)} not plated"

    def _same_holes(self, kind: str, holes: list[tuple[Point, float]], hits: list[Hit]) -> None:
        if len(holes) != len(hits):
            raise _Fault(f"{kind}: {len(hits)} holes drilled, the board has {len(holes)}")
        left = list(hits)
        for at, diameter in holes:
            x, y = self.flipped(at)
            found = next(
                (
                    hit
                    for hit in left
                    if hypot(hit.at[0] - x, hit.at[1] - y) <= CLOSE_MM
                    and (hit.slot or abs(hit.diameter_mm - diameter) <= CLOSE_MM)
                ),
                None,
            )
            if found is None:
                raise _Fault(f"{kind}: no hole of {diameter:g} mm at ({x:g}, {y:g})")
            left.remove(found)

    def positions(self) -> str:
        """Each part has one row, and the library's pin 1, turned and moved as the row says, is on its pad."""
        rows = {row["Designator"]: row for row in _rows(self.text("positions.csv"))}
        parts = {item["ref"]: item for item in assembled(self.board)}
        if set(rows) != set(parts):
            raise _Fault(f"rows and parts differ: {', '.join(sorted(set(rows) ^ set(parts)))}")
        for ref, item in parts.items():
            self._pin_one(item, rows[ref])
        return f"{len(rows)} parts, pin 1 of each within {CLOSE_MM} mm"

    def _pin_one(self, item: BoardFootprint, row: dict[str, str]) -> None:
        ref = item["ref"]
        number, (dx, dy) = _first_pad(item["footprint"])
        turn = radians(float(row["Rotation"]))
        # library y points down, the position file's up; rotation is counter-clockwise in both
        x = float(row["Mid X"]) + dx * cos(turn) + dy * sin(turn)
        y = float(row["Mid Y"]) + dx * sin(turn) - dy * cos(turn)
        pads = [
            self.flipped(pad["at"])
            for pad in self.board["pads"]
            if (pad["ref"], pad["number"]) == (ref, number)
        ]
        if not any(hypot(x - at[0], y - at[1]) <= CLOSE_MM for at in pads):
            raise _Fault(f"pad {number} of {ref} would be placed at ({x:.2f}, {y:.2f})")

    def bom(self) -> str:
        """The references of all rows are the board's and the intent's parts, each with its value."""
        listed: dict[str, str] = {}
        for row in _rows(self.text("bom.csv")):
            refs = row["References"].split()
            if len(refs) != int(row["Quantity"]):
                raise _Fault(f"quantity of {row['References']} is {row['Quantity']}")
            listed |= dict.fromkeys(refs, row["Value"])
        wanted = {part["ref"]: part["value"] for part in self.intent["parts"]}
        if listed != wanted:
            odd = sorted(ref for ref in listed.keys() | wanted.keys() if listed.get(ref) != wanted.get(ref))
            raise _Fault(f"differs from the intent at {', '.join(odd)}")
        return f"{len(listed)} parts"

    def netlist(self) -> str:
        """The rows equal the intent's nets, pad by pad."""
        listed = Counter(
            (row["Net"], row["Reference"], row["Pad"]) for row in _rows(self.text("netlist.csv"))
        )
        wanted = Counter((net["name"], *pin) for net in self.intent["nets"] for pin in net["pins"])
        if listed != wanted:
            odd = (listed - wanted) + (wanted - listed)
            raise _Fault(f"differs from the intent at {', '.join(sorted(f'{r}.{p}' for _, r, p in odd))}")
        return f"{len(self.intent['nets'])} nets, {sum(listed.values())} pads"

    def step(self) -> str:
        """The file is STEP, has solids, and spans the board."""
        text = self.text("board.step")
        if not text.startswith("ISO-10303-21;") or not text.rstrip().endswith("END-ISO-10303-21;"):
            raise _Fault("no STEP file")
        solids = text.count("MANIFOLD_SOLID_BREP(")
        points = re.findall(r"CARTESIAN_POINT\('[^']*',\(([^,()]+),([^,()]+),([^,()]+)\)\)", text)
        xs, ys = [float(x) for x, _, _ in points], [float(y) for _, y, _ in points]
        if not solids or len(text) < LEAST_STEP_BYTES:
            raise _Fault(f"{solids} solids in {len(text)} bytes")
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        if wide < self.width - CLOSE_MM or high < self.height - CLOSE_MM:
            raise _Fault(f"the solids span {wide:g} x {high:g} mm")
        return f"{solids} solids, {len(text) // 1000} kB"

    def model(self) -> str:
        """The file is glTF, its board has the board's outline, and every part has a body at its pads."""
        meshes = read_glb(self.files[MODEL])
        points: dict[str, list[Point]] = {}
        for mesh in meshes:
            points.setdefault(mesh.name, []).extend(
                (float(x) * 1000, -float(z) * 1000)
                for x, _, z in mesh.positions  # metres; z is towards us
            )
        left, low, right, high = _bounds(points.get(BOARD) or [(0.0, 0.0)])
        if max(abs(left), abs(low), abs(right - self.width), abs(high - self.height)) > MODEL_CLOSE_MM:
            raise _Fault(f"the board reaches from ({left:.2f}, {low:.2f}) to ({right:.2f}, {high:.2f}) mm")
        for item in assembled(self.board):
            if _has_model(item["footprint"]):
                self._body(item, points.get(item["ref"], []))
        triangles = sum(len(mesh.triangles) for mesh in meshes)
        return f"{len(points) - 1} bodies, {triangles} triangles, {len(self.files[MODEL]) // 1000} kB"

    def _body(self, item: BoardFootprint, points: list[Point]) -> None:
        """The middle of a part's body is above the place that its pads and its courtyard take."""
        if not points:
            raise _Fault(f"{item['ref']} has no body")
        pads = [pad["at"] for pad in self.board["pads"] if pad["ref"] == item["ref"]]
        left, low, right, high = _bounds([self.flipped(at) for at in (*item["courtyard"], *pads)])
        body = _bounds(points)
        x, y = (body[0] + body[2]) / 2, (body[1] + body[3]) / 2
        if not (left <= x <= right and low <= y <= high):
            raise _Fault(f"the body of {item['ref']} stands at ({x:.2f}, {y:.2f})")

    def pictures(self) -> str:
        """Both sides decode and show something; KiCad 8 gives drawings in SVG."""
        said = []
        if "top.png" in self.files:  # the view from the side comes with the renderer
            said.append(_picture(self.files["board.png"]))
        for side in ("top", "bottom"):
            if f"{side}.png" in self.files:
                said.append(_picture(self.files[f"{side}.png"]))
            elif self.text(f"{side}.svg").count("<path") < 10:
                raise _Fault(f"{side}.svg shows nothing")
            else:
                said.append("SVG")
        return ", ".join(said)

    def drc(self) -> str:
        """KiCad's report has no violation and nothing unconnected."""
        report = json.loads(self.text("drc.json"))
        errors = [item["type"] for item in report["violations"] if item["severity"] == "error"]
        if errors or report["unconnected_items"]:
            unconnected = len(report["unconnected_items"])
            raise _Fault(f"{len(errors)} errors, {unconnected} unconnected: {', '.join(errors[:5])}")
        return "0 errors, 0 unconnected"

    def programs(self) -> str:
        """Both programs compile."""
        for name in ("design.py", "rebuild.py"):
            try:
                ast.parse(self.text(name))
            except SyntaxError as error:
                raise _Fault(f"{name}: {error}") from error
        return f"{self.text('rebuild.py').count(chr(10))} lines rebuild the board"


def _bounds(points: list[Point]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _gerber_name(layer: str) -> str:
    return f"gerbers/board-{layer.replace('.', '_').replace('SilkS', 'Silkscreen')}.gbr"


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _first_pad(footprint: str) -> tuple[str, Point]:
    """Number and place of a library footprint's first numbered pad, from the library's own file."""
    library, _, name = footprint.partition(":")
    file = library_folder("footprints") / f"{library}.pretty" / f"{name}.kicad_mod"
    for node in parse(file.read_bytes()):
        if isinstance(node, list) and node[:1] == ["pad"] and str(node[1]).strip('"'):
            at = next(item for item in node if isinstance(item, list) and item[:1] == ["at"])
            return str(node[1]).strip('"'), (_float(at[1]), _float(at[2]))
    raise _Fault(f"{footprint} has no numbered pad")


def _has_model(footprint: str) -> bool:
    """Whether the library knows a body for a footprint; a bare test point has none."""
    library, _, name = footprint.partition(":")
    return (
        b"(model " in (library_folder("footprints") / f"{library}.pretty" / f"{name}.kicad_mod").read_bytes()
    )


def _float(node: Node) -> float:
    return float(str(node))


def _picture(content: bytes) -> str:
    """Size of a PNG whose chunks and pixels are whole and not of one colour; raises `_Fault`, `zlib.error`.

    A PNG stores differences to neighbouring pixels, so a blank picture inflates to zeros (PNG
    specification, section 9, filtering).
    """
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise _Fault("no PNG")
    at, pixels, width, height, depth = 8, b"", 0, 0, 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        (crc,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(kind + body) != crc:
            raise _Fault("a damaged PNG")
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack_from(">IIBB", body)
            depth = bits // 8 * {0: 1, 2: 3, 4: 2, 6: 4}[colour]
        elif kind == b"IDAT":
            pixels += body
        at += length + 12
    plain = zlib.decompress(pixels)
    if len(plain) != height * (1 + width * depth):
        raise _Fault("an unfinished PNG")
    share = 1 - plain.count(0) / len(plain)
    if share < LEAST_PICTURE_SHARE:
        raise _Fault(f"a blank picture ({share:.2%} detail)")
    return f"{width} x {height}"


def _check(code: str, title: str, place: str, measured: str, required: str, *, passed: bool = False) -> Check:
    return {
        "code": code,
        "stage": "fabrication",
        "passed": passed,
        "title": title,
        "place": place,
        "measured": measured,
        "required": required,
        "cause": "" if passed else "the exported files do not match the board",
        "fix": "" if passed else "build the board again",
    }
