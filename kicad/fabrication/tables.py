"""The tables of a package: bill of materials, netlist, positions, and the README with the checks."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict

from kicad.parts import parts_table
from kicad.shapes import Board, BoardFootprint, Check, Requirement

_HOLE = re.compile(r"^MountingHole:")


def assembled(board: Board) -> list[BoardFootprint]:
    """The footprints that stand for a part, mounting holes left out."""
    return [item for item in board["footprints"] if not _HOLE.match(item["footprint"])]


def bom_csv(board: Board) -> str:
    """Bill of materials: one row for each kind of part, with the order numbers that the parts table has."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for item in assembled(board):
        groups[item["part"] or "", item["value"], item["footprint"]].append(item["ref"])
    rows = []
    for (key, value, footprint), refs in groups.items():
        row = parts_table().get(key)
        refs.sort(key=_natural)
        order = (row.description, row.mpn, row.lcsc) if row else ("", "", "")
        rows.append((" ".join(refs), str(len(refs)), value, footprint, key, *order))
    rows.sort(key=lambda row: _natural(row[0]))
    header = ("References", "Quantity", "Value", "Footprint", "Part", "Description", "MPN", "LCSC")
    return _csv([header, *rows])


def netlist_csv(board: Board) -> str:
    """Netlist: one row for each connected pad of the copper."""
    pads = {(pad["net"], pad["ref"], pad["number"]) for pad in board["pads"] if pad["net"]}
    rows = sorted(pads, key=lambda row: (row[0], _natural(row[1]), _natural(row[2])))
    return _csv([("Net", "Reference", "Pad"), *rows])


def positions_csv(exported: str) -> str:
    """KiCad's position file with the column names that assembly houses expect (mm, degrees)."""
    rows = list(csv.reader(io.StringIO(exported)))
    names = {
        "Ref": "Designator",
        "Val": "Value",
        "PosX": "Mid X",
        "PosY": "Mid Y",
        "Rot": "Rotation",
        "Side": "Layer",
    }
    header = [names.get(name, name) for name in rows[0]]
    return _csv([header, *sorted(rows[1:], key=lambda row: _natural(row[0]))])


def readme(requirement: Requirement, board: Board, checks: list[Check]) -> str:
    """What the package holds, what was assumed, and every check with what it measured."""
    width, height = board["size_mm"]
    lines = [
        requirement["title"],
        "=" * len(requirement["title"]),
        "",
        f"Brief: {requirement['brief']}",
        f"Board: {width:g} x {height:g} mm, two layers, 1.6 mm FR-4, 35 µm copper, "
        f"{len(assembled(board))} parts.",
        "",
        "gerbers/         Gerber and Excellon files for the board house (origin: bottom left corner)",
        "bom.csv          what to buy; positions.csv: where to place it (KiCad's rotations, mm)",
        "board.kicad_pcb  the board, and its rules in board.kicad_pro; open it in KiCad",
        "board.png        how it will look, with simple bodies; top.png, bottom.png: the bare board",
        "board.step       the board in three dimensions; bodies only where KiCad's 3D models are installed",
        "board.glb        the board in three dimensions as one looks at it, with simple bodies (glTF 2.0)",
        "netlist.csv      which pads each net joins",
        "drc.json         KiCad's design rule check; checks.json: all checks of this project",
        "design.py        the design as it was written; rebuild.py: plain KiCad calls that build it again",
        "",
    ]
    for title, items in (("Assumed", requirement["assumptions"]), ("Not used", requirement["unused"])):
        if items:
            lines += [f"{title}:", *(f"- {item}" for item in items), ""]
    lines.append("Checks:")
    lines += [f"- {_check_line(check)}" for check in checks]
    return "\n".join(lines) + "\n"


def _check_line(check: Check) -> str:
    verdict = "passed" if check["passed"] else "FAILED"
    figures = ", ".join(
        filter(None, (check["measured"], check["required"] and f"required {check['required']}"))
    )
    place = f" ({check['place']})" if check["place"] else ""
    return f"{verdict}  {check['title']}{place}" + (f": {figures}" if figures else "")


def _csv(rows: list[tuple[str, ...] | list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """Sorts R2 before R10."""
    words = re.findall(r"\d+|\D+", text)
    return tuple((0, int(word)) if word.isdigit() else (1, word) for word in words)
