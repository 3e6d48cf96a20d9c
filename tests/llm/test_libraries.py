"""KiCad's libraries get into the database by themselves, whole, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clients import cli, command
from clients.llm import libraries
from clients.llm.libraries import SAYING, index_libraries
from clients.pcb_designer import PcbDesigner
from kicad.library_index import installed_version
from tests.conftest import Database
from tests.llm.openai_server import Reply
from tests.llm.samples import SCRIPT
from tests.llm.test_wire import designing, model, serve, told

SYMBOL = """
\t(symbol "{name}"
\t\t(property "Description" "{words}")
\t\t(symbol "{name}_1_1" (pin passive line (at 0 0 0) (length 1) (name "A") (number "1"))))"""


def install(folder: Path, *symbols: str) -> None:
    (folder / "symbols").mkdir(exist_ok=True)
    (folder / "footprints" / "Small.pretty").mkdir(parents=True, exist_ok=True)
    bodies = "".join(SYMBOL.format(name=name, words="a frobnicator") for name in symbols)
    (folder / "symbols" / "Small.kicad_sym").write_text(f"(kicad_symbol_lib{bodies}\n)\n")
    pad = '(footprint "F" (descr "two pads") (pad "1" smd rect))'
    (folder / "footprints" / "Small.pretty" / "F.kicad_mod").write_text(pad)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Libraries of this test's own, and none of KiCad's."""
    monkeypatch.setattr("kicad.library.KICAD_VERSIONS", (9,))
    for kind in ("symbol", "footprint"):
        monkeypatch.setenv(f"KICAD9_{kind.upper()}_DIR", str(tmp_path / f"{kind}s"))
    monkeypatch.setattr(libraries, "PAGE_ROWS", 2)
    install(tmp_path, "A", "B", "C", "D", "E")
    return tmp_path


def found(database: Database) -> list[str]:
    with database.api("pcb_designer") as api:
        return sorted(row["symbol"] for row in api.find_symbols("frobnicator"))


def test_they_are_stored_in_pages_once_and_again_when_they_change(database: Database, small: Path) -> None:
    said: list[str] = []
    with database.api("pcb_designer") as api:
        assert index_libraries(api, said.append) == {"symbols": 5, "footprints": 1}
        assert index_libraries(api, said.append) == {}
        assert said == [SAYING] * 2
        assert found(database) == [f"Small:{name}" for name in "ABCDE"]
        install(small, "A", "XY")
        assert index_libraries(api, said.append)["symbols"] == 2
        assert found(database) == ["Small:A", "Small:XY"]
        (small / "symbols" / "Small.kicad_sym").unlink()
        assert "symbols" not in index_libraries(api, said.append)  # a machine without any has nothing to say
        assert found(database) == ["Small:A", "Small:XY"]


def test_two_at_once_end_with_the_library_whole(database: Database, small: Path) -> None:
    with database.api("pcb_designer") as api, database.api("kicad") as other:
        begun = iter(libraries._pages(libraries.library_rows("symbols")))
        page, _ = next(begun)
        other.store_library("symbols", installed_version("symbols"), page, True, False)

        def pages(_: Any) -> Any:
            yield page, False
            index_libraries(other, str)
            yield from begun

        with pytest.MonkeyPatch.context() as patch:
            rows = iter([pages(None)])
            real = libraries._pages
            patch.setattr(libraries, "_pages", lambda them: next(rows, None) or real(them))
            index_libraries(api, str)
    assert found(database) == [f"Small:{name}" for name in "ABCDE"]


def test_a_designer_with_a_model_finds_what_is_installed(database: Database) -> None:
    with database.connect() as owner:
        owner.execute("update core.library_version set version = null")
    design = designing(database)
    call = Reply(tool_calls=[("find_symbols", {"words": "ATtiny85"})], finish_reason="tool_calls")
    with model(database, "pcb_designer", call, Reply(f"```python\n{SCRIPT}```")) as server:
        assert serve(database, PcbDesigner, design) == "scripted"
        assert "MCU_Microchip_ATtiny:ATtiny85-20P" in told(server)
    with database.api("terminal") as api:
        assert api.library_version("footprints") == installed_version("footprints")


def test_people_import_them_by_a_command(
    database: Database, small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    monkeypatch.setattr(command, "install_tools", lambda: None)
    assert cli.main(["import", "library"]) == 0
    assert cli.main(["import", "library"]) == 0
    assert cli.main(["import", "library", "file"]) == 2
    assert cli.main(["import", "parts"]) == 2
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "library: 5 symbols, 1 footprints", "library: what is installed here is stored already",
    ]  # fmt: skip
    assert "takes no file" in said.err
    assert "name the file that has the parts" in said.err
