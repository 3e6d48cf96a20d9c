"""The tester shares no formula with what it tests: neither the blocks nor the catalog are in its imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import kicad.checks

ROOT = Path(kicad.checks.__file__).parents[2]
FORBIDDEN = ("kicad.boardkit.blocks", "kicad.layout", "kicad.build", "clients")


def _file_of(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _imports(file: Path) -> set[str]:
    """Modules of this project that the file names in an import, at its top or inside a function."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: imports are absolute here"
            named |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {module for module in named if module.split(".")[0] in {"kicad", "clients"} and _file_of(module)}


def closure(start: list[Path]) -> set[str]:
    """Everything that the files import, and what that imports."""
    found: set[str] = set()
    queue = [module for file in start for module in _imports(file)]
    while queue:
        module = queue.pop()
        file = _file_of(module)
        if module not in found and file is not None:
            found.add(module)
            queue += _imports(file)
    return found


def test_the_tester_imports_neither_blocks_nor_catalog() -> None:
    modules = closure(sorted((ROOT / "kicad" / "checks").glob("*.py")))
    assert {"kicad.checks.truth", "kicad.library", "kicad.parts"} <= modules
    assert [module for module in modules if module.startswith(FORBIDDEN)] == []


def test_a_planted_import_is_found(tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text("def late():\n    from kicad.boardkit import blocks\n")
    assert any(module.startswith(FORBIDDEN) for module in closure([file]))


def test_importing_the_tester_loads_neither(tmp_path: Path) -> None:
    ask = "import sys, kicad.checks; sys.exit(any(name.startswith(('kicad.boardkit', 'clients')) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", ask], cwd=ROOT, check=False).returncode == 0
