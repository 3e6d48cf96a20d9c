"""From the designer's script to a finished board: sandbox, intent, layout, copper, raw step, re-reading."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kicad import sandbox
from kicad.adapter import AdapterCrash, AdapterError, apply_layout, export_geometry, read_board
from kicad.adapter.digest import BadBoard, copper_digest
from kicad.adapter.rules import TIERS, rules_for
from kicad.boardkit.findings import Finding, Refused, finding
from kicad.boardkit.intent import validate_intent
from kicad.boardkit.static_check import check_script
from kicad.layout import LayoutError, layout
from kicad.python import KicadMissing
from kicad.shapes import Board, Geometry, Intent, Layout, Requirement, Rules

MOST_FINDINGS = 5  # what a designer can take in at once
FINE_PITCH_MM = 0.6  # of pins: 0.65 mm goes with the wide rules, 0.5 mm does not
BUDGET_S, LAST_BUDGET_S = 40.0, 120.0  # CPU time for a tier of rules that others come after, and for the last

_ENDINGS = {
    "crashed": ("SCRIPT_CRASHED", "the script ended with an error", "mend the Python of the script"),
    "timeout": ("SCRIPT_TIMEOUT", "the script did not end in time", "remove the loop that does not end"),
    "memory": (
        "SCRIPT_MEMORY",
        "the script took too much memory",
        "declare the circuit, compute nothing large",
    ),
    "output": ("SCRIPT_OUTPUT", "the script wrote too much", "print nothing and write no files"),
    "killed": ("SCRIPT_KILLED", "the script did what the sandbox forbids", "use boardkit and nothing else"),
    "refused": ("SCRIPT_REFUSED", "the script was refused without a reason", "use boardkit and nothing else"),
}


class Unavailable(RuntimeError):
    """This machine cannot build boards now (no sandbox, no KiCad, KiCad died): no fault of the designer.

    `permanent` says that trying again will not help before somebody has mended the machine.
    """

    def __init__(self, reason: str, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class _Rejected(Exception):
    def __init__(self, findings: list[Finding]) -> None:
        super().__init__()
        self.findings = findings


@dataclass
class BuildResult:
    """What became of a script: `errors` is empty when the board was built, else at most five findings."""

    errors: list[Finding] = field(default_factory=list)
    intent: Intent | None = None
    layout: Layout | None = None
    board: Board | None = None
    board_file: Path | None = None
    project_file: Path | None = None

    @property
    def feedback(self) -> str:
        """The findings as sentences, one a line."""
        return "\n".join(sentence(item) for item in self.errors)


def build(
    script: str, requirement: Requirement, workdir: Path, progress: Callable[[str], None]
) -> BuildResult:
    """Build the board that `script` declares, no larger than the requirement's `size_mm`, in `workdir`.

    A fault of the script or of the design comes back as findings.  Raises `Unavailable` for a fault of
    this machine.
    """
    result = BuildResult()
    try:
        _build(script, requirement, workdir, progress, result)
    except _Rejected as rejected:
        result.errors = grouped(rejected.findings)
    except (sandbox.NoSandbox, KicadMissing, AdapterCrash) as error:
        raise Unavailable(str(error), permanent=not isinstance(error, AdapterCrash)) from error
    return result


def _build(
    script: str,
    requirement: Requirement,
    workdir: Path,
    progress: Callable[[str], None],
    result: BuildResult,
) -> None:
    progress("running the script")
    intent = result.intent = _intent(script, workdir)
    laid, rules = _layout(intent, requirement["size_mm"], progress)
    result.layout = laid
    progress("drawing and pouring the copper")
    folder = workdir / "board"
    folder.mkdir(parents=True, exist_ok=True)
    result.board_file, result.project_file = apply_layout(intent, laid, rules, requirement["title"], folder)
    result.board = read_board(result.board_file)
    if intent["raw"]:
        progress("running the script's raw step")
        result.board = _raw_step(script, result.board_file, result.board, workdir)


def _intent(script: str, workdir: Path) -> Intent:
    if faults := check_script(script):
        raise _Rejected(faults)
    ran = sandbox.run(script, mode="intent")
    if ran.outcome != "ok" or "intent.json" not in ran.files:
        raise _Rejected(_script_findings(ran))
    try:
        return validate_intent(_json(ran.files["intent.json"], "intent.json"))
    except Refused as refused:
        raise _Rejected(refused.findings) from refused


def _layout(
    intent: Intent, size_mm: tuple[float, float] | None, progress: Callable[[str], None]
) -> tuple[Layout, Rules]:
    """Lay out under the widest rules that work; the first tier's reason stands when none does."""
    first: LayoutError | None = None
    for tier in TIERS:
        rules, last = rules_for(intent, tier), tier == TIERS[-1]
        try:
            geometry = export_geometry(intent, rules, (size_mm[0], size_mm[1]) if size_mm else None)
        except AdapterError as error:
            raise _Rejected([finding("BAD_FOOTPRINT", "", str(error), line=0)]) from error
        if not last and least_pitch_mm(geometry) < FINE_PITCH_MM:
            continue  # between such pins the wide rules leave no way
        try:
            budget_s = LAST_BUDGET_S if last else BUDGET_S
            return layout(geometry, progress=progress, cpu_budget_s=budget_s), rules
        except LayoutError as error:
            first = first or error
            if error.code == "BOARD_TOO_SMALL":
                break  # finer tracks make no part smaller
    assert first is not None
    found = finding(
        first.code,
        first.place,
        first.cause,
        measured=first.measured,
        required=first.required,
        fix=first.fix,
        line=0,
    )
    raise _Rejected([found])


