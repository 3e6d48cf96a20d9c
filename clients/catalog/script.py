"""Writes the designer's Python file from a requirement, and mends it by the errors of the last attempt."""

# ruff: noqa: E501 - lines of the script stand in one line each
from __future__ import annotations

import itertools
import json
import keyword
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from clients.catalog import power, sizing
from clients.catalog.eseries import format_value
from clients.catalog.quantities import find_quantities
from clients.catalog.requirement import number_in, supply_of
from clients.catalog.text import clean
from clients.catalog.units import show
from kicad.shapes import Requirement

WIDE_FROM_A = 0.15  # nets that carry this much get a net class


class GaveUp(Exception):
    """No rule of the catalog mends what was reported; the message says why."""


@dataclass(frozen=True)
class Script:
    """A design script and what there is to say about it."""

    script: str
    notes: list[str]


@dataclass(frozen=True)
class Tuning:
    """What earlier attempts taught; a script carries its own in a comment, since no agent keeps state."""

    period: float = 1.0
    led: float = 1.0
    cutoff: float = 1.0
    package: str = ""
    avoid: tuple[str, ...] = ()
    holes: bool = True


@dataclass
class _Draft:
    """A script in the making: comments, blocks, and which pins of which block each port joins."""

    lines: list[str] = field(default_factory=list)
    ends: dict[str, list[str]] = field(default_factory=dict)  # port → ends besides its connectors
    after: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write_script(
    requirement: Requirement,
    errors: Sequence[Mapping[str, Any]] = (),
    attempt: int = 1,
    last_script: str | None = None,
) -> Script:
    """The script for a requirement.  `errors` are the findings about `last_script` (code, measured, …).

    Raises GaveUp when nothing is left to change, Impossible when the requirement cannot be met.
    """
    before = _tuning_of(last_script)
    tuning, notes = mend(requirement, errors, before)
    draft = _FAMILY[requirement["family"]](requirement, tuning)
    text = _compose(requirement, draft, tuning)
    if last_script is not None and errors and text == last_script:
        codes = ", ".join(dict.fromkeys(str(error.get("code", "?")) for error in errors))
        raise GaveUp(f"After attempt {attempt - 1} the catalog has no other design to offer against {codes}.")
    return Script(text, [*notes, *draft.notes])


# ------------------------------------------------------------------------------- mending

_TIGHT = {"BOARD_TOO_SMALL", "UNROUTABLE", "UNPLACEABLE", "NO_ROOM", "PLACEMENT_FAILED"}


def mend(
    requirement: Requirement, errors: Sequence[Mapping[str, Any]], tuning: Tuning
) -> tuple[Tuning, list[str]]:
    """The tuning for the next attempt and what was changed, in words."""
    notes: list[str] = []
    for error in errors:
        code = str(error.get("code", ""))
        if code in _TIGHT:
            tuning = _smaller(requirement, tuning, notes)
        elif "PERIOD" in code and not any(char.isdigit() for char in str(error.get("measured", ""))):
            tuning = _other_capacitor(requirement, tuning, notes)
        elif "PERIOD" in code:
            tuning = replace(
                tuning, period=_rescaled(requirement, error, "led_period_s", "time", tuning.period)
            )
            notes.append(
                f"The period was {error.get('measured')}; the timing parts aim {tuning.period:.3g} times as long."
            )
        elif "LED_CURRENT" in code or code == "LED_OVERLOAD":
            tuning = replace(
                tuning, led=_rescaled(requirement, error, "led_current_A", "current", tuning.led)
            )
            notes.append(
                f"The LED's current was {error.get('measured')}; the resistor aims {tuning.led:.3g} times as high."
            )
        elif "CUTOFF" in code:
            tuning = replace(
                tuning, cutoff=_rescaled(requirement, error, "cutoff_Hz", "frequency", tuning.cutoff)
            )
            notes.append(
                f"The cutoff was {error.get('measured')}; R and C aim {tuning.cutoff:.3g} times as high."
            )
        elif code.startswith("JUNCTION") or code == "ON_VOLTAGE":
            part = _power_part(requirement, tuning)
            if part and part not in tuning.avoid:
                tuning = replace(tuning, avoid=(*tuning.avoid, part))
                notes.append(f"{part} was not good enough ({error.get('measured')}); another part is tried.")
    return tuning, notes


