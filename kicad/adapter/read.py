"""Board file → Board: what KiCad reads, nothing taken from the intent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pcbnew

from kicad.adapter.compat import (
    BACK,
    COPPER,
    FRONT,
    board_outline,
    field_text,
    layer_name,
    mm,
    pad_kind,
    pad_shape,
    polygons,
    polygons_with_holes,
    shape_of,
)

if TYPE_CHECKING:
    from kicad.shapes import (
        Board,
        BoardFootprint,
        BoardPad,
        BoardText,
        BoardZone,
        Point,
        Polygon,
        Track,
        Via,
    )


class Reader:
    """Reads one board; every point is given from the top left corner of the board's outline."""

    def __init__(self, board_file: Path) -> None:
        """Load `board_file`; raises `ValueError` when KiCad cannot load it or it has no closed outline."""
        try:
            self.board = pcbnew.LoadBoard(str(board_file))
        except OSError as error:
            raise ValueError(f"KiCad cannot load {board_file.name}: {error}") from error
        if self.board is None:
            raise ValueError(f"KiCad cannot load {board_file.name}")
        rings = polygons(board_outline(self.board))
        if not rings:
            raise ValueError(f"{board_file.name} has no closed outline")
        self.x0 = min(x for ring in rings for x, _ in ring)
        self.y0 = min(y for ring in rings for _, y in ring)
        self.outline = self._moved(max(rings, key=len) if len(rings) == 1 else max(rings, key=_span))

    def read(self) -> Board:
        """The whole board as plain data."""
        xs, ys = [x for x, _ in self.outline], [y for _, y in self.outline]
        tracks, vias = self._wires()
        return {
            "size_mm": (round(max(xs), 6), round(max(ys), 6)),
            "outline": self.outline,
            "footprints": [self._footprint(item) for item in self._footprints()],
            "pads": [pad for item in self._footprints() for pad in self._pads(item)],
            "tracks": tracks,
            "vias": vias,
            "zones": self._zones(),
            "texts": self._texts(),
        }

    def _footprints(self) -> list[Any]:
        return sorted(self.board.GetFootprints(), key=lambda item: item.GetReference())

    def _point(self, vector: Any) -> Point:
        return (round(mm(vector.x) - self.x0, 6), round(mm(vector.y) - self.y0, 6))

    def _moved(self, ring: Polygon) -> Polygon:
        return [(round(x - self.x0, 6), round(y - self.y0, 6)) for x, y in ring]

    def _footprint(self, item: Any) -> BoardFootprint:
        back = item.IsFlipped()
        item.BuildCourtyardCaches()
        courtyard = polygons(item.GetCourtyard(pcbnew.B_CrtYd if back else pcbnew.F_CrtYd))
        return {
            "ref": item.GetReference(),
            "value": item.GetValue(),
            "footprint": str(item.GetFPIDAsString()),
            "symbol": field_text(item, "Symbol"),
            "part": field_text(item, "Part") or None,
            "at": self._point(item.GetPosition()),
            "rotation": item.GetOrientationDegrees() % 360,
            "side": "back" if back else "front",
            "courtyard": self._moved(courtyard[0]) if courtyard else [],
        }

    def _pads(self, footprint: Any) -> list[BoardPad]:
        pads: list[BoardPad] = []
        for pad in footprint.Pads():
            kind = pad_kind(pad)
            if not kind:
                continue
            layers = [name for name, layer in COPPER.items() if kind == "hole" or pad.IsOnLayer(layer)]
            shapes = {name: polygons(pad_shape(pad, COPPER[name])) for name in layers}
            pads.append(
                {
                    "ref": footprint.GetReference(),
                    "number": pad.GetNumber(),
                    "net": pad.GetNetname(),
                    "kind": kind,  # type: ignore[typeddict-item]
                    "at": self._point(pad.GetPosition()),
                    "drill_mm": mm(max(pad.GetDrillSizeX(), pad.GetDrillSizeY())),
                    "polygons": {name: self._moved(rings[0]) for name, rings in shapes.items() if rings},
                }
            )
        return pads

    def _wires(self) -> tuple[list[Track], list[Via]]:
        tracks: list[Track] = []
        vias: list[Via] = []
        for item in self.board.GetTracks():
            if isinstance(item, pcbnew.PCB_VIA):
                vias.append(
                    {
                        "net": item.GetNetname(),
                        "at": self._point(item.GetPosition()),
                        "diameter_mm": mm(
                            item.GetWidth(FRONT) if hasattr(item, "GetFrontWidth") else item.GetWidth()
                        ),
                        "drill_mm": mm(item.GetDrillValue()),
                    }
                )
            else:
                tracks.append(
                    {
                        "net": item.GetNetname(),
                        "layer": "back" if item.GetLayer() == BACK else "front",
                        "width_mm": mm(item.GetWidth()),
                        "start": self._point(item.GetStart()),
                        "end": self._point(item.GetEnd()),
                    }
                )
        tracks.sort(key=lambda track: (track["net"], track["layer"], track["start"], track["end"]))
        vias.sort(key=lambda via: (via["net"], via["at"]))
        return tracks, vias

    def _zones(self) -> list[BoardZone]:
        zones: list[BoardZone] = []
        for zone in self.board.Zones():
            for name, layer in COPPER.items():
                if not zone.GetIsRuleArea() and zone.IsOnLayer(layer):
                    filled = polygons_with_holes(zone.GetFilledPolysList(layer))
                    zones.append(
                        {
                            "net": zone.GetNetname(),
                            "layer": name,  # type: ignore[typeddict-item]
                            "filled": [[self._moved(ring) for ring in piece] for piece in filled],
                        }
                    )
        return zones

    def _texts(self) -> list[BoardText]:
        texts: list[BoardText] = []
        for footprint in self._footprints():
            fields = [(item, footprint.GetReference()) for item in footprint.GetFields() if item.IsVisible()]
            others = [
                (item, footprint.GetReference()) for item in footprint.GraphicalItems() if _is_text(item)
            ]
            texts += [self._text(item, ref) for item, ref in fields + others]
        texts += [self._text(item, None) for item in self.board.GetDrawings() if _is_text(item)]
        return sorted(texts, key=lambda text: (text["layer"], text["ref"] or "", text["text"]))

    def _text(self, item: Any, ref: str | None) -> BoardText:
        box = shape_of(item, item.GetLayer()).BBox()  # GetBoundingBox would add KiCad's margin for clicking
        low, high = self._point(box.GetOrigin()), self._point(box.GetEnd())
        is_field = isinstance(item, pcbnew.PCB_FIELD)
        return {
            "text": item.GetShownText(False),
            "kind": ("reference" if item.IsReference() else "value" if item.IsValue() else "user")
            if is_field
            else "user",
            "ref": ref,
            "layer": layer_name(item.GetLayer()),
            "box": {"x0": low[0], "y0": low[1], "x1": high[0], "y1": high[1]},
        }


def _is_text(item: Any) -> bool:
    return isinstance(item, pcbnew.PCB_TEXT)


def _span(ring: Polygon) -> float:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))
