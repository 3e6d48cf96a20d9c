"""Is the copper of power nets wide enough, measured on the copper itself?"""

from __future__ import annotations

from collections.abc import Iterator

from shapely import unary_union
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from kicad.checks.circuit import Circuit, from_intent
from kicad.checks.copper import UnionFind
from kicad.checks.finding import check
from kicad.shapes import Board, Check, Intent, Requirement, Track

POWER_CURRENT_A = 0.15
POWER_WIDTH_MM = 1.0
NECK_MM = 3.0
_TOLERANCE_MM = 0.02
_LAYERS = ("front", "back")
# Pins through which a power net's current flows; a bypass capacitor or a gate resistor is only tapped off.
_CARRIERS = {"connector", "regulator", "nmos", "pmos", "diode", "fuse", "inductor"}


def width_for(current_A: float, rise_K: float = 10.0, thickness_mm: float = 0.035) -> float:
    """Least width in mm of an outer track: IPC-2221 (I = 0.048 ΔT^0.44 A^0.725, A in square mils).

    From 0.15 A on at least 1 mm.
    """
    area: float = (current_A / (0.048 * rise_K**0.44)) ** (1 / 0.725)
    width = area / (thickness_mm / 0.0254) * 0.0254
    return max(width, POWER_WIDTH_MM) if current_A >= POWER_CURRENT_A else width


def required_currents(requirement: Requirement, intent: Intent) -> dict[str, float]:
    """The current of each power net: the ports' and the script's own; ground returns the largest."""
    currents: dict[str, float] = {}
    for port in requirement["ports"]:
        currents[port["name"]] = max(currents.get(port["name"], 0.0), port.get("current_A", 0.0))
    for netclass in intent["netclasses"]:
        for net in netclass["nets"]:
            currents[net] = max(currents.get(net, 0.0), netclass["current_A"])
    largest = max((port.get("current_A", 0.0) for port in requirement["ports"]), default=0.0)
    for port in requirement["ports"]:
        if port["role"] == "ground":
            currents[port["name"]] = max(currents[port["name"]], largest)
    return {net: current for net, current in currents.items() if current >= POWER_CURRENT_A}


def check_widths(requirement: Requirement, intent: Intent, board: Board) -> Iterator[Check]:
    """Tracks of power nets are wide but for necks of 3 mm at a pad, and wide copper joins all power pins."""
    circuit = from_intent(intent)
    for net, current in sorted(required_currents(requirement, intent).items()):
        width = width_for(current)
        neck = _longest_neck(net, width, board)
        apart = _apart(net, width, board, circuit)
        measured = f"thin for {neck:.2f} mm at most"
        if apart:
            measured += f"; {', '.join(apart)} only through thin copper"
        yield check(
            "TRACK_THIN",
            "layout",
            neck <= NECK_MM + 0.1 and not apart,
            "power net is wide enough for its current",
            place=net,
            measured=measured,
            required=f"≥ {width:.2f} mm for {current:g} A, necks ≤ {NECK_MM:g} mm",
            cause="a track is thinner than the current asks for",
            fix=f'netclass("{net}", current_A={current:g})',
        )


def _line(track: Track) -> LineString:
    return LineString([track["start"], track["end"]])


def _longest_neck(net: str, width: float, board: Board) -> float:
    """The longest chain of thin track of the net, in mm, outside its pads and its filled zones."""
    thin = [t for t in board["tracks"] if t["net"] == net and t["width_mm"] < width - _TOLERANCE_MM]
    bare: list[BaseGeometry] = []
    for track in thin:
        covered = _pads(net, track["layer"], board) + _zones(net, track["layer"], board)
        bare.append(_line(track).difference(unary_union(covered)) if covered else _line(track))
    sets = UnionFind(len(bare))
    for one in range(len(bare)):
        for other in range(one):
            if thin[one]["layer"] == thin[other]["layer"] and bare[one].distance(bare[other]) < 1e-6:
                sets.join(one, other)
    lengths: dict[int, float] = {}
    for index, line in enumerate(bare):
        root = sets.find(index)
        lengths[root] = lengths.get(root, 0.0) + line.length
    return max(lengths.values(), default=0.0)


