"""Computes power parts: linear regulators and low-side switches, with their heat."""

# ruff: noqa: E501 - sentences for people stand in one line each
from __future__ import annotations

import math
from dataclasses import dataclass

from clients.catalog.sizing import Impossible, Supply, span_of
from clients.catalog.units import show
from kicad.parts import parts_table

AMBIENT_C = 25.0
JUNCTION_MOST_C = 110.0

# ------------------------------------------------------------------------------- linear regulator

DROPOUT_V = {"LM78": 2.0, "AMS1117": 1.3}  # TI SLVS056; Advanced Monolithic Systems
QUIESCENT_A = 0.005  # both kinds
OUTPUTS_V = {
    "LM78": (5.0, 6.0, 8.0, 9.0, 12.0, 15.0),
    "AMS1117": (1.8, 2.5, 3.3, 5.0),
}


@dataclass(frozen=True)
class Regulator:
    """A fixed regulator; `junction_C` is computed at the highest input and full load."""

    name: str  # "LM7805", "AMS1117-3.3"
    part: str
    c_in: str
    c_out: str
    dropout_V: float
    junction_C: float
    most_A: float  # that its package bears here


def _regulators(output_V: float) -> list[tuple[str, str, str]]:
    """(family, name, part) of every kind with this output."""
    found = []
    if output_V in OUTPUTS_V["LM78"]:
        found.append(("LM78", f"LM78{output_V:02.0f}", f"L78{output_V:02.0f}_TO220"))
    if output_V in OUTPUTS_V["AMS1117"]:
        found.append(("AMS1117", f"AMS1117-{output_V:.1f}", f"AMS1117-{output_V:.1f}"))
    return found


def heat(part: str, input_V: float, output_V: float, load_A: float) -> float:
    """Junction temperature in °C: Ta + θJA · ((Vin - Vout) · I + Vin · Iq), still air, no heat sink."""
    watts = (input_V - output_V) * load_A + input_V * QUIESCENT_A
    return AMBIENT_C + parts_table()[part].limits["theta_ja"] * watts


def most_load(part: str, input_V: float, output_V: float, spare_K: float = 5.0) -> float:
    """Amperes at which the junction is `spare_K` below its limit, or 90 % of the part's own limit."""
    limits = parts_table()[part].limits
    watts = (JUNCTION_MOST_C - spare_K - AMBIENT_C) / limits["theta_ja"] - input_V * QUIESCENT_A
    drop = max(0.05, input_V - output_V)
    return max(0.0, min(watts / drop, limits["Imax"] * 0.9))


def size_regulator(
    supply: Supply, output_V: float, load_A: float, wanted: str | None = None, avoid: tuple[str, ...] = ()
) -> Regulator:
    """The regulator for this supply and load; `wanted` is "LM78" or "AMS1117".  Raises Impossible."""
    kinds = _regulators(output_V)
    if not kinds:
        every = sorted({volts for each in OUTPUTS_V.values() for volts in each})
        offered = ", ".join(f"{volts:g}" for volts in every)
        near = min(every, key=lambda volts: abs(volts - output_V))
        raise Impossible(
            "output_V", f"Fixed regulators here give {offered} V; {output_V:g} V is none of them.", near
        )
    kinds = [kind for kind in kinds if kind[1] not in avoid] or kinds
    kinds = [kind for kind in kinds if kind[0] == wanted] or kinds
    least = min(output_V + DROPOUT_V[family] for family, _, _ in kinds)
    highest = max(parts_table()[part].limits["Vmax"] for _, _, part in kinds)
    if supply.low < least - 1e-9:
        raise Impossible(
            "input_V",
            f"A linear regulator can only lower a voltage: for {output_V:g} V out it needs at least "
            f"{least:g} V in, and {span_of(supply)} falls short.",
            math.ceil(output_V + 3.0),
        )
    if supply.high > highest:
        raise Impossible(
            "input_V",
            f"The regulators for {output_V:g} V bear at most {highest:g} V; {span_of(supply)} is too much.",
            12.0,
        )
    fitting = [
        kind
        for kind in kinds
        if supply.low >= output_V + DROPOUT_V[kind[0]] - 1e-9
        and supply.high <= parts_table()[kind[2]].limits["Vmax"]
    ]
    if not fitting:
        raise Impossible(
            "input_V", f"No regulator for {output_V:g} V takes the whole of {span_of(supply)}.", None
        )
    borne = {name: most_load(part, supply.high, output_V) for _, name, part in fitting}
    cool = [kind for kind in fitting if load_A <= most_load(kind[2], supply.high, output_V, 0.5)]
    if not cool:
        most = max(borne.values())
        if most < 0.01:
            raise Impossible(
                "input_V",
                f"From {supply.high:g} V to {output_V:g} V any useful current is too hot without a heat sink.",
                None,
            )
        rounded = _down(most)
        watts = (supply.high - output_V) * load_A
        limit = max(parts_table()[part].limits["Imax"] for _, _, part in fitting)
        why = (
            f"{show(load_A, 'A')} is more than the regulator's {limit:g} A"
            if load_A > limit
            else f"{show(load_A, 'A')} from {supply.high:g} V to {output_V:g} V turns {watts:.2g} W into heat, "
            "too much without a heat sink"
        )
        raise Impossible(
            "load_A", f"{why[0].upper()}{why[1:]}; at most {show(rounded, 'A')} is safe there.", rounded
        )
    family, name, part = cool[0]
    c_in, c_out = ("330n", "100n") if family == "LM78" else ("10u", "22u")
    return Regulator(
        name, part, c_in, c_out, DROPOUT_V[family], heat(part, supply.high, output_V, load_A), borne[name]
    )


