"""The requirement as short lines, as the user is shown it for approval."""

from __future__ import annotations

from clients.catalog.requirement import say
from clients.catalog.script import plugs_of
from clients.catalog.slots import SLOTS
from clients.catalog.units import show
from kicad.shapes import Measure, Port, Requirement


def _limit(measure: Measure) -> str:
    def side(value: float) -> str:
        return f"{value:g} °C" if measure["unit"] == "°C" else show(value, measure["unit"])

    low, high = measure["min"], measure["max"]
    if low is None:
        return f"at most {side(high or 0.0)}"
    return f"{side(low)} to {side(high)}" if high is not None else f"at least {side(low)}"


_CHECKED = {
    "led_current_A": "LED current",
    "led_period_s": "period",
    "cutoff_Hz": "-3 dB frequency",
    "output_V": "output voltage",
    "on_voltage_V": "voltage across the closed switch",
    "off_current_A": "current of the open switch",
    "junction_C": "hottest junction",
}


_ROLES = {
    "supply_in": "supply in",
    "supply_out": "supply out",
    "ground": "ground",
    "signal_in": "signal in",
    "signal_out": "signal out",
    "signal": "signal",
    "load": "load",
}


def summary(requirement: Requirement) -> str:
    """The requirement as short lines."""
    size = requirement["size_mm"]
    lines = [requirement["title"]]
    lines.append(f"  board: at most {size[0]:g} x {size[1]:g} mm" if size else "  board: as small as it gets")
    custom = requirement["family"] == "custom"
    lines += _of_any_board(requirement) if custom else _of_family(requirement)
    lines += [f"  checked: {_checked(each, custom)}" for each in requirement["measures"]]
    lines += [f"  assumed: {each}" for each in requirement["assumptions"]]
    lines += [f"  not used: {each}" for each in requirement["unused"]]
    return "\n".join(lines)


def _connector(requirement: Requirement) -> str:
    return "screw terminal" if requirement["connector"] == "screw" else "pin header"


def _of_family(requirement: Requirement) -> list[str]:
    plugs = "; ".join("-".join(plug[0]) for plug in plugs_of(requirement))
    lines = [f"  connectors ({_connector(requirement)}): {plugs}"]
    values = requirement["values"]
    if "colour" in values:
        lines.append(f"  LED: {values['colour']}")
    for slot in ("resistor_ohm", "capacitor_F", "duty", "led_current_A"):
        if slot in values and slot in SLOTS[requirement["family"]]:
            lines.append(
                f"  {slot.rpartition('_')[0].replace('_', ' ') or slot}: {say(slot, float(values[slot]))}"
            )
    return lines


def _of_any_board(requirement: Requirement) -> list[str]:
    """Ports with their roles, and the parts that the user named."""
    lines = [f"  port ({_connector(requirement)}): {_port(port)}" for port in requirement["ports"]]
    parts = requirement.get("parts", [])
    if parts:
        named = "; ".join(f"{part['quantity']} x {part['what']}" for part in parts)
        lines.append(f"  parts asked for: {named}")
    if not requirement["measures"]:
        lines.append("  checked: the rules on netlist, copper and files; nothing is simulated")
    return lines


def _port(port: Port) -> str:
    """ "VCC, supply in, 4.5 V to 5.5 V, at most 100 mA"."""
    words = [port["name"], _ROLES[port["role"]]]
    low, nominal, high = (port.get(f"volts_{which}") for which in ("min", "nom", "max"))
    if low is not None and high is not None and low != high:
        words.append(f"{show(float(str(low)), 'V')} to {show(float(str(high)), 'V')}")
    elif nominal is not None:
        words.append(show(float(str(nominal)), "V"))
    elif high is not None:
        words.append(f"at most {show(float(str(high)), 'V')}")
    if "current_A" in port:
        words.append(f"at most {show(port['current_A'], 'A')}")
    return ", ".join(words)


def _checked(measure: Measure, custom: bool) -> str:
    """ "-3 dB frequency 900 Hz to 1.1 kHz"; on a board of no family also where, and which side passes."""
    name = _CHECKED[measure["what"]]
    if custom and "port" in measure:
        name += f" at {measure['port']}"
    if custom and "kind" in measure:
        name += f" ({measure['kind']})"
    return f"{name} {_limit(measure)}"