def least_pitch_mm(geometry: Geometry) -> float:
    """The least distance between the middles of two pads of one part that are on different nets."""
    distances = [
        math.dist(one["centre"], other["centre"])
        for part in geometry["parts"]
        for one, other in itertools.combinations([pad for pad in part["pads"] if pad["net"]], 2)
        if one["net"] != other["net"]
    ]
    return min(distances, default=math.inf)


def _raw_step(script: str, board_file: Path, before: Board, workdir: Path) -> Board:
    """Run the script's own changes on a copy; take them if copper, nets, pads and rules are as before."""
    original = board_file.read_bytes()
    inputs = {"board.kicad_pcb": original}
    ran = sandbox.run(script, mode="raw", inputs=inputs)
    changed = ran.files.get("board.kicad_pcb")
    if ran.outcome != "ok" or changed is None:
        raise _Rejected(_script_findings(ran))
    try:
        kept = copper_digest(changed) == copper_digest(original)
    except BadBoard as error:
        raise _Rejected([_touched(str(error))]) from error
    if not kept:
        raise _Rejected([_touched("copper, nets, pads, outline or rules differ after the raw step")])
    # The second opinion is KiCad's own reading, on a file of its own until it is found good.
    trial = workdir / "raw.kicad_pcb"
    trial.write_bytes(changed)
    after = read_board(trial)
    if _without_texts(after) != _without_texts(before):
        raise _Rejected([_touched("KiCad reads other copper, nets, pads or outline after the raw step")])
    board_file.write_bytes(changed)
    return after


def _without_texts(board: Board) -> dict[str, Any]:
    return {name: value for name, value in board.items() if name != "texts"}


def _touched(cause: str) -> Finding:
    return finding(
        "RAW_TOUCHED_COPPER",
        "raw",
        cause,
        required="only silk, fabrication and user drawings may change",
        fix="leave copper, nets, pads, outline and rules alone in raw()",
        line=0,
    )


def _script_findings(ran: sandbox.Result) -> list[Finding]:
    """What the script's own refusal says, or how it ended."""
    if "error.json" in ran.files:
        report = _json(ran.files["error.json"], "error.json")
        told = report.get("errors") if isinstance(report, dict) else None
        if isinstance(told, list) and told:
            return [_told(item) for item in told[:20] if isinstance(item, dict)]
    outcome = ran.outcome if ran.outcome in _ENDINGS else "crashed"
    code, cause, fix = _ENDINGS[outcome]
    last = ran.stderr.strip().splitlines()[-1:] if ran.stderr else []
    measured = f"{ran.wall_s:.1f} s"
    return [finding(code, "script", ": ".join([cause, *last])[:500], measured=measured, fix=fix, line=0)]


def _told(item: dict[str, Any]) -> Finding:
    """A finding as the sandbox wrote it, reduced to strings of a bounded length."""
    text = {
        name: str(item.get(name) or "")[:500] for name in ("place", "cause", "measured", "required", "fix")
    }
    line = item.get("line")
    place, cause = text.pop("place"), text.pop("cause")
    code = str(item.get("code") or "SCRIPT_REFUSED")[:64]
    return finding(code, place, cause, line=line if isinstance(line, int) else 0, **text)


def grouped(findings: list[Finding]) -> list[Finding]:
    """At most `MOST_FINDINGS`: findings of one code, cause and fix become one that names all the places."""
    groups: dict[tuple[str, str, str], Finding] = {}
    for item in findings:
        key = (item["code"], item["cause"], item["fix"])
        if key not in groups:
            groups[key] = item.copy()
        elif item["place"]:
            groups[key]["place"] += f", {item['place']}"
    return list(groups.values())[:MOST_FINDINGS]


def sentence(item: Finding) -> str:
    """A finding for people: place, cause, figures and what may be changed."""
    where = item["place"] or "design"
    line = f" (line {item['line']})" if item["line"] else ""
    figures = "; ".join(
        f"{word}: {item[key]}"  # type: ignore[literal-required]
        for word, key in (("measured", "measured"), ("required", "required"), ("fix", "fix"))
        if item[key]  # type: ignore[literal-required]
    )
    return f"{item['code']} {where}{line}: {item['cause']}" + (f" [{figures}]" if figures else "")


def _json(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _Rejected([finding("SCRIPT_REFUSED", name, f"{name} is no JSON: {error}", line=0)]) from error
