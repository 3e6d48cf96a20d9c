"""Intent + Layout + Rules → board.kicad_pcb and board.kicad_pro, poured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pcbnew

from kicad.adapter.compat import (
    BACK,
    COPPER,
    ORIGIN_MM,
    at,
    forbid_in,
    load_footprint,
    mm,
    nm,
    pad_kind,
    pad_shape,
    set_hidden_field,
    shape_of,
)
from kicad.adapter.pour import add_pour, fill
from kicad.adapter.rules import STACKUP, project_json

if TYPE_CHECKING:
    from kicad.shapes import Intent, IntentPart, Keepout, Layout, Placement, Rules, Text

BOARD_FILE, PROJECT_FILE = "board.kicad_pcb", "board.kicad_pro"
OUTLINE_MM = 0.1  # width of the line on Edge.Cuts; the board ends at its middle
TITLE_HEIGHTS_MM = (1.5, 1.2, 1.0)  # tried from large to small


def apply_layout(intent: Intent, layout: Layout, rules: Rules, title: str, folder: Path) -> None:
    """Write the finished board and its project into `folder`.

    Raises `LookupError` for a footprint or net that does not exist.
    """
    board_file, project = folder / BOARD_FILE, project_json(rules)
    (folder / PROJECT_FILE).write_text(project)
    _Builder(intent, layout, rules).build(title, board_file)
    board_file.write_text(board_file.read_text().replace("(setup", "(setup" + STACKUP, 1))
    # Pours are filled on the board as loaded: on a fresh BOARD object the filler knows neither the rules of
    # the project nor the clearance of holes without plating.
    board = pcbnew.LoadBoard(str(board_file))
    fill(board)
    pcbnew.SaveBoard(str(board_file), board, True)
    (folder / PROJECT_FILE).write_text(project)  # loading may have rewritten it in its own order


class _Builder:
    """Puts one layout on an empty board."""

    def __init__(self, intent: Intent, layout: Layout, rules: Rules) -> None:
        self.intent, self.layout, self.rules = intent, layout, rules
        pcbnew.KIID.SeedGenerator(1)  # the same layout gives the same file, but for the cuts in its pours
        self.board = pcbnew.CreateEmptyBoard()
        self.nets: dict[str, Any] = {}

    def build(self, title: str, board_file: Path) -> None:
        """Draw everything and save, unfilled."""
        self._settings(title)
        self._nets()
        self._outline()
        placements = {placement["ref"]: placement for placement in self.layout["placements"]}
        references = {text["ref"]: text for text in self.layout["texts"] if text["ref"]}
        for part in self.intent["parts"]:
            self._footprint(part, placements[part["ref"]], references.get(part["ref"]))
        for number, hole in enumerate(self.layout["holes"], 1):
            self._mounting_hole(f"H{number}", hole)
        for keepout in self.intent["keepouts"]:
            self._keepout(keepout)
        self._wires()
        for pour in self.layout["pours"]:
            add_pour(
                self.board, self.nets[pour["net"]], COPPER[pour["layer"]], self.layout["size_mm"], self.rules
            )
        for text in self.layout["texts"]:
            if not text["ref"]:
                self.board.Add(self._text(text))
        self._title_on_back(title)
        pcbnew.SaveBoard(str(board_file), self.board, True)

    def _settings(self, title: str) -> None:
        self.board.SetCopperLayerCount(2)
        width, height = self.layout["size_mm"]
        self.board.GetDesignSettings().SetAuxOrigin(at(0, height))  # drill and position files start here
        self.board.GetDesignSettings().SetGridOrigin(at(0, 0))
        block = self.board.GetTitleBlock()
        block.SetTitle(title)
        block.SetRevision("1")
        block.SetComment(0, f"{width:g} x {height:g} mm, 2 layers, rules: {self.rules['name']}")
        self.board.SetTitleBlock(block)

    def _nets(self) -> None:
        for net in self.intent["nets"]:
            item = pcbnew.NETINFO_ITEM(self.board, net["name"])
            self.board.Add(item)
            self.nets[net["name"]] = item

    def _outline(self) -> None:
        width, height = self.layout["size_mm"]
        shape = pcbnew.PCB_SHAPE(self.board, pcbnew.SHAPE_T_RECT)
        shape.SetStart(at(0, 0))
        shape.SetEnd(at(width, height))
        shape.SetLayer(pcbnew.Edge_Cuts)
        shape.SetWidth(nm(OUTLINE_MM))
        self.board.Add(shape)

    def _footprint(self, part: IntentPart, placement: Placement, text: Text | None) -> None:
        footprint = load_footprint(part["footprint"])
        footprint.SetReference(part["ref"])
        footprint.SetValue(part["value"])
        footprint.Value().SetLayer(pcbnew.F_Fab)
        set_hidden_field(footprint, "Symbol", part["symbol"])
        set_hidden_field(footprint, "Part", part["part"] or "")
        self.board.Add(footprint)
        footprint.SetPosition(at(placement["x"], placement["y"]))
        footprint.SetOrientationDegrees(placement["rotation"])
        self._connect(footprint, part["ref"])
        reference = footprint.Reference()
        reference.SetVisible(text is not None)
        if text is not None:
            reference.SetLayer(pcbnew.F_SilkS)
            reference.SetKeepUpright(False)
            _shape_text(reference, text)

    def _connect(self, footprint: Any, ref: str) -> None:
        wanted = {
            number: self.nets[net["name"]]
            for net in self.intent["nets"]
            for owner, number in net["pins"]
            if owner == ref
        }
        names = {
            pin["number"]: pin for pin in next(p for p in self.intent["parts"] if p["ref"] == ref)["pins"]
        }
        for pad in footprint.Pads():
            if pad_kind(pad) in {"smd", "through"} and pad.GetNumber() in wanted:
                pad.SetNet(wanted[pad.GetNumber()])
            if pad.GetNumber() in names:
                pad.SetPinFunction(names[pad.GetNumber()]["name"])
                pad.SetPinType(names[pad.GetNumber()]["type"])

    def _keepout(self, keepout: Keepout) -> None:
        """Keep pours (and vias) off; other tracks and parts are kept off by the layout."""
        forbidden = [word for word in keepout["what"] if word != "parts"]
        if not forbidden:
            return
        footprint = self.board.FindFootprintByReference(keepout["ref"])
        footprint.BuildCourtyardCaches()
        courtyard = footprint.GetCourtyard(pcbnew.F_CrtYd)
        box = courtyard.BBox() if courtyard.OutlineCount() else footprint.GetBoundingBox(False)
        box.Inflate(nm(keepout["margin_mm"]))
        area = pcbnew.ZONE(self.board)
        forbid_in(area, " and ".join("pour" if word == "copper" else word for word in forbidden))
        outline = area.Outline()
        outline.NewOutline()
        left, top, right, bottom = box.GetLeft(), box.GetTop(), box.GetRight(), box.GetBottom()
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)):
            outline.Append(pcbnew.VECTOR2I(x, y))
        self.board.Add(area)

    def _mounting_hole(self, ref: str, hole: dict[str, float]) -> None:
        footprint = pcbnew.FOOTPRINT(self.board)
        footprint.SetReference(ref)
        footprint.SetValue(f"{hole['diameter_mm']:g} mm")
        footprint.SetFPID(pcbnew.LIB_ID("MountingHole", f"Hole_{hole['diameter_mm']:g}mm"))
        footprint.Reference().SetVisible(False)
        footprint.Value().SetVisible(False)
        footprint.SetAttributes(pcbnew.FP_EXCLUDE_FROM_BOM | pcbnew.FP_EXCLUDE_FROM_POS_FILES)
        footprint.SetAllowMissingCourtyard(True)
        size = pcbnew.VECTOR2I(nm(hole["diameter_mm"]), nm(hole["diameter_mm"]))
        pad = pcbnew.PAD(footprint)
        pad.SetAttribute(pcbnew.PAD_ATTRIB_NPTH)
        pad.SetShape(pcbnew.PAD_SHAPE_CIRCLE)
        pad.SetSize(size)
        pad.SetDrillSize(size)
        pad.SetLayerSet(pad.UnplatedHoleMask())
        footprint.Add(pad)
        self.board.Add(footprint)
        footprint.SetPosition(at(hole["x"], hole["y"]))

    def _wires(self) -> None:
        for track in self.layout["tracks"]:
            item = pcbnew.PCB_TRACK(self.board)
            item.SetStart(at(*track["start"]))
            item.SetEnd(at(*track["end"]))
            item.SetWidth(nm(track["width_mm"]))
            item.SetLayer(COPPER[track["layer"]])
            item.SetNet(self.nets[track["net"]])
            self.board.Add(item)
        for via in self.layout["vias"]:
            item = pcbnew.PCB_VIA(self.board)
            item.SetPosition(at(*via["at"]))
            item.SetWidth(nm(via["diameter_mm"]))
            item.SetDrill(nm(via["drill_mm"]))
            item.SetNet(self.nets[via["net"]])
            self.board.Add(item)

    def _text(self, text: Text) -> Any:
        item = pcbnew.PCB_TEXT(self.board)
        item.SetText(text["text"])
        item.SetLayer(pcbnew.F_SilkS)
        _shape_text(item, text)
        return item

    def _title_on_back(self, title: str) -> None:
        """The title and revision on the back's silk, where no pad or hole is; left out when none is free."""
        for height in TITLE_HEIGHTS_MM:
            item = pcbnew.PCB_TEXT(self.board)
            item.SetText(f"{title}  rev 1")
            item.SetLayer(pcbnew.B_SilkS)
            item.SetMirrored(True)
            text: Text = {
                "text": "",
                "ref": None,
                "at": (0.0, 0.0),
                "rotation": 0,
                "height_mm": height,
                "stroke_mm": self.rules["text_stroke_mm"],
            }
            _shape_text(item, text)
            place = self._free_on_back(item)
            if place is not None:
                item.SetPosition(at(*place))
                self.board.Add(item)
                return

    def _free_on_back(self, item: Any) -> tuple[float, float] | None:
        """The centre nearest to the board's where `item` touches no pad, hole or edge of the back."""
        box = shape_of(item, item.GetLayer()).BBox()
        half_x, half_y = mm(box.GetWidth()) / 2 + 0.3, mm(box.GetHeight()) / 2 + 0.3
        width, height = self.layout["size_mm"]
        taken = []
        for footprint in self.board.GetFootprints():
            for pad in footprint.Pads():
                if pad.IsOnLayer(BACK) or pad_kind(pad) == "hole":
                    pad_box = pad_shape(pad, BACK).BBox()
                    left, top = mm(pad_box.GetLeft()) - ORIGIN_MM, mm(pad_box.GetTop()) - ORIGIN_MM
                    taken.append((left, top, left + mm(pad_box.GetWidth()), top + mm(pad_box.GetHeight())))
        edge = self.rules["edge_mm"]
        step = 0.5
        columns = int(max(0.0, width - 2 * (half_x + edge)) / step)
        rows = int(max(0.0, height - 2 * (half_y + edge)) / step)
        if width < 2 * (half_x + edge) or height < 2 * (half_y + edge):
            return None
        centres = [
            (half_x + edge + column * step, half_y + edge + row * step)
            for column in range(columns + 1)
            for row in range(rows + 1)
        ]
        centres.sort(key=lambda c: (abs(c[1] - height / 2) + abs(c[0] - width / 2), c))
        for x, y in centres:
            box = (x - half_x, y - half_y, x + half_x, y + half_y)
            if not any(_meet(box, other) for other in taken):
                return x, y
        return None


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes (left, top, right, bottom) touch."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _shape_text(item: Any, text: Text) -> None:
    item.SetTextSize(pcbnew.VECTOR2I(nm(text["height_mm"]), nm(text["height_mm"])))
    item.SetTextThickness(nm(text["stroke_mm"]))
    item.SetHorizJustify(pcbnew.GR_TEXT_H_ALIGN_CENTER)
    item.SetVertJustify(pcbnew.GR_TEXT_V_ALIGN_CENTER)
    item.SetTextAngleDegrees(text["rotation"])
    item.SetPosition(at(*text["at"]))
