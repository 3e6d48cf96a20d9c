"""What can be said of a script without running it: syntax, imports, forbidden names, coordinates.

A courtesy: it saves a run and gives better errors.  What holds a hostile script is the sandbox.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from kicad.boardkit.findings import SCRIPT_NAME, Finding, finding

MOST_BYTES = 256 * 1024
MOST_FINDINGS, MOST_TEXT = 20, 200  # of a script; characters of each text of a finding
MODULES = {"boardkit", "math", "__future__"}
FORBIDDEN = {
    *("eval", "exec", "compile", "open", "input", "breakpoint", "__import__"),
    *("getattr", "setattr", "delattr", "globals", "locals", "vars"),
}
OWN_NAMES = {"__name__", "__file__", "__doc__"}  # of a module, harmless
# What boards are drawn with by hand; here placing and routing are not the script's.
PLACING = {"place", "move", "rotate", "track", "route", "wire", "via", "zone", "outline"}
COORDINATES = {"x", "y", "at", "pos", "position", "rotation", "rotate", "angle", "orientation", "layer"}
VOCABULARY = {"part", "net", "connect", "block", "label", "hole", "edge", "near"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_script(script: str) -> list[Finding]:
    """The script's faults that show without running it, at most twenty, in the order of their lines.

    Loops without an end are not looked for: whether one ends only shows when it is run.  Never raises.
    """
    size = len(script.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        cause, fix = (
            "a script of this size does more than declare a circuit",
            "declare parts, nets and wishes",
        )
        limit = f"at most {MOST_BYTES // 1024} kB"
        return [_found("SCRIPT_TOO_LARGE", 0, cause, fix, measured=f"{size // 1024} kB", required=limit)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that is none
            tree = ast.parse(script, SCRIPT_NAME)
    except SyntaxError as error:
        text = "".join(letter for letter in error.text or "" if letter.isprintable()).strip()[:80]
        return [
            _found(
                "SCRIPT_SYNTAX",
                error.lineno or 0,
                f"{error.msg}: {text}".rstrip(": "),
                "mend the Python of the script",
            )
        ]
    except ValueError as error:  # NUL, a lone surrogate
        return [_found("SCRIPT_SYNTAX", 0, str(error)[:200], "write plain text without NUL")]
    except (RecursionError, MemoryError):
        cause = "the script is nested too deep to be read"
        return [_found("SCRIPT_TOO_DEEP", 0, cause, "split the expression into several")]
    found = sorted(_Reader(tree).findings(), key=lambda each: each["line"] or 0)
    return found[:MOST_FINDINGS]


def _found(
    code: str, line: int, cause: str, fix: str, *, place: str = "", measured: str = "", required: str = ""
) -> Finding:
    where = place or (f"line {line}" if line else SCRIPT_NAME)
    texts = {"measured": measured, "required": required, "fix": fix}
    kept = {key: text[:MOST_TEXT] for key, text in texts.items()}  # a name in it may be as long as the script
    return finding(code, where, cause[:MOST_TEXT], line=line, **kept)


class _Reader:
    """A script's tree, read once: no recursion, so that no nesting can stop it."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.nodes = list(ast.walk(tree))
        self.bound = set(self._bound())
        self.raw = {id(inner) for step in self._raw_steps() for inner in ast.walk(step)}

    def findings(self) -> Iterator[Finding]:
        """All faults, in no order."""
        for node in self.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._import(node)
            elif isinstance(node, ast.Name):
                yield from self._name(node)
            elif isinstance(node, ast.Attribute):
                yield from self._attribute(node)
            elif isinstance(node, ast.Call):
                yield from self._call(node)
        if not any(self._called(node) in {"part", "block"} for node in self.nodes):
            yield _found(
                "EMPTY", 0, "the script declares no part", "declare parts with part()", place=SCRIPT_NAME
            )

    def _bound(self) -> Iterator[str]:
        """Names that the script gives to things of its own: `input` may be a net."""
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.arg):
                yield node.arg
            elif isinstance(node, Function | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.alias):
                yield node.asname or node.name

    def _raw_steps(self) -> Iterator[Function]:
        """Functions that run on the finished board: decorated with raw, or given to it."""
        given = {
            argument.id
            for node in self.nodes
            if isinstance(node, ast.Call) and self._called(node) == "raw"
            for argument in node.args
            if isinstance(argument, ast.Name)
        }
        for node in self.nodes:
            if isinstance(node, Function):
                marks = [
                    mark.attr if isinstance(mark, ast.Attribute) else getattr(mark, "id", "")
                    for mark in node.decorator_list
                ]
                if "raw" in marks or node.name in given:
                    yield node

    @staticmethod
    def _called(node: ast.AST) -> str:
        """The name that a call calls, "" where it is none or of another module than boardkit."""
        if not isinstance(node, ast.Call):
            return ""
        called = node.func
        if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "boardkit":
            return called.attr
        return called.id if isinstance(called, ast.Name) else ""

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
        for name in names:
            module = name.split(".")[0]
            if (module in MODULES and not level) or (module == "pcbnew" and id(node) in self.raw):
                continue
            fix = "take pcbnew inside a step that is decorated with @raw" if module == "pcbnew" else ""
            yield _found(
                "FORBIDDEN_IMPORT", node.lineno, f"{name} may not be imported here",
                fix or f"remove the import of {name}; boardkit has all that a board needs",
                measured=f"import {name}", required="boardkit and math",
            )  # fmt: skip

    def _name(self, node: ast.Name) -> Iterator[Finding]:
        dunder = _is_dunder(node.id) and node.id not in OWN_NAMES
        if dunder or (node.id in FORBIDDEN and node.id not in self.bound and isinstance(node.ctx, ast.Load)):
            yield _forbidden(node.id, node.lineno)
        elif node.id == "pcbnew" and id(node) not in self.raw and "pcbnew" not in self.bound:
            yield _drawn("pcbnew", node.lineno)

    def _attribute(self, node: ast.Attribute) -> Iterator[Finding]:
        if _is_dunder(node.attr):
            yield _forbidden(node.attr, node.lineno)
        elif (
            getattr(node.value, "id", "") == "board"
            and id(node) not in self.raw
            and "board" not in self.bound
        ):
            yield _drawn(f"board.{node.attr}", node.lineno)

    def _call(self, node: ast.Call) -> Iterator[Finding]:
        name = self._called(node)
        if id(node) in self.raw or name in self.bound:
            return
        if name in PLACING:
            yield _drawn(f"{name}()", node.lineno)
        elif name in VOCABULARY:
            said = [word.arg for word in node.keywords if word.arg in COORDINATES]
            if said:
                yield _drawn(f"{name}(…, {said[0]}=…)", node.lineno)


def _is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def _forbidden(name: str, line: int) -> Finding:
    return _found(
        "FORBIDDEN_NAME", line, f"{name} may not be used in a script", f"declare the circuit without {name}",
        measured=name, required="boardkit's vocabulary, math, and plain Python",
    )  # fmt: skip


def _drawn(what: str, line: int) -> Finding:
    return _found(
        "RAW_COORDINATES", line, f"{what}: places and tracks are not the script's to say",
        "say near(), edge() or group() instead; drawings on the silk go into a step decorated with @raw",
        measured=what, required="parts, nets and wishes, no coordinates",
    )  # fmt: skip