def _pads(net: str, layer: str, board: Board) -> list[BaseGeometry]:
    return [
        Polygon(p["polygons"][layer]) for p in board["pads"] if p["net"] == net and layer in p["polygons"]
    ]


def _zones(net: str, layer: str, board: Board) -> list[BaseGeometry]:
    zones = [zone for zone in board["zones"] if zone["net"] == net and zone["layer"] == layer]
    return [Polygon(outline, holes).buffer(0) for zone in zones for outline, *holes in zone["filled"]]


def _copper(net: str, layer: str, board: Board) -> BaseGeometry:
    tracks = [t for t in board["tracks"] if t["net"] == net and t["layer"] == layer]
    shapes = _pads(net, layer, board) + _zones(net, layer, board)
    shapes += [_line(track).buffer(track["width_mm"] / 2) for track in tracks]
    shapes += [Point(via["at"]).buffer(via["diameter_mm"] / 2) for via in board["vias"] if via["net"] == net]
    return unary_union(shapes)


def _apart(net: str, width: float, board: Board, circuit: Circuit) -> list[str]:
    """Power pins of the net that wide copper, with necks near narrow pads, does not join with the first one.

    Wide copper is what is left of the net's copper when everything thinner than `width` is taken away
    (an opening by a disc); around a pad that is narrower than that, all copper within the neck counts.
    """
    radius = width / 2 - _TOLERANCE_MM
    shapes: list[tuple[str, BaseGeometry]] = []
    for layer in _LAYERS:
        copper = _copper(net, layer, board)
        wide = copper.buffer(-radius).buffer(radius)
        small = [pad for pad in _pads(net, layer, board) if pad.buffer(-radius).is_empty]
        pads = _pads(net, layer, board)
        necks = [pad.buffer(NECK_MM).intersection(copper) for pad in small]
        necks += [
            pad.buffer(0.5).intersection(copper) for pad in pads
        ]  # an opening rounds a pad's corners off
        whole = unary_union([wide, *necks, *pads])
        shapes += [(layer, part) for part in getattr(whole, "geoms", [whole]) if not part.is_empty]
    sets = UnionFind(len(shapes))
    for at in _through(net, board):
        touched = [index for index, (_, shape) in enumerate(shapes) if shape.intersects(at)]
        for index in touched[1:]:
            sets.join(touched[0], index)
    roots: dict[str, int] = {}
    for pad in board["pads"]:
        part = circuit.parts.get(pad["ref"])
        if pad["net"] != net or part is None or part.kind not in _CARRIERS or not pad["polygons"]:
            continue
        if any(pin.number == pad["number"] and pin.role == "G" for pin in part.pins):
            continue
        layer, outline = next(iter(pad["polygons"].items()))
        index = next(
            i for i, (on, shape) in enumerate(shapes) if on == layer and shape.intersects(Polygon(outline))
        )
        roots[f"{pad['ref']}.{pad['number']}"] = sets.find(index)
    first = next(iter(roots.values()), None)
    return [name for name, root in roots.items() if root != first]


def _through(net: str, board: Board) -> list[BaseGeometry]:
    """What joins the layers of the net: vias and plated holes."""
    points = [Point(via["at"]).buffer(via["diameter_mm"] / 2) for via in board["vias"] if via["net"] == net]
    points += [Point(p["at"]) for p in board["pads"] if p["net"] == net and p["kind"] == "through"]
    return points


def nets_inside(board: Board, area: BaseGeometry) -> list[str]:
    """Nets whose tracks or zones have copper inside the area."""
    nets = [t["net"] for t in board["tracks"] if _line(t).buffer(t["width_mm"] / 2).intersects(area)]
    nets += [
        zone["net"]
        for zone in board["zones"]
        for outline, *holes in zone["filled"]
        if Polygon(outline, holes).buffer(0).intersection(area).area > 1e-3
    ]
    return nets