def _down(amps: float) -> float:
    """A round current that is no greater: 0.2263 → 0.22, 0.087 → 0.085."""
    digit = 10.0 ** math.floor(math.log10(amps))
    return round(math.floor(amps / digit * 20 + 1e-9) / 20 * digit, 6)


# ------------------------------------------------------------------------------- low-side switch

# Largest Rds(on) in ohm by gate volts (data sheets AOS AO3400A rev 5; IR PD-91328F, and below its 4 V
# the largest threshold of 2 V leaves about 60 mΩ).
ON_OHM = {
    "AO3400A": ((2.5, 0.048), (4.5, 0.032), (10.0, 0.0265)),
    "IRLZ44N": ((3.2, 0.060), (4.0, 0.035), (5.0, 0.030), (10.0, 0.022)),
}
GATE_MOST_V = {"AO3400A": 10.0, "IRLZ44N": 14.0}
_MARGIN = 1.25  # of volts on transistors and diodes
_DIODES = ("SS14", "SS34", "M7")


@dataclass(frozen=True)
class Switch:
    """A MOSFET with its flyback diode; figures at full load."""

    mosfet: str
    diode: str
    on_ohm: float
    on_V: float
    junction_C: float


def on_resistance(mosfet: str, gate_V: float) -> float | None:
    """Ohm at this gate voltage: the next lower figure of the data sheet; None below all of them."""
    known = [ohm for volts, ohm in ON_OHM[mosfet] if gate_V >= volts - 1e-9]
    return known[-1] if known else None


def size_switch(supply: Supply, load_A: float, logic_V: float, avoid: tuple[str, ...] = ()) -> Switch:
    """MOSFET and diode for a load.  Raises Impossible."""
    if logic_V > max(GATE_MOST_V.values()):
        raise Impossible("logic_V", f"A gate takes at most 14 V here; {logic_V:g} V is too much.", 5.0)
    if logic_V < 2.5:
        raise Impossible(
            "logic_V",
            f"The MOSFETs here need at least 2.5 V on the gate; {logic_V:g} V does not turn them on.",
            3.3,
        )
    table = parts_table()
    if supply.high * _MARGIN > table["IRLZ44N"].limits["Vmax"] * 1.0001:
        raise Impossible(
            "load_V", f"This switch takes loads up to 44 V; {supply.high:g} V is too much.", 24.0
        )
    if load_A > 3.0:
        raise Impossible(
            "load_A", f"This switch takes loads up to 3 A; {show(load_A, 'A')} is too much.", 3.0
        )
    diodes = [
        name
        for name in _DIODES
        if supply.high * _MARGIN <= table[name].limits["Vmax"] * 1.0001
        and load_A <= table[name].limits["Imax"]
    ]
    if not diodes:
        raise Impossible(
            "load_A", f"Above 32 V this switch takes loads up to 1 A; {show(load_A, 'A')} is too much.", 1.0
        )
    for mosfet in ON_OHM:
        ohm = on_resistance(mosfet, logic_V)
        limits = table[mosfet].limits
        if ohm is None or mosfet in avoid or logic_V > GATE_MOST_V[mosfet]:
            continue
        if supply.high * _MARGIN > limits["Vmax"] * 1.0001 or load_A > 0.6 * limits["Imax"]:
            continue
        junction = AMBIENT_C + limits["theta_ja"] * load_A**2 * ohm * 1.4  # 1.4: hot against cold
        if load_A * ohm <= 0.18 and junction <= JUNCTION_MOST_C - 5:
            return Switch(mosfet, diodes[0], ohm, load_A * ohm, junction)
    raise Impossible(
        "logic_V",
        f"No MOSFET here switches {supply.high:g} V and {show(load_A, 'A')} with {logic_V:g} V on its gate.",
        5.0,
    )
