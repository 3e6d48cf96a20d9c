"""The picture of a run: a panel for each measure, a bar for each system, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, LABEL, VALUE = 900, 300, 130
ROW, BAR, PANEL_GAP, MARGIN = 20, 13, 26, 16
OURS, OTHERS = "#1f6f8b", "#b9bec4"
BASES = ("plain INSERT", "without the bell", "floor")
PEERS = ("procrastinate", "PgQueuer", "Graphile Worker", "pg-boss")
TITLES = {
    "enqueue": "enqueue, 8 producers, pgbench",
    "work": "bare tasks, 8 workers, pgbench",
    "batches": "batches of 100, 8 workers, pgbench",
    "clients": "bare tasks, 8 workers, each queue by its own client",
    "client-batches": "batches of 100, each queue by its own client",
    "handover": "bare task and full hand-over, pgbench",
}
Bars = Sequence[tuple[str, float, str]]  # name, length, what is written beside it


def draw(raw: Mapping[str, Any]) -> str:
    """The picture of what was measured."""
    panels: list[tuple[str, str, Bars]] = []
    for measure, title in TITLES.items():
        for regime, systems in _regimes(raw.get(measure, {})):
            panels.append((f"{title}: {regime}", "tasks/s, server CPU a task", _rates(systems)))
    for regime, systems in raw.get("wakeup", {}).items():
        if isinstance(systems, Mapping):
            for which in ("p50", "p99"):
                waits = {name: figures["wake_ms"][which] for name, figures in systems.items()}
                bars = [(name, wait, f"{wait:.2f}") for name, wait in waits.items()]
                panels.append((f"wake-up from idle, {which}: {regime}", "ms", bars))
    return _svg(panels, raw.get("machine", {}))


def _rates(systems: Mapping[str, Any]) -> Bars:
    found = [(name, each["tasks_per_s"], each["cpu_us_per_task"]) for name, each in systems.items()]
    return [(name, rate, f"{rate:,.0f}, {cpu:,.0f} µs") for name, rate, cpu in found]


def _regimes(figures: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Regimes with rates, those of a measure's second contest too."""
    found = []
    for name, each in figures.items():
        if not isinstance(each, Mapping) or not each:
            continue
        if all(isinstance(value, Mapping) and "tasks_per_s" in value for value in each.values()):
            found.append((name, each))
        else:
            found += [(f"{name}, {inner}", value) for inner, value in _regimes(each)]
    return found


def _svg(panels: Sequence[tuple[str, str, Bars]], machine: Mapping[str, Any]) -> str:
    lines: list[str] = []
    top = MARGIN + ROW
    for title, unit, bars in panels:
        lines += _panel(top, title, unit, bars)
        top += ROW * (len(bars) + 1) + PANEL_GAP
    note = (
        f"PostgreSQL {machine.get('server_version')}, {machine.get('cores')} cores, medians of"
        f" {machine.get('rounds')} rounds, {str(machine.get('at'))[:10]}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}"'
            f' viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{top}" fill="white"/>',
            _text(MARGIN, MARGIN + 4, note, fill="#666"),
            *lines,
            "</svg>\n",
        ]
    )


def _panel(top: int, title: str, unit: str, bars: Bars) -> list[str]:
    most = max((value for _, value, _ in bars), default=1.0) or 1.0
    lines = [_text(MARGIN, top + BAR, f"{title} ({unit})", weight="bold")]
    for row, (name, value, written) in enumerate(bars, start=1):
        y = top + row * ROW
        length = (WIDTH - LABEL - VALUE - MARGIN) * max(value, 0.0) / most
        colour = OTHERS if name.startswith(PEERS) or name in BASES else OURS
        lines += [
            _text(LABEL - 8, y + BAR - 2, name, anchor="end"),
            f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>',
            _text(LABEL + length + 6, y + BAR - 2, written),
        ]
    return lines


def _text(
    x: float, y: float, text: str, anchor: str = "start", weight: str = "normal", fill: str = "#222"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{fill}">'
        f"{escape(text)}</text>"
    )
