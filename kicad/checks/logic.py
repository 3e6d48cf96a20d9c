"""Rules for what cannot be simulated: microcontrollers, sensors, buses, crystals, buttons.

They need no model, only the pins' names in KiCad's symbols and the figures of the parts table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kicad.checks.circuit import PASSIVE_KINDS, Circuit, Component, Pin, Supplies
from kicad.checks.finding import check, quantity
from kicad.checks.polarity import nearest, standings
from kicad.checks.rails import net_range, supply_volts
from kicad.checks.support import to_ground
from kicad.shapes import Check

PIN_A = 0.010  # what a logic pin gives or takes where the parts table says nothing (Ipin)
LED_V = 1.6  # the least forward voltage of a visible LED (infrared ones are lower), where the table has no Vf
LIT_A = 0.3e-3  # below it is hard to see in a room
PULL_UP_OHM = (500.0, 100e3)  # of a bus; UM10204: 3 mA at 5 V is 1.7 kΩ, sensors sink more than that
BUS_MARGIN_V = 0.3  # what a pin bears above its part's own supply (the usual absolute maximum)
LOAD_F = (3e-12, 100e-12)  # at a crystal
_RESET = re.compile(r"n?(?:rst|reset|mclr|srst)[nb#]?\d?", re.IGNORECASE)
_LOW = re.compile(r"n(?:rst|reset|srst)|mclr|(?:rst|reset)[nb#]", re.IGNORECASE)
_BUS = re.compile(r"(?:i2c\d?|twi|smb)?(sda|scl)\d?", re.IGNORECASE)

_DRIVES = {"output", "tri_state", "bidirectional", "open_collector", "open_emitter"}


def check_logic(circuit: Circuit, supplies: Supplies) -> list[Check]:
    """Resets, buses, driven LEDs, crystals and contacts."""
    return [
        *_resets(circuit, supplies),
        *_buses(circuit, supplies),
        *_leds(circuit, supplies),
        *_crystals(circuit, supplies),
        *_contacts(circuit),
    ]


def _words(name: str) -> list[str]:
    return re.split(r"[^A-Za-z0-9#]+", name)


# ---------------------------------------------------------------------------- resets


def _resets(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """A reset pin of an integrated circuit is driven, or held at the level at which the part runs."""
    for part in circuit.of_kind("ic"):
        for pin in part.pins:
            named = [word for word in _words(pin.role) if _RESET.fullmatch(word)]
            if not named or pin.type not in {"input", "bidirectional", "passive"}:
                continue
            low = pin.barred or any(_LOW.fullmatch(word) for word in named)
            held = _held(pin, circuit, supplies) if pin.net else ""
            wanted = {"supply", "driven"} | (set() if low else {"ground"})
            yield check(
                "RESET_FLOATING",
                "intent",
                held in wanted,
                "reset pin is held at the level at which the part runs",
                place=pin.place,
                measured=f"net {pin.net}, towards {held or 'nothing'}" if pin.net else "in no net",
                required="a resistor to the supply" if low else "a resistor to the supply or to ground",
                cause="nothing keeps the part out of reset"
                if held != "ground"
                else "the part is kept in reset",
                fix=f"put e.g. 10k from {pin.place} to its supply",
            )


def _held(pin: Pin, circuit: Circuit, supplies: Supplies) -> str:
    """Where a pin's net leads through resistors: "supply", "ground", "driven" or ""."""

    def through(part: Component) -> bool:
        return part.kind in PASSIVE_KINDS

    for net in circuit.walk(pin.net, through, lambda net: supplies.is_supply(net) or net in supplies.ground):
        members = circuit.nets.get(net, [])
        if supplies.is_supply(net) or any(other.type == "power_out" for other in members):
            return "supply"
        if net not in supplies.ground and _feeds(net, circuit):
            return "supply"
        if any(
            other.type in _DRIVES and circuit.parts[other.ref].kind == "ic" and other.ref != pin.ref
            for other in members
        ):
            return "driven"
        if net in supplies.ground:
            return "ground"
    return ""


def _feeds(net: str, circuit: Circuit) -> bool:
    """Whether a net feeds a part: behind a diode or a switch it is still a supply."""
    return any(circuit.parts[pin.ref].supplied_by(pin) for pin in circuit.nets.get(net, []))


# ---------------------------------------------------------------------------- buses


def bus_nets(circuit: Circuit) -> dict[str, str]:
    """The nets of I²C buses that an IC is on, each with "SDA" or "SCL", by the names of its pins and net."""
    found: dict[str, str] = {}
    for name, members in circuit.nets.items():
        chips = [pin for pin in members if circuit.parts[pin.ref].kind == "ic"]
        words = [word for pin in chips for word in _words(pin.role)] + _words(name)
        kinds = {match[1].upper() for word in words if (match := _BUS.fullmatch(word))}
        if chips and len(kinds) == 1:
            found[name] = kinds.pop()
    return found


