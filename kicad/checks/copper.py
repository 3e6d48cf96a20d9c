"""What the copper really connects, from geometry alone, against what the intent declares.

Pads, tracks, vias and filled zones that touch on a layer are one piece; through pads and vias join the
layers.  Net names on the board are not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from kicad.checks.finding import check
from kicad.shapes import Board, Check, Intent, PinRef

_LAYERS = ("front", "back")


@dataclass(frozen=True)
class Piece:
    """A conductor on one layer; pieces with the same `body` are one thing (a via, a through pad)."""

    layer: str
    shape: BaseGeometry
    body: int
    pin: PinRef | None
    what: str  # for people: "pad U1.3", "track at 3.1, 4.2"


class UnionFind:
    """Disjoint sets of integers."""

    def __init__(self, size: int):
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        """The representative of the item's set."""
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: int, other: int) -> None:
        """Unite the sets of both."""
        self._parent[self.find(one)] = self.find(other)


def pieces(board: Board) -> list[Piece]:
    """Every conductor of the board."""
    found: list[Piece] = []
    body = 0
    for pad in board["pads"]:
        if pad["kind"] == "hole":
            continue
        body += 1
        for layer, outline in pad["polygons"].items():
            pin = (pad["ref"], pad["number"])
            found.append(
                Piece(layer, Polygon(outline).buffer(0), body, pin, f"pad {pad['ref']}.{pad['number']}")
            )
    for track in board["tracks"]:
        body += 1
        line = LineString([track["start"], track["end"]]).buffer(track["width_mm"] / 2)
        found.append(Piece(track["layer"], line, body, None, f"track at {_place(track['start'])}"))
    for via in board["vias"]:
        body += 1
        disc = Point(via["at"]).buffer(via["diameter_mm"] / 2)
        found += [Piece(layer, disc, body, None, f"via at {_place(via['at'])}") for layer in _LAYERS]
    for zone in board["zones"]:
        for outline, *holes in zone["filled"]:
            body += 1
            found.append(Piece(zone["layer"], Polygon(outline, holes).buffer(0), body, None, "zone"))
    return found


def _place(at: tuple[float, float]) -> str:
    return f"{at[0]:.2f}, {at[1]:.2f} mm"


def connected(conductors: list[Piece]) -> list[list[int]]:
    """Indices of the pieces in each group that hangs together."""
    sets = UnionFind(len(conductors))
    first: dict[int, int] = {}
    for index, piece in enumerate(conductors):
        sets.join(index, first.setdefault(piece.body, index))
    for layer in _LAYERS:
        here = [index for index, piece in enumerate(conductors) if piece.layer == layer]
        if not here:
            continue
        shapes = [conductors[index].shape for index in here]
        for one, other in STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
            if one < other:
                sets.join(here[one], here[other])
    groups: dict[int, list[int]] = defaultdict(list)
    for index in range(len(conductors)):
        groups[sets.find(index)].append(index)
    return list(groups.values())


def check_copper(intent: Intent, board: Board) -> list[Check]:
    """The parts are the intent's, and the copper joins exactly the pins that the intent joins."""
    return [*_parts(intent, board), *_names(intent, board), *_nets(intent, board)]


def _parts(intent: Intent, board: Board) -> Iterator[Check]:
    wanted = {part["ref"]: part for part in intent["parts"]}
    placed: dict[str, int] = defaultdict(int)
    wired = {pad["ref"] for pad in board["pads"] if pad["kind"] != "hole"}
    wrong: list[tuple[str, str, str]] = []
    for footprint in board["footprints"]:
        ref = footprint["ref"]
        placed[ref] += 1
        part = wanted.get(ref)
        if part is None:
            if ref in wired:
                wrong.append((ref, footprint["footprint"], "no such part"))
            continue  # a mounting hole: no copper
        have = (footprint["value"], footprint["footprint"], footprint["symbol"], footprint["part"] or "")
        want = (part["value"], part["footprint"], part["symbol"], part["part"] or "")
        if have != want:
            wrong.append((ref, ", ".join(have), ", ".join(want)))
    wrong += [(ref, f"{placed[ref]} on the board", "one") for ref in wanted if placed[ref] != 1]
    for ref, measured, required in wrong:
        yield check(
            "PARTS_DIFFER",
            "copper",
            False,
            "parts on the board are those of the script",
            place=ref,
            measured=measured,
            required=required,
            cause="the board was not built from this intent, or a raw step changed it",
            fix="leave parts alone in the raw step",
        )
    if not wrong:
        yield check(
            "PARTS_DIFFER",
            "copper",
            True,
            "parts on the board are those of the script",
            measured=f"{len(wanted)} parts",
            required=f"{len(wanted)} parts",
        )


