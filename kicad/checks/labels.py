"""Texts on the silk: every connector pin is named beside it, no text on a pad, a hole or off the board."""

from __future__ import annotations

from collections.abc import Iterator

from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from kicad.checks.finding import check
from kicad.shapes import Board, BoardText, Check, Intent, Requirement

LABEL_MM = 8.0  # from the pin's middle to its name
_SHRINK_MM = 0.1  # KiCad's text boxes are a little larger than the ink


def check_labels(requirement: Requirement, intent: Intent, board: Board) -> list[Check]:
    """Labels near their pins and nearer than any other pin's, and clean silk."""
    return [*_pin_labels(intent, board), *_ports(requirement, board), *_clean(board)]


def _silk(board: Board) -> list[BoardText]:
    return [text for text in board["texts"] if "Silk" in text["layer"]]


def _shape(text: BoardText) -> BaseGeometry:
    return box(text["box"]["x0"], text["box"]["y0"], text["box"]["x1"], text["box"]["y1"])


def _pin_labels(intent: Intent, board: Board) -> Iterator[Check]:
    """A pin's name is close to it, and closer to it than to any pin of another name."""
    middles = {(pad["ref"], pad["number"]): Point(pad["at"]) for pad in board["pads"]}
    named = {
        (label["pin"][0], label["pin"][1]): label["text"] for label in intent["labels"] if "pin" in label
    }
    written = [(text["text"], _shape(text)) for text in _silk(board) if text["kind"] == "user"]
    for pin, name in named.items():
        at = middles.get(pin)
        own = [shape for text, shape in written if text == name and at is not None]
        nearest = min(own, key=lambda shape: shape.distance(at), default=None)
        distance, rival = float("inf"), float("inf")
        if nearest is not None:
            distance, centre = nearest.distance(at), nearest.centroid
            others = [
                centre.distance(middles[p]) for p, text in named.items() if text != name and p in middles
            ]
            rival = min(others, default=rival) - centre.distance(at)
        yield check(
            "LABEL_MISSING" if distance > LABEL_MM else "LABEL_WRONG",
            "layout",
            distance <= LABEL_MM and rival > 0,
            "connector pin is named beside it",
            place=f"{name} at {pin[0]}.{pin[1]}",
            measured=f"{distance:.2f} mm away" + ("" if rival > 0 else ", closer to a pin of another name"),
            required=f"≤ {LABEL_MM:g} mm and closest to its own pin",
            cause="the name is missing, or stands at another pin",
            fix=f'label("{name}", {pin[0]}["{pin[1]}"])',
        )


def _ports(requirement: Requirement, board: Board) -> Iterator[Check]:
    written = {text["text"] for text in _silk(board)}
    for port in requirement["ports"]:
        yield check(
            "PORT_NOT_ON_SILK",
            "layout",
            port["name"] in written,
            "port's name is on the board",
            place=port["name"],
            measured="there" if port["name"] in written else "not there",
            required=port["name"],
            cause="the script has no label for the port",
            fix=f'label("{port["name"]}", pin)',
        )


def _clean(board: Board) -> Iterator[Check]:
    outline = Polygon(board["outline"])
    pads = [
        (
            side,
            Polygon(outline_),
            f"{pad['ref']}.{pad['number']}" if pad["number"] else pad["ref"],
            pad["kind"],
        )
        for pad in board["pads"]
        for side, outline_ in pad["polygons"].items()
    ]
    pads += [
        (side, Point(pad["at"]).buffer(pad["drill_mm"] / 2), pad["ref"] or "hole", "hole")
        for pad in board["pads"]
        if pad["kind"] == "hole"
        for side in ("front", "back")
    ]
    on_pads: list[str] = []
    on_holes: list[str] = []
    outside: list[str] = []
    for text in _silk(board):
        side = "back" if text["layer"].startswith("B.") else "front"
        ink = _shape(text).buffer(-_SHRINK_MM)
        if not outline.contains(ink):
            outside.append(text["text"])
        for pad_side, shape, name, kind in pads:
            if pad_side == side and not ink.is_empty and shape.intersects(ink):
                (on_holes if kind == "hole" else on_pads).append(f"{text['text']} on {name}")
    for code, title, found in (
        ("TEXT_ON_PAD", "no text lies on a pad", on_pads),
        ("TEXT_ON_HOLE", "no text lies on a hole", on_holes),
        ("TEXT_OUTSIDE", "no text reaches over the edge", outside),
    ):
        yield check(
            code,
            "layout",
            not found,
            title,
            place=", ".join(sorted(found)[:3]),
            measured=f"{len(found)} texts",
            required="0",
            cause="the text has no free place where it stands",
            fix="shorter labels, fewer texts, or a larger board",
        )
