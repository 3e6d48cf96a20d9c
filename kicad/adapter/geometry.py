"""Intent → Geometry: KiCad's own pad outlines, courtyards and silk, as plain numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pcbnew

from kicad.adapter.compat import (
    COPPER,
    FRONT,
    load_footprint,
    mm,
    pad_kind,
    pad_shape,
    polygons,
    shape_of,
    simplified,
)

if TYPE_CHECKING:
    from kicad.shapes import Box, Geometry, Intent, IntentPart, LayoutPart, Pad, Polygon, Rules

COURTYARD_MARGIN_MM = 0.25  # around footprints that draw no courtyard (IPC-7351, nominal)
SILK_MARGIN_MM = 0.1
_GROUND = ("GND", "GNDA", "AGND", "DGND", "VSS", "0V", "0")

# Angle that the opening faces at rotation 0, by KiCad's naming; a vertical connector may face anywhere.
_OPENINGS: tuple[tuple[str, float], ...] = (
    (r"^Connector_(PinHeader|PinSocket).*Vertical", -1),
    (r"^Connector_PinHeader.*Horizontal", 0),
    (r"^Connector_PinSocket.*Horizontal", 180),
    (r"^Connector_BarrelJack", 180),
    (r"^TerminalBlock.*Vertical", -1),
    (r"^TerminalBlock", 270),
    (r"^Connector_USB.*Vertical", -1),
    (r"^Connector_USB", 270),
    (r"^Connector_JST.*Horizontal", 270),
)


def export_geometry(intent: Intent, rules: Rules, size_mm: tuple[float, float] | None) -> Geometry:
    """All that placing and routing know about `intent`; raises `LookupError` for an unknown footprint."""
    nets = {(ref, number): net["name"] for net in intent["nets"] for ref, number in net["pins"]}
    return {
        "size_mm": size_mm,
        "parts": [_part(part, nets) for part in intent["parts"]],
        "near": intent["near"],
        "edges": intent["edges"],
        "groups": intent["groups"],
        "keepouts": intent["keepouts"],
        "holes": intent["holes"],
        "labels": intent["labels"],
        "ground": _ground(intent),
        "rules": rules,
    }


def _ground(intent: Intent) -> str | None:
    """The net that is poured: by its usual name, with at least two pins."""
    names = {net["name"] for net in intent["nets"] if len(net["pins"]) > 1}
    return next((name for name in _GROUND if name in names), None)


def _part(part: IntentPart, nets: dict[tuple[str, str], str]) -> LayoutPart:
    footprint = load_footprint(part["footprint"])
    pads = [pad for item in footprint.Pads() for pad in _pads(item, part["ref"], nets)]
    silk = _silk(footprint)
    body = _bounds([point for pad in pads for point in pad["polygon"]] + _drawn(footprint))
    courtyard = _courtyard(footprint) or _grown(body, COURTYARD_MARGIN_MM)
    marks = [point for polygon in silk for point in polygon]
    return {
        "ref": part["ref"],
        "footprint": part["footprint"],
        "value": part["value"],
        # a mark for pin 1 may lie outside the courtyard; neighbours and the board's edge keep clear of it too
        "courtyard": _joined(courtyard, _grown(_bounds(marks), SILK_MARGIN_MM)) if marks else courtyard,
        "body": body,
        "silk": silk,
        "pads": pads,
        "pin1_out": opening(part["footprint"]),
    }


def opening(footprint: str) -> float:
    """Degrees (counter-clockwise, 0 = right) that a connector's opening faces at rotation 0; -1: any."""
    return next((angle for pattern, angle in _OPENINGS if re.search(pattern, footprint)), -1)


def _pads(pad: Any, ref: str, nets: dict[tuple[str, str], str]) -> list[Pad]:
    kind = pad_kind(pad)
    if not kind:
        return []
    layers = [name for name, layer in COPPER.items() if kind == "hole" or pad.IsOnLayer(layer)]
    number = pad.GetNumber()
    centre = pad.GetPosition()
    shape = pad_shape(pad, COPPER[layers[0]] if layers else FRONT)
    return [
        {
            "number": number,
            "net": nets.get((ref, number), "") if kind != "hole" else "",
            "kind": kind,  # type: ignore[typeddict-item]
            "layers": layers,  # type: ignore[typeddict-item]
            "polygon": polygon,
            "centre": (mm(centre.x), mm(centre.y)),
            "drill_mm": mm(max(pad.GetDrillSizeX(), pad.GetDrillSizeY())),
        }
        for polygon in polygons(shape)
    ]


def _silk(footprint: Any) -> list[Polygon]:
    """Silk graphics at their stroke's width, united; the inside of a closed outline counts as drawn."""
    united = pcbnew.SHAPE_POLY_SET()
    for item in footprint.GraphicalItems():
        if item.GetLayer() == pcbnew.F_SilkS:
            united.Append(shape_of(item, pcbnew.F_SilkS))
    return polygons(simplified(united))


def _drawn(footprint: Any) -> list[tuple[float, float]]:
    """Corner points of what is drawn on the silk and fabrication layers, without texts."""
    layers = (pcbnew.F_SilkS, pcbnew.F_Fab)
    boxes = [
        item.GetBoundingBox()
        for item in footprint.GraphicalItems()
        if item.GetLayer() in layers and not isinstance(item, pcbnew.PCB_TEXT)
    ]
    corners = [corner for box in boxes for corner in (box.GetOrigin(), box.GetEnd())]
    return [(mm(corner.x), mm(corner.y)) for corner in corners]


def _courtyard(footprint: Any) -> Box | None:
    footprint.BuildCourtyardCaches()
    outline = footprint.GetCourtyard(pcbnew.F_CrtYd)
    return (
        _bounds([point for ring in polygons(outline) for point in ring]) if outline.OutlineCount() else None
    )


def _bounds(points: list[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return {"x0": min(xs), "y0": min(ys), "x1": max(xs), "y1": max(ys)}


def _grown(box: Box, margin: float) -> Box:
    return {
        "x0": box["x0"] - margin,
        "y0": box["y0"] - margin,
        "x1": box["x1"] + margin,
        "y1": box["y1"] + margin,
    }


def _joined(a: Box, b: Box) -> Box:
    return {
        "x0": min(a["x0"], b["x0"]),
        "y0": min(a["y0"], b["y0"]),
        "x1": max(a["x1"], b["x1"]),
        "y1": max(a["y1"], b["y1"]),
    }