def _smaller(requirement: Requirement, tuning: Tuning, notes: list[str]) -> Tuning:
    if requirement["family"] == "astable_555" and tuning.package != "soic":
        notes.append("The board is too tight: the 555 becomes an SOIC.")
        return replace(tuning, package="soic")
    if tuning.holes and "holes" in requirement["values"]:
        notes.append("The board is too tight: the mounting holes are left out.")
        return replace(tuning, holes=False)
    return tuning


def _timing(requirement: Requirement, tuning: Tuning) -> sizing.Astable:
    values = requirement["values"]
    rate, duty = float(values["frequency_Hz"]), number_in(values, "duty")
    return sizing.size_astable(supply_of(values, "supply"), rate, duty, tuning.period, tuning.avoid)


def _other_capacitor(requirement: Requirement, tuning: Tuning, notes: list[str]) -> Tuning:
    """Where no period could be measured at all, other timing parts are worth a try."""
    ct = format_value(_timing(requirement, tuning).ct)
    notes.append(f"No period could be measured with C = {ct}; another capacitor is tried.")
    return replace(tuning, avoid=(*tuning.avoid, ct))


def _rescaled(
    requirement: Requirement, error: Mapping[str, Any], what: str, kind: str, scale: float
) -> float:
    """The last aim, corrected by how far the measured value was from the middle of the limits."""
    wanted = [measure for measure in requirement["measures"] if measure["what"] == what]
    measured = [each for each in find_quantities(clean(str(error.get("measured", "")))) if each.kind == kind]
    if not wanted or not measured or measured[0].value <= 0:
        return scale
    low, high = wanted[0]["min"], wanted[0]["max"]
    middle = ((low or 0.0) + (high or 0.0)) / 2
    return min(4.0, max(0.25, float(f"{scale * middle / measured[0].value:.4g}")))


def _power_part(requirement: Requirement, tuning: Tuning) -> str | None:
    if requirement["family"] == "linear_regulator":
        return _chosen_regulator(requirement, tuning).name
    return _chosen_switch(requirement, tuning).mosfet if requirement["family"] == "lowside_switch" else None


_TUNING = re.compile(r"^# tuning: (\{.{0,400}\})$", re.MULTILINE)


def _tuning_of(script: str | None) -> Tuning:
    """The tuning that a script of ours carries; the plain one where it carries none that makes sense."""
    match = _TUNING.search(script or "")
    if match is None:
        return Tuning()
    try:
        said = json.loads(match[1])
        scales = {
            name: min(4.0, max(0.25, float(said.get(name, 1.0)))) for name in ("period", "led", "cutoff")
        }
        package = "soic" if said.get("package") == "soic" else ""
        avoid = tuple(str(name) for name in said.get("avoid", []))
        return Tuning(**scales, package=package, avoid=avoid, holes=bool(said.get("holes", True)))
    except (ValueError, TypeError, AttributeError):
        return Tuning()


# ------------------------------------------------------------------------------- families


def _led(requirement: Requirement, tuning: Tuning) -> _Draft:
    values = requirement["values"]
    supply, colour, count = (
        supply_of(values, "supply"),
        str(values["colour"]),
        int(float(values.get("count", 1))),
    )
    led = sizing.size_led(
        supply,
        colour,
        number_in(values, "led_current_A"),
        given_ohm=number_in(values, "resistor_ohm"),
        scale=tuning.led,
    )
    draft = _Draft(ends={"VCC": [], "GND": []})
    forward = sizing.FORWARD[colour][0]
    draft.lines += [
        f"# LED: I = (V - Vf) / R = ({supply.nominal:g} V - {forward:g} V) / {format_value(led.ohm * led.count)} = "
        f"{show(led.current_A, 'A')}; Vf of a {colour} LED",
        f"# moves a little with its current.  Each resistor dissipates at most {show(led.power_W, 'W')}.",
    ]
    for place in range(1, count + 1):
        name = "LED_A" if count == 1 else f"LED{place}_A"
        if led.part == "R_0805" and led.count == 1:
            draft.lines.append(
                f'led{place} = block("led_indicator", resistor="{led.value}", colour="{colour}")'
            )
            draft.after.append(f'net("{name}", "D{place}.A")')
            draft.ends["VCC"].append(f'led{place}["VCC"]')
            draft.ends["GND"].append(f'led{place}["GND"]')
        else:
            _chain(draft, led, colour, place, name)
    return draft