def _net_of(intent: Intent) -> dict[PinRef, str]:
    return {(ref, number): net["name"] for net in intent["nets"] for ref, number in net["pins"]}


def _names(intent: Intent, board: Board) -> Iterator[Check]:
    """Pads carry the intent's net names: the simulation finds the ports by them."""
    net_of = _net_of(intent)
    pads = [pad for pad in board["pads"] if pad["kind"] != "hole" and pad["number"]]
    wrong = [pad for pad in pads if pad["net"] != net_of.get((pad["ref"], pad["number"]), "")]
    for pad in wrong:
        yield check(
            "PAD_NET_DIFFERS",
            "copper",
            False,
            "pads carry the script's nets",
            place=f"{pad['ref']}.{pad['number']}",
            measured=pad["net"] or "no net",
            required=net_of.get((pad["ref"], pad["number"]), "no net"),
            cause="the board was not built from this intent, or a raw step changed it",
            fix="leave nets alone in the raw step",
        )


def _nets(intent: Intent, board: Board) -> Iterator[Check]:
    net_of = _net_of(intent)
    conductors = pieces(board)
    groups = connected(conductors)
    islands: dict[str, list[list[str]]] = defaultdict(list)
    faults = 0
    for group in groups:
        members = {pin for index in group if (pin := conductors[index].pin) is not None}
        nets = {net_of.get(pin, f"{pin[0]}.{pin[1]} alone") for pin in members}
        if not members and any(conductors[index].what != "zone" for index in group):
            faults += 1
            yield _stray(conductors[group[0]])
        if len(nets) > 1:
            faults += 1
            yield _short(sorted(nets), sorted(members))
        for name in nets:
            islands[name].append(
                sorted(f"{ref}.{number}" for ref, number in members if net_of.get((ref, number)) == name)
            )
    on_board = {piece.pin for piece in conductors if piece.pin is not None}
    for net in intent["nets"]:
        name = net["name"]
        lost = [f"{ref}.{number}" for ref, number in net["pins"] if (ref, number) not in on_board]
        if len(islands[name]) > 1 or lost:
            faults += 1
            yield _broken(name, islands[name] + [[pin] for pin in lost])
    if not faults:
        yield check(
            "COPPER_EQUALS_INTENT",
            "copper",
            True,
            "copper joins exactly the pins that the script joins",
            measured=f"{len(intent['nets'])} nets, {len(conductors)} conductors",
            required=f"{len(intent['nets'])} nets",
        )


def _broken(net: str, parts: list[list[str]]) -> Check:
    return check(
        "COPPER_OPEN",
        "copper",
        False,
        "net is one piece of copper",
        place=net,
        measured=" | ".join(", ".join(part) for part in parts),
        required="one piece",
        cause="a track is missing or cut",
        fix="nothing to change in the script: the layout must be made again",
    )


def _short(nets: list[str], members: list[PinRef]) -> Check:
    return check(
        "COPPER_SHORT",
        "copper",
        False,
        "nets are apart in copper",
        place=" – ".join(nets),
        measured=", ".join(f"{ref}.{number}" for ref, number in members),
        required="no connection",
        cause="copper of two nets touches",
        fix="nothing to change in the script: the layout must be made again",
    )


def _stray(piece: Piece) -> Check:
    return check(
        "COPPER_STRAY",
        "copper",
        False,
        "all copper belongs to a pin",
        place=piece.what,
        measured="copper without a pad",
        required="none",
        cause="copper was drawn that no net asks for",
        fix="draw no copper in the raw step",
    )
