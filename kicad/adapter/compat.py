"""What differs between the Python interfaces of KiCad 8, 9 and 10, and the units that all of them share."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pcbnew

from kicad.python import require_supported

MAJOR = require_supported(pcbnew.GetBuildVersion())
FRONT, BACK = pcbnew.F_Cu, pcbnew.B_Cu
COPPER = {"front": FRONT, "back": BACK}
MAX_ERROR = 5000  # nm by which a polygon may differ from the arc it stands for
ORIGIN_MM = 100.0  # the board's top left corner lies here in both axes, clear of the sheet's frame

_LIBRARY_PLACES = (
    "/usr/share/kicad/footprints",
    "/usr/local/share/kicad/footprints",
    "/Applications/KiCad/KiCad.app/Contents/SharedSupport/footprints",
)


def nm(mm: float) -> int:
    """Millimetres as KiCad's whole nanometres (`VECTOR2I` refuses floats)."""
    return round(mm * 1e6)


def mm(nanometres: int) -> float:
    """KiCad's nanometres as millimetres."""
    return round(nanometres / 1e6, 6)


def at(x_mm: float, y_mm: float) -> Any:
    """A point of the board, origin at its top left corner, as a `VECTOR2I` on the sheet."""
    return pcbnew.VECTOR2I(nm(x_mm + ORIGIN_MM), nm(y_mm + ORIGIN_MM))


@cache
def footprint_folder() -> Path:
    """The folder of KiCad's footprint libraries; raises `FileNotFoundError` when there is none."""
    named = os.environ.get(f"KICAD{MAJOR}_FOOTPRINT_DIR")
    for place in (named, *_LIBRARY_PLACES):
        if place and Path(place).is_dir():
            return Path(place)
    raise FileNotFoundError("KiCad's footprint libraries are not installed (Debian: kicad-footprints)")


def load_footprint(name: str) -> Any:
    """A fresh copy of the footprint `Library:Name`; raises `LookupError` when the library lacks it."""
    library, _, item = name.partition(":")
    folder = footprint_folder() / f"{library}.pretty"
    # FootprintLoad answers None for a missing item, and raises for a missing library
    footprint = pcbnew.FootprintLoad(str(folder), item) if (folder / f"{item}.kicad_mod").is_file() else None
    if footprint is None:
        raise LookupError(f"KiCad's libraries have no footprint {name}")
    footprint.SetFPID(pcbnew.LIB_ID(library, item))
    return footprint


def polygons(poly_set: Any) -> list[list[tuple[float, float]]]:
    """The outer rings of a `SHAPE_POLY_SET`, in mm on the sheet."""
    return [ring(poly_set.Outline(index)) for index in range(poly_set.OutlineCount())]


def polygons_with_holes(poly_set: Any) -> list[list[list[tuple[float, float]]]]:
    """Each outline of a `SHAPE_POLY_SET` followed by its holes, in mm on the sheet."""
    whole = pcbnew.SHAPE_POLY_SET(poly_set)
    if MAJOR == 8:
        whole.Unfracture(pcbnew.SHAPE_POLY_SET.PM_FAST)
    else:
        whole.Unfracture()
    return [
        [ring(whole.Outline(index))]
        + [ring(whole.Hole(index, hole)) for hole in range(whole.HoleCount(index))]
        for index in range(whole.OutlineCount())
    ]


def simplified(poly_set: Any) -> Any:
    """`poly_set` with its overlapping outlines united, in place."""
    if MAJOR == 8:
        poly_set.Simplify(pcbnew.SHAPE_POLY_SET.PM_FAST)
    else:
        poly_set.Simplify()
    return poly_set


def ring(chain: Any) -> list[tuple[float, float]]:
    """The points of a `SHAPE_LINE_CHAIN` in mm on the sheet, first not repeated."""
    points = [chain.CPoint(index) for index in range(chain.PointCount())]
    return [(mm(point.x), mm(point.y)) for point in points]


def shape_of(item: Any, layer: int, margin_mm: float = 0.0) -> Any:
    """The outline of a board item on `layer`, grown by `margin_mm`, as a `SHAPE_POLY_SET`."""
    shape = pcbnew.SHAPE_POLY_SET()
    item.TransformShapeToPolygon(shape, layer, nm(margin_mm), MAX_ERROR, pcbnew.ERROR_OUTSIDE)
    return shape


def board_outline(board: Any) -> Any:
    """The closed outline that is drawn on the board, as a `SHAPE_POLY_SET`; empty where there is none."""
    outlines = pcbnew.SHAPE_POLY_SET()
    # from 10 on it would guess one around the parts, unless told not to
    more = () if MAJOR < 10 else (False,)
    return outlines if board.GetBoardPolygonOutlines(outlines, *more) else pcbnew.SHAPE_POLY_SET()


def pad_kind(pad: Any) -> str:
    """`smd`, `through` or `hole` (not plated); `""` for an aperture without copper (paste, mask)."""
    attribute = pad.GetAttribute()
    if attribute == pcbnew.PAD_ATTRIB_NPTH:
        return "hole"
    if attribute == pcbnew.PAD_ATTRIB_PTH:
        return "through"
    return "smd" if pad.IsOnLayer(FRONT) or pad.IsOnLayer(BACK) else ""


def pad_shape(pad: Any, layer: int, margin_mm: float = 0.0) -> Any:
    """The outline of a pad's copper on `layer`, or of its hole when it is not plated."""
    if pad_kind(pad) != "hole":
        return shape_of(pad, layer, margin_mm)
    shape = pcbnew.SHAPE_POLY_SET()
    pad.TransformHoleToPolygon(shape, nm(margin_mm), MAX_ERROR, pcbnew.ERROR_OUTSIDE)
    return shape


def layer_name(layer: int) -> str:
    """KiCad's fixed name of a layer, such as `F.SilkS`, whatever the user calls it."""
    return str(pcbnew.LSET.Name(layer))


def forbid_in(area: Any, what: str) -> None:
    """Make the zone `area` a keep-out on both copper layers: of `pour` alone, or of `pour and vias`."""
    layers = pcbnew.LSET()
    layers.AddLayer(FRONT)
    layers.AddLayer(BACK)
    area.SetLayerSet(layers)
    area.SetIsRuleArea(True)
    forbid_pour = (
        "SetDoNotAllowCopperPour" if hasattr(area, "SetDoNotAllowCopperPour") else "SetDoNotAllowZoneFills"
    )
    getattr(area, forbid_pour)("pour" in what)
    area.SetDoNotAllowVias("vias" in what)
    area.SetDoNotAllowTracks(False)
    area.SetDoNotAllowPads(False)
    area.SetDoNotAllowFootprints(False)


def set_hidden_field(footprint: Any, name: str, text: str) -> None:
    """A field of the footprint that is stored and exported but not drawn."""
    footprint.SetField(name, text)
    field = _field(footprint, name)
    field.SetVisible(False)
    field.SetLayer(pcbnew.F_Fab)


def field_text(footprint: Any, name: str) -> str:
    """Text of a footprint's field, `""` where it has none of that name."""
    field = _field(footprint, name)
    return str(field.GetText()) if field else ""


def _field(footprint: Any, name: str) -> Any:
    # by walking them: what finds one by name is GetFieldByName until 9 and GetField from 10 on
    return next((field for field in footprint.GetFields() if field.GetName() == name), None)