def _buses(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """Each line of a bus has a pull-up, to a supply that every part on it stands."""
    for net, line in sorted(bus_nets(circuit).items()):
        pulls = [
            (part, other)
            for part in circuit.of_kind("resistor")
            if net in part.nets() and PULL_UP_OHM[0] <= (part.value_si or 0.0) <= PULL_UP_OHM[1]
            for other in part.nets() - {net}
            if other not in supplies.ground
            and (net_range(other, circuit, supplies) is not None or _feeds(other, circuit))
        ]
        yield check(
            "BUS_NO_PULLUP",
            "intent",
            bool(pulls),
            "line of the bus has its pull-up",
            place=net,
            measured=", ".join(f"{part.ref} {part.value} to {to}" for part, to in pulls) or "none",
            required=f"{quantity(PULL_UP_OHM[0], 'Ω')} – {quantity(PULL_UP_OHM[1], 'Ω')} to a supply",
            cause=f"{line} is driven low only; nothing brings it high",
            fix=f"put e.g. 4.7k from {net} to the supply of the parts on it",
        )
        for part, to in pulls:
            yield from _bus_level(net, to, part, circuit, supplies)


def _bus_level(net: str, to: str, pull: Component, circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    bounds = net_range(to, circuit, supplies)
    for ref in sorted({pin.ref for pin in circuit.nets[net]}):
        chip = circuit.parts[ref]
        own = supply_volts(chip, circuit, supplies) if chip.kind == "ic" else None
        if bounds is None or own is None:
            continue
        yield check(
            "BUS_LEVEL",
            "intent",
            bounds[1] <= own + BUS_MARGIN_V,
            "bus is pulled up no higher than its parts stand",
            place=f"{net} at {ref}",
            measured=f"{pull.ref} to {bounds[1]:g} V",
            required=f"≤ {own + BUS_MARGIN_V:g} V ({ref}'s supply + {BUS_MARGIN_V:g} V)",
            cause=f"{ref}'s pin would be driven above its own supply",
            fix=f"pull {net} up to {ref}'s supply, or put a level shifter between",
        )


# ---------------------------------------------------------------------------- LEDs


def driven_leds(circuit: Circuit, supplies: Supplies) -> Iterator[tuple[Component, Pin, float, float, str]]:
    """LEDs that an integrated circuit's pin lights: (LED, pin, its volts, ampere, how that was found)."""
    known = standings(circuit, supplies)
    for led in circuit.of_kind("led"):
        anode, cathode = led.net("A"), led.net("K")
        if not anode or not cathode:
            continue
        high = nearest(circuit, known, anode, led, cathode)
        low = nearest(circuit, known, cathode, led, anode)
        if high is None or low is None:
            continue
        outputs = [end.net for end in (high, low) if end.standing.rank == 1]
        pin = next((found for net in outputs if (found := _driver(net, circuit))), None)
        if pin is None:
            continue
        own = supply_volts(circuit.parts[pin.ref], circuit, supplies) or supplies.highest
        top = supplies.bound(high.net) if high.standing.rank == 2 else own
        ohms = sum(part.value_si or 0.0 for part in [*high.way, *low.way] if part.kind == "resistor")
        forward = led.limits.get("Vf", LED_V)
        amps = (top - forward) / ohms if ohms > 0 else float("inf")
        yield led, pin, top, amps, f"({top:g} V - {forward:g} V) / {quantity(ohms, 'Ω')}"


def _driver(net: str, circuit: Circuit) -> Pin | None:
    pins = [pin for pin in circuit.nets.get(net, []) if circuit.parts[pin.ref].kind == "ic"]
    return next((pin for pin in pins if pin.type in _DRIVES), None)


def _leds(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """An LED at a logic pin takes what both of them bear, and enough to be seen."""
    for led, pin, _, amps, how in driven_leds(circuit, supplies):
        chip = circuit.parts[pin.ref]
        bears, gives = led.limits.get("Imax"), chip.limits.get("Ipin", PIN_A)
        most = min(gives, bears if bears is not None else gives)
        told = "parts table" if "Ipin" in chip.limits else "not in the parts table, taken"
        yield check(
            "LED_PIN_CURRENT",
            "intent",
            LIT_A <= amps <= most,
            "LED at a logic pin takes what both bear",
            place=f"{led.ref} at {pin.place}",
            measured=f"{quantity(amps, 'A')} = {how}",
            required=f"{quantity(LIT_A, 'A')} – {quantity(most, 'A')} (pin: {quantity(gives, 'A')}, {told})",
            cause="too much for the pin or the LED" if amps > most else "the LED is not seen to be lit",
            fix=f"change the resistor in series with {led.ref}: the current goes with 1/R",
        )


# ---------------------------------------------------------------------------- crystals and contacts


def _crystals(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """A crystal without capacitors of its own has one to ground at either end."""
    for part in circuit.of_kind("crystal"):
        if "Resonator" in part.symbol:
            continue
        ends = [pin for pin in part.pins if pin.role not in {"G", "GND"}]
        for pin in ends:
            found = to_ground(circuit, supplies, pin.net, *LOAD_F, "capacitor") if pin.net else []
            yield check(
                "CRYSTAL_CAPACITOR",
                "intent",
                bool(found),
                "crystal has its load capacitors",
                place=pin.place,
                measured=", ".join(f"{each.ref} {each.value}" for each in found) or "none",
                required=f"{quantity(LOAD_F[0], 'F')} – {quantity(LOAD_F[1], 'F')} to ground",
                cause="without its load the crystal swings beside its frequency, or not at all",
                fix=f"put e.g. 22p from {part.ref}'s pin {pin.number} to ground",
            )


def _contacts(circuit: Circuit) -> Iterator[Check]:
    """A button or a switch lies between two nets."""
    for part in circuit.of_kind("button", "switch"):
        nets = sorted(part.nets())
        open_ = [pin.place for pin in part.pins if not pin.net]
        yield check(
            "CONTACT_USELESS",
            "intent",
            len(nets) >= 2,
            "switch lies between two nets",
            place=part.ref,
            measured=" and ".join(nets) + (f"; open: {', '.join(open_)}" if open_ else ""),
            required="two nets",
            cause="both sides are on the same net" if not open_ else "one side leads nowhere",
            fix=f"connect {part.ref}'s sides to the two nets that it is to join",
        )
