"""The test bench around a board: sources at its ports, loads, and three analyses.

Operating point, transient and small-signal; each returns readings that passed the guards of
`kicad.checks.ngspice`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kicad.checks import ngspice
from kicad.checks.deck import Deck
from kicad.checks.ngspice import SimulationError
from kicad.shapes import Port, Requirement

Corner = Literal["min", "nom", "max"]
LIT_A = 0.3e-3  # an LED counts as lit from here on; below it is hard to see in a room


@dataclass(frozen=True)
class Stimulus:
    """What is applied to the ports: a corner of the supplies, a logic level, a load."""

    corner: Corner = "nom"
    logic_V: float = 0.0
    load_A: float = 0.0


@dataclass
class Readings:
    """What one analysis found, in SI units; a transient has no `nodes` and no `currents`."""

    nodes: dict[str, float] = field(default_factory=dict)
    powers: dict[str, float] = field(default_factory=dict)
    leds: dict[str, float] = field(default_factory=dict)  # current while lit
    currents: dict[str, float] = field(default_factory=dict)  # out of the source at a port
    periods: dict[str, float] = field(default_factory=dict)  # of an LED's current


def volts(port: Port, corner: Corner) -> float:
    """The port's voltage at a corner; what is not stated is the nominal value."""
    nominal = port.get("volts_nom", port.get("volts_max", port.get("volts_min", 0.0)))
    if corner == "min":
        return port.get("volts_min", nominal)
    return port.get("volts_max", nominal) if corner == "max" else nominal


