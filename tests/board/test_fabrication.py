from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kicad.build import BuildResult
from kicad.fabrication import Package, verify_package
from tests.board.samples import packed


def judged(package: Package, made: BuildResult) -> dict[str, bool]:
    assert made.board
    assert made.intent
    return {check["code"]: check["passed"] for check in verify_package(package, made.board, made.intent)}


def test_the_package_stands_when_re_opened(package: Package, regulator: BuildResult) -> None:
    assert regulator.board
    assert regulator.intent
    checks = verify_package(package, regulator.board, regulator.intent)
    assert [check for check in checks if not check["passed"]] == []
    assert len(checks) == 11


def test_the_same_board_gives_the_same_package(
    package: Package, regulator: BuildResult, tmp_path: Path
) -> None:
    again = packed(regulator, tmp_path)
    assert again.names() == package.names()
    differing = [
        name
        for name in again.names()
        if (again.folder / name).read_bytes() != (package.folder / name).read_bytes()
    ]
    assert differing in ([], ["board.png"])  # KiCad's renderer jitters in perspective


def _first(mark: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(mark, new, 1)


def _every(mark: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(mark, new)  # a body has a mesh a colour


def _narrower(content: bytes) -> bytes:
    """The outline's right edge one millimetre further left."""
    right = max(int(x) for x in re.findall(rb"X(\d+)", content))
    return content.replace(b"X%d" % right, b"X%d" % (right - 1_000_000))


def _elsewhere(mark: bytes, place: bytes) -> Callable[[bytes], bytes]:
    """A node of the model moved or stretched; the header's lengths say so again."""

    def moved(content: bytes) -> bytes:
        length = int.from_bytes(content[12:16], "little")
        text = content[20 : 20 + length].replace(mark, b"{" + place + b"," + mark[1:], 1)
        text += b" " * (-len(text) % 4)
        lengths = [int.to_bytes(n, 4, "little") for n in (len(content) + len(text) - length, len(text))]
        return content[:8] + b"".join(lengths) + content[16:20] + text + content[20 + length :]

    return moved


def _turned(content: bytes) -> bytes:
    """The first part in the list a quarter turn on."""
    return re.sub(rb",(-?\d+\.\d+),top", lambda found: b",%f,top" % (float(found[1]) + 90), content, count=1)


def _without_line(word: bytes) -> Callable[[bytes], bytes]:
    return lambda content: b"\n".join(line for line in content.split(b"\n") if not line.startswith(word))


@pytest.mark.parametrize(
    ("name", "damage", "code"),
    [
        ("netlist.csv", lambda _: b"", "PACKAGE"),
        ("gerbers/board-Edge_Cuts.gbr", _narrower, "GERBERS"),
        ("gerbers/board-F_Cu.gbr", _without_line(b"%ADD"), "GERBERS"),
        ("gerbers/board-B_Mask.gbr", _without_line(b"X"), "GERBERS"),
        ("gerbers/board-PTH.drl", _without_line(b"X"), "DRILLS"),
        ("gerbers/board-NPTH.drl", _first(b"C3.2", b"C3.0"), "DRILLS"),
        ("positions.csv", _turned, "POSITIONS"),
        ("positions.csv", _without_line(b"U1"), "POSITIONS"),
        ("bom.csv", _without_line(b"C1"), "BOM"),
        ("netlist.csv", _first(b"GND,C1", b"VIN,C1"), "NETLIST"),
        ("board.step", lambda content: content[: len(content) // 2], "STEP"),
        ("board.glb", lambda content: content[:-4], "MODEL"),
        ("board.glb", _every(b'"name":"U1"', b'"name":"U2"'), "MODEL"),
        ("board.glb", _elsewhere(b'{"name":"U1"', b'"translation":[0,0,-0.02]'), "MODEL"),
        ("board.glb", _elsewhere(b'{"name":"board"', b'"scale":[1,1,0.9]'), "MODEL"),
        ("top.png", lambda content: content[:-2000], "PICTURES"),
        ("drc.json", _first(b'"unconnected_items": []', b'"unconnected_items": [{}]'), "DRC_REPORT"),
        ("rebuild.py", _first(b"def net(", b"def net(("), "PROGRAMS"),
    ],
)
def test_a_damaged_file_fails_its_own_check(
    name: str,
    damage: Callable[[bytes], bytes],
    code: str,
    package: Package,
    regulator: BuildResult,
    tmp_path: Path,
) -> None:
    spoilt = Package(package.folder, tmp_path / "spoilt.zip")
    with zipfile.ZipFile(package.zip_file) as source, zipfile.ZipFile(spoilt.zip_file, "w") as target:
        for entry in source.namelist():
            content = source.read(entry)
            if entry == name:
                assert damage(content) != content
                content = damage(content)
            target.writestr(entry, content)
    assert not judged(spoilt, regulator)[code]


def test_a_zip_cut_short_fails(package: Package, regulator: BuildResult, tmp_path: Path) -> None:
    short = Package(package.folder, tmp_path / "short.zip")
    short.zip_file.write_bytes(package.zip_file.read_bytes()[:-100])
    assert judged(short, regulator) == {"PACKAGE": False}