def _chain(draft: _Draft, led: sizing.LedResistor, colour: str, place: int, name: str) -> None:
    """Larger resistors in series, where one of the block's would get too hot."""
    chain = [f"r{(place - 1) * led.count + step}" for step in range(1, led.count + 1)]
    for part in chain:
        draft.lines.append(f'{part} = part("{part.upper()}", "{led.part}", "{led.value}")')
    draft.lines.append(f'd{place} = part("D{place}", "LED_0805_{colour.upper()}", "{colour}")')
    for one, other in itertools.pairwise(chain):
        draft.after.append(f'connect({one}["2"], {other}["1"])')
    draft.after.append(f'net("{name}", {chain[-1]}["2"], d{place}["A"])')
    draft.ends["VCC"].append(f'{chain[0]}["1"]')
    draft.ends["GND"].append(f'd{place}["K"]')


def _astable(requirement: Requirement, tuning: Tuning) -> _Draft:
    values = requirement["values"]
    supply, colour = supply_of(values, "supply"), str(values["colour"])
    timing = _timing(requirement, tuning)
    led = sizing.size_led(
        supply,
        colour,
        number_in(values, "led_current_A"),
        drop_V=sizing.TIMER_DROP_V,
        scale=tuning.led,
        one_piece=True,
    )
    package = tuning.package or str(values.get("package") or "") or _timer_package(requirement)
    ra, rb, ct = (format_value(value) for value in (timing.ra, timing.rb, timing.ct))
    draft = _Draft(ends={"VCC": ['blinker["VCC"]'], "GND": ['blinker["GND"]'], "OUT": ['blinker["OUT"]']})
    draft.lines += [
        f"# Period: ln 2 · (RA + 2 RB) · C = 0.693 · ({ra} + 2 · {rb}) · {ct} = {show(timing.period_s, 's')}"
        f" ({show(1 / timing.period_s, 'Hz')})",
        f"# Lit for (RA + RB) / (RA + 2 RB) = {timing.duty * 100:.0f} % of it.",
        f"# LED: the output is about {sizing.TIMER_DROP_V:g} V below the supply, so I = ({supply.nominal:g} V - "
        f"{sizing.TIMER_DROP_V:g} V - {sizing.FORWARD[colour][0]:g} V) / {led.value} = {show(led.current_A, 'A')}",
        f'blinker = block("astable_555", ra="{ra}", rb="{rb}", ct="{ct}", led_resistor="{led.value}",',
        f'                colour="{colour}", package="{package}")',
    ]
    draft.after.append('net("LED_A", "D1.A")')
    return draft


_DIP_NEEDS_MM2 = 550.0  # with its connector, timing capacitor and room for tracks


def _timer_package(requirement: Requirement) -> str:
    size = requirement["size_mm"]
    extra = 120.0 if requirement["connector"] == "screw" else 0.0
    extra += 100.0 if "holes" in requirement["values"] else 0.0
    small = size is not None and (size[0] * size[1] < _DIP_NEEDS_MM2 + extra or min(size) < 15)
    return "soic" if small else "dip"


def _filter(requirement: Requirement, tuning: Tuning) -> _Draft:
    values = requirement["values"]
    given_r, given_c = number_in(values, "resistor_ohm"), number_in(values, "capacitor_F")
    made = sizing.size_filter(float(values["cutoff_Hz"]), given_r, given_c, tuning.cutoff)
    r, c = format_value(made.r), format_value(made.c)
    return _Draft(
        lines=[
            f"# Cutoff: 1 / (2 π R C) = 1 / (6.283 · {r} · {c}) = {show(made.cutoff_Hz, 'Hz')}",
            f'filter = block("{requirement["family"]}", r="{r}", c="{c}")',
        ],
        ends={port: [f'filter["{port}"]'] for port in ("IN", "OUT", "GND")},
    )


