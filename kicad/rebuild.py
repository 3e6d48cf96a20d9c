"""Writes `rebuild.py`: plain pcbnew calls that build a finished board again, without this project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kicad.adapter.digest import Node, parse
from kicad.adapter.rules import POUR_MIN_WIDTH_MM, STACKUP, THERMAL_GAP_MM, THERMAL_SPOKE_MM
from kicad.shapes import Intent, Layout

_TEMPLATE = Path(__file__).with_name("rebuild_template.txt")
_SOLID = "2"  # KiCad's number for a pad that joins its pour without spokes


def rebuild_script(board_file: Path, intent: Intent, layout: Layout) -> str:
    """Python text that builds `board_file` and its project again, run by the interpreter that has pcbnew.

    The design comes from `intent` and `layout` (mm, origin at the board's top left corner); what was decided
    after them, solid pads and the title's place, and the rules come from the board's files.
    """
    root = parse(board_file.read_bytes())
    project = board_file.with_suffix(".kicad_pro").read_text()
    project_lines = "\n".join(_quoted(line) for line in project.splitlines())
    settings = {
        "POUR_MIN_WIDTH": POUR_MIN_WIDTH_MM,
        "THERMAL_GAP": THERMAL_GAP_MM,
        "THERMAL_SPOKE": THERMAL_SPOKE_MM,
    }
    sections = {
        "SIZE": repr(tuple(layout["size_mm"])),
        "SETTINGS": "\n".join(f"{name} = {value!r}" for name, value in settings.items()),
        "CLEARANCE": repr(_zone_clearance(root)),
        "EDGE": repr(_edge_clearance(root, layout)),
        "TITLE": "\n".join(_title_block(root)),
        "NETS": "\n".join(f"net({net['name']!r})" for net in intent["nets"]),
        "PARTS": "\n".join(_parts(intent, layout, _solid_pads(root))),
        "HOLES": "\n".join(_holes(layout)),
        "TRACKS": "\n".join(_tracks(layout)),
        "VIAS": "\n".join(_vias(layout)),
        "KEEPOUTS": "\n".join(_keepouts(root)),
        "POURS": "\n".join(f"pour({pour['net']!r}, {pour['layer']!r})" for pour in layout["pours"]),
        "TEXTS": "\n".join(_texts(root)),
        "STACKUP": STACKUP,
        "PROJECT": project_lines,
    }
    text = _TEMPLATE.read_text()
    for name, body in sections.items():
        text = text.replace(f"@{name}@", body)
    return text


def _parts(intent: Intent, layout: Layout, solid: dict[str, list[int]]) -> Iterator[str]:
    placed = {placement["ref"]: placement for placement in layout["placements"]}
    texts = {text["ref"]: text for text in layout["texts"] if text["ref"]}
    nets = {(ref, number): net["name"] for net in intent["nets"] for ref, number in net["pins"]}
    for part in intent["parts"]:
        ref = part["ref"]
        spot = placed[ref]
        pads = {
            pin["number"]: (nets.get((ref, pin["number"]), ""), pin["name"], pin["type"])
            for pin in part["pins"]
        }
        text = texts.get(ref)
        drawn = (
            (text["at"], text["rotation"], text["height_mm"], text["stroke_mm"]) if text is not None else None
        )
        names = (ref, part["footprint"], part["value"], part["symbol"], part["part"] or "")
        yield f"part({', '.join(map(repr, names))},"
        yield f"     at=({spot['x']!r}, {spot['y']!r}), rotation={spot['rotation']!r}, text={_plain(drawn)},"
        yield f"     pads={pads!r}, solid={solid.get(ref, [])!r})"


def _holes(layout: Layout) -> Iterator[str]:
    for number, hole in enumerate(layout["holes"], 1):
        yield f"hole('H{number}', {hole['x']!r}, {hole['y']!r}, {hole['diameter_mm']!r})"


def _tracks(layout: Layout) -> Iterator[str]:
    for item in layout["tracks"]:
        ends = f"{_plain(item['start'])}, {_plain(item['end'])}"
        yield f"track({item['net']!r}, {item['layer']!r}, {item['width_mm']!r}, {ends})"


def _vias(layout: Layout) -> Iterator[str]:
    for item in layout["vias"]:
        yield f"via({item['net']!r}, {_plain(item['at'])}, {item['diameter_mm']!r}, {item['drill_mm']!r})"


def _plain(value: object) -> str:
    """`repr` with JSON's lists as tuples."""
    if isinstance(value, list | tuple):
        return "(" + ", ".join(_plain(item) for item in value) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def _texts(root: list[Node]) -> Iterator[str]:
    """Every text of the board that belongs to no footprint, as the file has it (sheet coordinates, mm)."""
    for node in _children(root, "gr_text"):
        at = _child(node, "at")
        effects = _child(node, "effects")
        font = _child(effects, "font")
        height, stroke = _number(_child(font, "size")[1]), _number(_child(font, "thickness")[1])
        rotation = _number(at[3]) if len(at) > 3 else 0.0
        mirrored = "mirror" in _child(effects, "justify")
        place = (_number(at[1]), _number(at[2]))
        layer = _text_of(_child(node, "layer")[1])
        words = (_text_of(node[1]), layer, place, rotation, height, stroke, mirrored)
        yield f"text({', '.join(map(repr, words))})"


def _keepouts(root: list[Node]) -> Iterator[str]:
    for zone in _children(root, "zone"):
        rules = _child(zone, "keepout")
        if rules:
            points = _children(_child(_child(zone, "polygon"), "pts"), "xy")
            ring = tuple((_number(point[1]), _number(point[2])) for point in points)
            pour, vias = (_child(rules, name)[1] == "not_allowed" for name in ("copperpour", "vias"))
            yield f"keepout({ring!r}, pour={pour!r}, vias={vias!r})"


def _pours(root: list[Node]) -> Iterator[list[Node]]:
    return (zone for zone in _children(root, "zone") if not _child(zone, "keepout"))


def _solid_pads(root: list[Node]) -> dict[str, list[int]]:
    """By reference, the places in the footprint's own order of the pads that join their pour solidly."""
    found: dict[str, list[int]] = {}
    for footprint in _children(root, "footprint"):
        ref = next(_text_of(item[2]) for item in _children(footprint, "property") if item[1] == '"Reference"')
        pads = list(_children(footprint, "pad"))
        solid = [index for index, pad in enumerate(pads) if _child(pad, "zone_connect")[1:] == [_SOLID]]
        if solid:
            found[ref] = solid
    return found


def _title_block(root: list[Node]) -> Iterator[str]:
    block = _child(root, "title_block")
    yield f"title.SetTitle({_text_of(_child(block, 'title')[1])!r})"
    yield f"title.SetRevision({_text_of(_child(block, 'rev')[1])!r})"
    yield f"title.SetComment(0, {_text_of(_child(block, 'comment')[2])!r})"


def _zone_clearance(root: list[Node]) -> float:
    zone = next(_pours(root), [])
    connect = _child(zone, "connect_pads")
    return _number(_child(connect, "clearance")[1]) if zone else 0.2


def _edge_clearance(root: list[Node], layout: Layout) -> float:
    """How far the pours keep from the board's edge."""
    zone = next(_pours(root), None)
    if zone is None:
        return 0.5
    points = list(_children(_child(_child(zone, "polygon"), "pts"), "xy"))
    xs = [_number(point[1]) for point in points]
    return round((layout["size_mm"][0] - (max(xs) - min(xs))) / 2, 6)


def _children(node: list[Node], name: str) -> Iterator[list[Node]]:
    return (item for item in node if isinstance(item, list) and item[:1] == [name])


def _child(node: list[Node], name: str) -> list[Node]:
    return next(_children(node, name), [])


def _number(node: Node) -> float:
    return float(str(node))


def _text_of(node: Node) -> str:
    """A quoted token without its quotes and escapes."""
    return (
        str(node)[1:-1].replace('\\"', '"').replace("\\\\", "\\") if str(node).startswith('"') else str(node)
    )


def _quoted(line: str) -> str:
    """A line of the project as it stands inside a raw triple-quoted string."""
    return line.replace('"""', '\\"\\"\\"')
