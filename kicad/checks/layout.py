"""Placement and copper widths of the board as built, against the requirement and the intent's constraints."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from kicad.checks import labels, widths
from kicad.checks.circuit import Circuit, Supplies, from_intent, supplies_of
from kicad.checks.finding import check
from kicad.checks.support import bypass, regulator_capacitors, supply_pins
from kicad.shapes import Board, BoardFootprint, Check, Edge, Hole, Intent, Requirement

BYPASS_MM = 5.0
REGULATOR_MM = 10.0
EDGE_MM = 1.5  # from a connector's courtyard to the board's edge
_TOLERANCE_MM = 0.01
_OVERHANG_MM = 1.0  # a connector's courtyard (not its pads) may reach over its edge


def check_layout(requirement: Requirement, intent: Intent, board: Board) -> list[Check]:
    """Size, parts inside, distances, edges, keep-outs, holes, labels and copper widths."""
    circuit = from_intent(intent)
    supplies = supplies_of(requirement, circuit)
    checks = [*_size(requirement, board), *_inside(intent, board), *_courtyards(board)]
    checks += _near(intent, board)
    checks += _support(circuit, supplies, board)
    checks += [_edge(edge, board) for edge in intent["edges"]]
    checks += _keepouts(intent, board)
    checks += _holes(intent["holes"], board)
    checks += labels.check_labels(requirement, intent, board)
    checks += widths.check_widths(requirement, intent, board)
    return checks


def pad_shapes(board: Board) -> dict[tuple[str, str], BaseGeometry]:
    """The copper of each pin, both layers laid over each other."""
    shapes: dict[tuple[str, str], BaseGeometry] = {}
    for pad in board["pads"]:
        for outline in pad["polygons"].values():
            key = (pad["ref"], pad["number"])
            shape = Polygon(outline).buffer(0)
            shapes[key] = shapes[key].union(shape) if key in shapes else shape
    return shapes


def _size(requirement: Requirement, board: Board) -> Iterator[Check]:
    wanted = requirement["size_mm"]
    if wanted is None:
        return
    width, height = board["size_mm"]
    x0, y0, x1, y1 = Polygon(board["outline"]).bounds
    width, height = max(width, x1 - x0), max(height, y1 - y0)
    yield check(
        "BOARD_SIZE",
        "layout",
        width <= wanted[0] + _TOLERANCE_MM and height <= wanted[1] + _TOLERANCE_MM,
        "board is at most as large as asked",
        measured=f"{width:.2f} × {height:.2f} mm",
        required=f"≤ {wanted[0]:g} × {wanted[1]:g} mm",
        cause="the outline is larger than the requirement's",
        fix="leave the outline alone; fewer or smaller parts need less room",
    )


def _inside(intent: Intent, board: Board) -> Iterator[Check]:
    outline = Polygon(board["outline"]).buffer(_TOLERANCE_MM)
    edged = {edge["ref"] for edge in intent["edges"]}
    outside = {
        pad["ref"]
        for pad in board["pads"]
        for p in pad["polygons"].values()
        if not outline.contains(Polygon(p))
    }
    for footprint in board["footprints"]:
        room = outline.buffer(_OVERHANG_MM) if footprint["ref"] in edged else outline
        if len(footprint["courtyard"]) > 2 and not room.contains(Polygon(footprint["courtyard"])):
            outside.add(footprint["ref"])
    yield check(
        "PART_OUTSIDE",
        "layout",
        not outside,
        "parts are inside the outline",
        place=", ".join(sorted(outside)),
        measured=f"{len(outside)} outside",
        required="0",
        cause="a part reaches over the board's edge",
        fix="more room, or smaller parts",
    )


def _courtyards(board: Board) -> Iterator[Check]:
    placed = [
        (f["ref"], f["side"], Polygon(f["courtyard"])) for f in board["footprints"] if len(f["courtyard"]) > 2
    ]
    overlapping = [
        f"{one[0]}–{other[0]}"
        for one, other in itertools.combinations(placed, 2)
        if one[1] == other[1] and one[2].intersection(other[2]).area > 1e-3
    ]
    yield check(
        "COURTYARD_OVERLAP",
        "layout",
        not overlapping,
        "parts do not stand in each other's room",
        place=", ".join(overlapping),
        measured=f"{len(overlapping)} overlaps",
        required="0",
        cause="parts are too close to be assembled",
        fix="a larger board, or smaller parts",
    )


def _near(intent: Intent, board: Board) -> Iterator[Check]:
    shapes = pad_shapes(board)
    for near in intent["near"]:
        a, b = (near["a"][0], near["a"][1]), (near["b"][0], near["b"][1])
        distance = shapes[a].distance(shapes[b]) if a in shapes and b in shapes else float("inf")
        yield check(
            "NEAR_FAR",
            "layout",
            distance <= near["max_mm"] + _TOLERANCE_MM,
            "parts stand as near as the script says",
            place=f"{a[0]}.{a[1]} – {b[0]}.{b[1]}",
            measured=f"{distance:.2f} mm",
            required=f"≤ {near['max_mm']:g} mm",
            cause="the part was placed too far away",
            fix="fewer parts that must be near the same pin, or more room",
        )


def _support(circuit: Circuit, supplies: Supplies, board: Board) -> Iterator[Check]:
    """Bypass capacitors within 5 mm and regulators' within 10 mm of their pins, whatever the script says."""
    wanted = [
        (pin, [part.ref for part in bypass(circuit, supplies, pin)], "DECOUPLING_FAR", BYPASS_MM)
        for pin in supply_pins(circuit, supplies)
    ]
    for regulator in circuit.of_kind("regulator"):
        for side in ("IN", "OUT"):
            pin = regulator.pin(side)
            if pin is not None and pin.net:
                refs = [part.ref for part in regulator_capacitors(regulator, side, circuit, supplies)[0]]
                wanted.append((pin, refs, "REGULATOR_CAPACITOR_FAR", REGULATOR_MM))
    shapes = pad_shapes(board)
    for pin, refs, code, limit in wanted:
        here = shapes.get((pin.ref, pin.number))
        ends = [
            (here.distance(shapes[other.ref, other.number]), other.ref)
            for other in circuit.nets.get(pin.net, [])
            if here is not None and other.ref in refs and (other.ref, other.number) in shapes
        ]
        if not ends:
            continue  # reported as missing by the predicates on the netlist
        distance, ref = min(ends)
        yield check(
            code,
            "layout",
            distance <= limit + _TOLERANCE_MM,
            "capacitor is close to its pin",
            place=f"{ref} – {pin.place}",
            measured=f"{distance:.2f} mm",
            required=f"≤ {limit:g} mm",
            cause="the capacitor's loop is too long to help",
            fix=f'near({ref}, {pin.ref}["{pin.role}"], max_mm={limit:g})',
        )