def _chosen_regulator(requirement: Requirement, tuning: Tuning) -> power.Regulator:
    values = requirement["values"]
    wanted = values.get("regulator")
    return power.size_regulator(
        supply_of(values, "input"),
        float(values["output_V"]),
        float(values["load_A"]),
        str(wanted) if wanted else None,
        tuning.avoid,
    )


def _regulator(requirement: Requirement, tuning: Tuning) -> _Draft:
    values = requirement["values"]
    chosen = _chosen_regulator(requirement, tuning)
    supply, output, load = supply_of(values, "input"), float(values["output_V"]), float(values["load_A"])
    watts = (supply.high - output) * load + supply.high * power.QUIESCENT_A
    return _Draft(
        lines=[
            f"# Dropout: {chosen.name} needs {output:g} V + {chosen.dropout_V:g} V = {output + chosen.dropout_V:g} V; "
            f"there are at least {supply.low:g} V.",
            f"# Heat: (Vin - Vout) · I + Vin · Iq = ({supply.high:g} V - {output:g} V) · {show(load, 'A')} + "
            f"{supply.high:g} V · 5 mA = {watts:.2f} W: {chosen.junction_C:.0f} °C at 25 °C around it.",
            f'regulator = block("linear_regulator", regulator="{chosen.name}", c_in="{chosen.c_in}", c_out="{chosen.c_out}")',
        ],
        ends={port: [f'regulator["{port}"]'] for port in ("VIN", "VOUT", "GND")},
    )


def _chosen_switch(requirement: Requirement, tuning: Tuning) -> power.Switch:
    values = requirement["values"]
    supply, load, logic = supply_of(values, "load"), float(values["load_A"]), float(values["logic_V"])
    wanted = values.get("mosfet")
    if wanted and wanted not in tuning.avoid:
        others = tuple(name for name in power.ON_OHM if name != wanted)
        try:
            return power.size_switch(supply, load, logic, (*tuning.avoid, *others))
        except sizing.Impossible:
            pass  # the one that was named does not fit; any that does is taken
    return power.size_switch(supply, load, logic, tuning.avoid)


def _switch(requirement: Requirement, tuning: Tuning) -> _Draft:
    chosen = _chosen_switch(requirement, tuning)
    load = float(requirement["values"]["load_A"])
    return _Draft(
        lines=[
            f"# On: V = I · Rds(on) = {show(load, 'A')} · {show(chosen.on_ohm, 'Ω')} = {show(chosen.on_V, 'V')}; "
            f"hot, {chosen.junction_C:.0f} °C in the junction.",
            "# The 100k keeps the gate down while nobody drives it; the diode carries on the current of a coil.",
            f'switch = block("lowside_switch", mosfet="{chosen.mosfet}", gate_resistor="100", pulldown="100k", '
            f'diode="{chosen.diode}")',
        ],
        ends={port: [f'switch["{port}"]'] for port in ("VLOAD", "LOAD", "IN", "GND")},
    )


_FAMILY = {
    "led_indicator": _led,
    "astable_555": _astable,
    "rc_lowpass": _filter,
    "rc_highpass": _filter,
    "linear_regulator": _regulator,
    "lowside_switch": _switch,
}

# ------------------------------------------------------------------------------- the text

# Connectors by family: their ports in the order of the pins, the side of the board, what they are for.
_Plug = tuple[tuple[str, ...], str, str]
_PLUGS: dict[str, tuple[_Plug, ...]] = {
    "led_indicator": ((("VCC", "GND"), "left", "supply"),),
    "astable_555": ((("VCC", "GND"), "left", "supply"),),
    "rc_lowpass": ((("IN", "GND"), "left", "input"), (("OUT", "GND"), "right", "output")),
    "rc_highpass": ((("IN", "GND"), "left", "input"), (("OUT", "GND"), "right", "output")),
    "linear_regulator": ((("VIN", "GND"), "left", "input"), (("VOUT", "GND"), "right", "output")),
    "lowside_switch": (
        (("VLOAD", "GND"), "left", "supply"),
        (("VLOAD", "LOAD"), "right", "load"),
        (("IN", "GND"), "any", "logic"),
    ),
}


