"""What is in a KiCad project that a user attached: parts, nets, size; alone or in a zip.  Nothing is run."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from clients.llm.sexpr import BadFile, Node, children, parse, prop, word

ENDINGS = (".kicad_pcb", ".kicad_sch", ".kicad_pro", ".net")
MOST_MEMBERS = 500  # files of a zip
MOST_BYTES = 32 * 1024 * 1024  # of all that is read from it, unpacked
MOST_LISTED = 200  # parts, and nets, in a summary
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def summary_of_zip(content: bytes) -> str:
    """The KiCad files of a zip, each summarised.  Raises `BadFile`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            if len(members) > MOST_MEMBERS:
                raise BadFile(f"it has {len(members):,} files; {MOST_MEMBERS} are read at most")
            wanted = [
                each for each in members if each.filename.lower().endswith(ENDINGS) and not each.is_dir()
            ]
            return "\n".join(_members(package, wanted)) if wanted else "a zip without any KiCad file"
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        EOFError,
    ) as error:
        raise BadFile("it is no zip that can be read") from error


def _members(package: zipfile.ZipFile, wanted: list[zipfile.ZipInfo]) -> Iterator[str]:
    """What is said of its size is not believed: reading stops at the limit."""
    left = MOST_BYTES
    for member in wanted:
        name = PurePosixPath(member.filename.replace("\\", "/")).name
        if member.flag_bits & 1 or member.compress_type not in _PACKED:
            yield f"{name}: packed in a way that is not read here"
            continue
        with package.open(member) as opened:
            content = opened.read(left + 1)
        left -= len(content)
        if left < 0:
            raise BadFile(f"unpacked it has more than {MOST_BYTES // 1024 // 1024} MB")
        try:
            yield f"{name}: {summary_of_file(name, content)}"
        except BadFile as error:
            yield f"{name}: not read, because {error}"


def summary_of_file(name: str, content: bytes) -> str:
    """One KiCad file as a few lines.  Raises `BadFile`."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile("it is no UTF-8") from error
    if name.lower().endswith(".kicad_pro"):
        return _project(text)
    tree = parse(text)
    makers = {"kicad_pcb": _board, "kicad_sch": _schematic, "export": _netlist}
    maker = makers.get(str(tree[0]) if tree and isinstance(tree[0], str) else "")
    if maker is None:
        raise BadFile("it is no board, schematic or netlist of KiCad")
    return "\n".join(maker(tree))


def _project(text: str) -> str:
    try:
        project = json.loads(text)
        rules = project["board"]["design_settings"]["rules"]
        stated = {
            key: rules[key]
            for key in ("min_clearance", "min_track_width", "min_via_diameter")
            if key in rules
        }
    except (ValueError, RecursionError, KeyError, TypeError):
        return "a KiCad project file"
    return f"a KiCad project file; its rules in mm: {json.dumps(stated)[:200]}"


def _board(tree: Node) -> Iterator[str]:
    pads: dict[str, list[str]] = {}
    parts = []
    for footprint in children(tree, "footprint"):
        ref = prop(footprint, "Reference") or _old_text(footprint, "reference")
        value = prop(footprint, "Value") or _old_text(footprint, "value")
        parts.append(f"{ref} {value} ({footprint[1] if len(footprint) > 1 else ''})")
        for pad in children(footprint, "pad"):
            net = next(children(pad, "net"), [])
            if net and isinstance(net[-1], str) and len(pad) > 1:
                pads.setdefault(net[-1], []).append(f"{ref}.{pad[1]}")
    yield f"a KiCad board with {len(parts)} parts and {len(pads)} nets{_size(tree)}"
    yield from _listed("parts", parts)
    yield from _listed("nets", [f"{net}: {' '.join(pins[:40])}" for net, pins in sorted(pads.items())])


def _old_text(footprint: Node, kind: str) -> str:
    """KiCad 7 and older write `(fp_text reference "R1" …)`."""
    for each in children(footprint, "fp_text"):
        if len(each) > 2 and each[1] == kind and isinstance(each[2], str):
            return each[2]
    return ""


def _size(tree: Node) -> str:
    """The extent of what is drawn on Edge.Cuts, "" where nothing is."""
    points: list[tuple[float, float]] = []
    for kind in ("gr_line", "gr_rect", "gr_arc", "gr_poly"):
        for drawn in children(tree, kind):
            if word(drawn, "layer") != "Edge.Cuts":
                continue
            for place in (*children(drawn, "start"), *children(drawn, "mid"), *children(drawn, "end")):
                points += _point(place)
            for ring in children(drawn, "pts"):
                points += [found for place in children(ring, "xy") for found in _point(place)]
    if len(points) < 2:
        return ""
    wide, high = (max(p[axis] for p in points) - min(p[axis] for p in points) for axis in (0, 1))
    return f", {wide:.4g} x {high:.4g} mm"


def _point(place: Node) -> list[tuple[float, float]]:
    try:
        x, y = float(str(place[1])), float(str(place[2]))
    except (ValueError, IndexError):
        return []
    return [(x, y)] if abs(x) < 1e5 and abs(y) < 1e5 else []


def _schematic(tree: Node) -> Iterator[str]:
    placed = [each for each in children(tree, "symbol") if word(each, "lib_id")]
    parts = [
        f"{prop(each, 'Reference')} {prop(each, 'Value')} ({word(each, 'lib_id')}; {prop(each, 'Footprint')})"
        for each in placed
        if not prop(each, "Reference").startswith("#")
    ]
    kinds = ("label", "global_label", "hierarchical_label")
    labels = {str(each[1]) for kind in kinds for each in children(tree, kind) if len(each) > 1}
    sheets = [prop(each, "Sheetfile") or prop(each, "Sheet file") for each in children(tree, "sheet")]
    yield f"a KiCad schematic with {len(parts)} parts and {len(labels)} labels (its wires are not traced)"
    yield from _listed("parts", parts)
    yield from _listed("labels", sorted(labels))
    yield from _listed("sheets", sheets)


def _netlist(tree: Node) -> Iterator[str]:
    parts = [
        f"{word(each, 'ref')} {word(each, 'value')} ({word(each, 'footprint')})"
        for group in children(tree, "components")
        for each in children(group, "comp")
    ]
    nets = []
    for group in children(tree, "nets"):
        for each in children(group, "net"):
            pins = [f"{word(node, 'ref')}.{word(node, 'pin')}" for node in children(each, "node")]
            nets.append(f"{word(each, 'name')}: {' '.join(pins[:40])}")
    yield f"a KiCad netlist with {len(parts)} parts and {len(nets)} nets"
    yield from _listed("parts", parts)
    yield from _listed("nets", nets)


def _listed(name: str, entries: list[str]) -> Iterator[str]:
    if entries:
        more = f"; and {len(entries) - MOST_LISTED} more" if len(entries) > MOST_LISTED else ""
        yield f"{name}: {'; '.join(entries[:MOST_LISTED])}{more}"