class Bench:
    """Sources and loads by the requirement's ports around a deck."""

    def __init__(self, requirement: Requirement, deck: Deck, workdir: Path):
        self.ports = requirement["ports"]
        self.deck = deck
        self.workdir = workdir
        self._runs = 0
        self._cache: dict[tuple[object, ...], Readings] = {}

    def _port(self, *roles: str) -> list[Port]:
        return [port for port in self.ports if port["role"] in roles]

    def _source(self, port: Port) -> str:
        return f"V_port_{self.deck.node(port['name'])}"

    def _stimulus(self, at: Stimulus, ac: str | None = None) -> Iterator[str]:
        for port in self._port("supply_in"):
            yield f"{self._source(port)} {self.deck.node(port['name'])} 0 DC {volts(port, at.corner):g}"
        for port in self._port("signal_in"):
            small = " AC 1" if port["name"] == ac else ""
            yield f"{self._source(port)} {self.deck.node(port['name'])} 0 DC {at.logic_V:g}{small}"
        if at.load_A:
            for port in self._port("supply_out"):  # a current that fades away with the voltage
                node = self.deck.node(port["name"])
                yield f"B_load_{node} {node} 0 I={at.load_A:g}*tanh(10*v({node}))"
            yield from self._switched_load(at)

    def _switched_load(self, at: Stimulus) -> Iterator[str]:
        supply = max(self._port("supply_in"), key=lambda port: volts(port, at.corner), default=None)
        for port in self._port("load"):
            if supply is not None:
                ohm = volts(supply, at.corner) / at.load_A
                one, other = self.deck.node(supply["name"]), self.deck.node(port["name"])
                yield f"R_load_{other} {one} {other} {ohm:g}"

    def _rails(self, at: Stimulus) -> tuple[float, float]:
        levels = [volts(port, at.corner) for port in self._port("supply_in")] + [at.logic_V, 0.0]
        return min(levels), max(levels)

    def _twice(
        self, lines: list[str], variants: tuple[str, str], quantities: dict[str, str], analysis: str
    ) -> tuple[dict[str, float], dict[str, float]]:
        """The readings of a coarse and a fine run."""
        self._runs += 1
        coarse, fine = (
            ngspice.measure(
                "\n".join([*self.deck.lines, *lines, variant]),
                quantities,
                analysis,
                self.workdir,
                f"{analysis}{self._runs}{letter}",
            )
            for letter, variant in zip("ab", variants, strict=True)
        )
        return coarse, fine

    def _inside(self, nodes: dict[str, float], at: Stimulus) -> None:
        if not self.deck.inductive:
            ngspice.inside_rails(nodes, *self._rails(at))

    def _live_nets(self) -> dict[str, str]:
        return {net: node for net, node in self.deck.nodes.items() if node != "0"}

    def point(self, at: Stimulus) -> Readings:
        """The operating point.  Raises SimulationError."""
        key = ("point", *self._stimulus(at))
        if key not in self._cache:
            self._cache[key] = self._point(at)
        return self._cache[key]

    def _point(self, at: Stimulus) -> Readings:
        # A sweep of a source that drives nothing: .meas has no operating point of its own.
        lines = [*self._stimulus(at), "V_sweep sweep 0 0", ".dc V_sweep 0 1 1"]
        quantities = {f"net {net}": f"FIND v({node}) AT=0" for net, node in self._live_nets().items()}
        quantities |= {f"power {ref}": f"FIND v({node}) AT=0" for ref, node in self.deck.powers.items()}
        quantities |= {f"led {ref}": f"FIND i({vector}) AT=0" for ref, vector in self.deck.leds.items()}
        for port in self._port("supply_in", "signal_in"):
            quantities[f"source {port['name']}"] = f"FIND i({self._source(port)}) AT=0"
        tolerances = (".options reltol=1e-3", ".options reltol=1e-5")
        found = ngspice.agreed(*self._twice(lines, tolerances, quantities, "dc"))
        readings = _sorted(found)
        readings.currents = {name: -amps for name, amps in readings.currents.items()}
        self._inside(readings.nodes, at)
        return readings

    def wave(self, at: Stimulus, stop_s: float, step_s: float) -> Readings:
        """A transient from power-on to `stop_s`; averages are over its last two thirds.

        Raises SimulationError, also when an LED's current is not periodic within 2 %.
        """
        key = ("wave", stop_s, step_s, *self._stimulus(at))
        if key not in self._cache:
            self._cache[key] = self._wave(at, stop_s, step_s)
        return self._cache[key]

    def _wave(self, at: Stimulus, stop_s: float, step_s: float) -> Readings:
        lines = [*self._stimulus(at)]
        settled = f"from={stop_s / 3:.6g} to={stop_s:.6g}"
        quantities: dict[str, str] = {}
        for net, node in self._live_nets().items():
            quantities |= {
                f"net {net} low": f"MIN v({node}) {settled}",
                f"net {net} high": f"MAX v({node}) {settled}",
            }
        quantities |= {f"power {ref}": f"AVG v({node}) {settled}" for ref, node in self.deck.powers.items()}
        for ref, vector in self.deck.leds.items():
            name = self.deck.names[ref]
            lines.append(f"B_lit_{name} lit_{name} 0 V=i({vector})>{LIT_A:g} ? 1 : 0")
            lines.append(f"B_amps_{name} amps_{name} 0 V=i({vector})>{LIT_A:g} ? i({vector}) : 0")
            quantities[f"lit {ref}"] = f"AVG v(lit_{name}) {settled}"
            quantities[f"amps {ref}"] = f"AVG v(amps_{name}) {settled}"
            for count in (2, 3):
                edges = f"i({vector}) VAL={LIT_A:g} RISE"
                quantities[f"period{count} {ref}"] = f"TRIG {edges}={count} TARG {edges}={count + 1}"
        coarse, fine = (f".tran {step:.6g} {stop_s:.6g} 0 {step:.6g} uic" for step in (step_s, step_s / 3))
        both = self._twice(lines, (coarse, fine), quantities, "tran")
        for (
            run
        ) in both:  # a net's extreme may hang on a single point: held to the rails, not to the other run
            self._inside({key: volts for key, volts in run.items() if key.startswith("net ")}, at)
        found = ngspice.agreed(*({k: v for k, v in run.items() if not k.startswith("net ")} for run in both))
        readings = _sorted({key: value for key, value in found.items() if key.startswith("power ")})
        for ref in self.deck.leds:
            lit = found.get(f"lit {ref}", 0.0)
            readings.leds[ref] = found.get(f"amps {ref}", 0.0) / lit if lit > 0 else 0.0
            one, other = found.get(f"period2 {ref}"), found.get(f"period3 {ref}")
            if one is not None and other is not None:
                if abs(one - other) > ngspice.AGREEMENT * max(one, other):
                    raise SimulationError(f"{ref}'s current is not periodic: {one:.4g} s, then {other:.4g} s")
                readings.periods[ref] = other
        return readings

    def cutoff(
        self, source: str, port: str, kind: Literal["lowpass", "highpass"], around_hz: float
    ) -> float | None:
        """The frequency at which the gain is 3.01 dB below its largest value; None if it never is.

        Looks three decades to both sides of `around_hz`; -3.01 dB is half the power.
        """
        lines = [*self._stimulus(Stimulus(), ac=source)]
        out = f"vdb({self.deck.node(port)})"
        sweep = f"{around_hz / 1e3:.6g} {around_hz * 1e3:.6g}"
        variants = (f".ac dec 60 {sweep}", f".ac dec 200 {sweep}")
        top = ngspice.agreed(*self._twice(lines, variants, {"top": f"MAX {out}"}, "ac"))["top"]
        side = "FALL=1" if kind == "lowpass" else "RISE=1"
        try:
            crossing = {"cutoff": f"WHEN {out}={top - 3.0103:.6f} {side}"}
            found = ngspice.agreed(*self._twice(lines, variants, crossing, "ac"))
        except SimulationError:
            return None
        return found.get("cutoff")


def _sorted(found: dict[str, float]) -> Readings:
    """Readings by their key's first word."""
    readings = Readings()
    shelves = {
        "net": readings.nodes,
        "power": readings.powers,
        "led": readings.leds,
        "source": readings.currents,
    }
    for key, value in found.items():
        shelf, _, name = key.partition(" ")
        shelves[shelf][name] = value
    return readings