def plugs_of(requirement: Requirement) -> tuple[_Plug, ...]:
    """The connectors that the board gets; a stated number of pins joins the ports into one connector."""
    family = requirement["family"]
    plugs = _PLUGS[family]
    if requirement["values"].get("out"):
        return ((("VCC", "GND", "OUT"), "left", "supply and output"),)
    pins = int(float(requirement["values"].get("pins", 0)))
    ports = tuple(dict.fromkeys(port for plug in plugs for port in plug[0]))
    if len(plugs) > 1 and pins == len(ports):
        order = sorted(ports, key=("VLOAD", "LOAD", "IN", "VIN", "GND", "OUT", "VOUT").index)
        return ((tuple(order), "left", "all ports"),)
    if len(plugs) == 2 and pins == 4:
        return ((tuple(port for plug in plugs for port in plug[0]), "left", "all ports"),)
    return plugs


def _key(requirement: Requirement, plug: _Plug) -> str:
    """The part of a connector; a logic input is a header even beside screw terminals, unless asked for."""
    pins = len(plug[0])
    assumed = any(each.startswith("Connectors:") for each in requirement["assumptions"])
    screw = requirement["connector"] == "screw" and pins <= 4 and not (plug[2] == "logic" and assumed)
    return f"SCREW_{pins}" if screw else f"HDR_1x{pins:02d}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(clean(text), 98, initial_indent="# ", subsequent_indent="#   ")


def _compose(requirement: Requirement, draft: _Draft, tuning: Tuning) -> str:
    lines = [*_comment(requirement["title"]), "#", *_comment(f"Asked for: {requirement['brief'][:1000]}")]
    for said in requirement["assumptions"]:
        lines += _comment(f"- {said}")
    if tuning != Tuning():
        lines.append(f"# tuning: {json.dumps(asdict(tuning))}")
    lines += ["", "from boardkit import *", "", *draft.lines, ""]
    plugs = plugs_of(requirement)
    ends: dict[str, list[str]] = {}
    for place, plug in enumerate(plugs, 1):
        lines.append(f'j{place} = part("J{place}", "{_key(requirement, plug)}", "{plug[2]}")')
        for pin, port in enumerate(plug[0], 1):
            ends.setdefault(port, []).append(f'j{place}["{pin}"]')
    lines.append("")
    ports = {port["name"]: port for port in requirement["ports"]}
    names = list(dict.fromkeys([*ports, *draft.ends]))
    for name in names:
        declared = ports.get(name)  # None for a net that only the board has
        supply = declared is not None and declared["role"] == "supply_in"
        rating = f", volts={declared.get('volts_nom', 0.0):g}" if declared and supply else ""
        joined = ", ".join([*ends.get(name, []), *draft.ends.get(name, [])])
        variable = name.lower() + "_" * keyword.iskeyword(name.lower())
        lines.append(
            f'{variable} = net("{name}", {joined}{rating})' if name in ports else f'net("{name}", {joined})'
        )
    lines += [*draft.after, ""]
    lines += _widths(requirement)
    for place, plug in enumerate(plugs, 1):
        lines.append(f'edge(j{place}, "{plug[1]}")')
        lines += [f'label("{port}", j{place}["{pin}"])' for pin, port in enumerate(plug[0], 1)]
    if "holes" in requirement["values"] and tuning.holes:
        corners = ("top_left", "top_right", "bottom_left", "bottom_right")
        lines += ["", *(f'hole(3.2, "{corner}")' for corner in corners)]
    return "\n".join(lines) + "\n"


def _widths(requirement: Requirement) -> list[str]:
    """Wide tracks for the nets that carry the load's current, ground included."""
    loaded = [port for port in requirement["ports"] if port.get("current_A", 0.0) >= WIDE_FROM_A]
    if not loaded:
        return []
    most = max(port.get("current_A", 0.0) for port in loaded)
    nets = ", ".join([*(port["name"].lower() for port in loaded), "gnd"])
    return [f'netclass({nets}, current_A={most:g}, name="power")', ""]