def _footprint(board: Board, ref: str) -> BoardFootprint | None:
    return next((each for each in board["footprints"] if each["ref"] == ref), None)


def _edge(edge: Edge, board: Board) -> Check:
    x0, y0, x1, y1 = Polygon(board["outline"]).bounds
    footprint = _footprint(board, edge["ref"])
    gap = float("inf")
    if footprint is not None and len(footprint["courtyard"]) > 2:
        left, top, right, bottom = Polygon(footprint["courtyard"]).bounds
        gaps = {"left": left - x0, "right": x1 - right, "top": top - y0, "bottom": y1 - bottom}
        gap = min(gaps.values()) if edge["side"] == "any" else gaps[edge["side"]]
    return check(
        "EDGE_OFF",
        "layout",
        gap <= EDGE_MM,
        "connector is at the board's edge",
        place=edge["ref"],
        measured=f"{max(gap, 0.0):.2f} mm from the edge",
        required=f"≤ {EDGE_MM:g} mm",
        cause="the connector cannot be reached from outside",
        fix="fewer connectors on this side, or edge(…, side='any')",
    )


def _keepouts(intent: Intent, board: Board) -> Iterator[Check]:
    nets_of: dict[str, set[str]] = defaultdict(set)
    for pad in board["pads"]:
        nets_of[pad["ref"]].add(pad["net"])
    for keepout in intent["keepouts"]:
        ref = keepout["ref"]
        footprint = _footprint(board, ref)
        if footprint is None or len(footprint["courtyard"]) < 3:
            continue
        area = Polygon(footprint["courtyard"]).buffer(keepout["margin_mm"])
        found: list[str] = []
        if "parts" in keepout["what"]:
            others = [f for f in board["footprints"] if f["ref"] != ref and len(f["courtyard"]) > 2]
            found += [f["ref"] for f in others if Polygon(f["courtyard"]).intersection(area).area > 1e-3]
        if "vias" in keepout["what"]:
            found += ["a via" for via in board["vias"] if area.contains(Point(via["at"]))]
        if "copper" in keepout["what"]:
            found += [net for net in widths.nets_inside(board, area) if net not in nets_of[ref]]
        yield check(
            "KEEPOUT",
            "layout",
            not found,
            "nothing stands in the keep-out",
            place=ref,
            measured=", ".join(sorted(set(found))) or "free",
            required="free of " + ", ".join(keepout["what"]),
            cause="the layout did not respect the keep-out",
            fix="a larger board, or a smaller margin",
        )


def _holes(holes: list[Hole], board: Board) -> Iterator[Check]:
    x0, y0, x1, y1 = Polygon(board["outline"]).bounds
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    quarters = {
        "top_left": box(x0, y0, middle_x, middle_y),
        "top_right": box(middle_x, y0, x1, middle_y),
        "bottom_left": box(x0, middle_y, middle_x, y1),
        "bottom_right": box(middle_x, middle_y, x1, y1),
    }
    drilled = [pad for pad in board["pads"] if pad["kind"] == "hole"]
    for hole in holes:
        corner = quarters[hole["corner"]]
        found = any(
            abs(pad["drill_mm"] - hole["diameter_mm"]) < 0.05 and corner.contains(Point(pad["at"]))
            for pad in drilled
        )
        yield check(
            "HOLE_MISSING",
            "layout",
            found,
            "mounting hole is there",
            place=hole["corner"],
            measured="there" if found else "none",
            required=f"{hole['diameter_mm']:g} mm",
            cause="the hole was not placed",
            fix="a larger board, or fewer holes",
        )
