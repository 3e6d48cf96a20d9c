"""What a net within the board carries, found from the nearest net whose voltage is known."""

from __future__ import annotations

from kicad.checks.circuit import CONTACT_KINDS, DIODE_KINDS, Circuit, Component, Supplies

_DROP_V = 0.7  # of a diode on the way, at most, where it lowers what arrives
_SERIES_OHM = 100.0  # a resistor in a supply's way up to this is a filter's, beyond it a signal's


def net_range(net: str, circuit: Circuit, supplies: Supplies) -> tuple[float, float] | None:
    """Least and most volts of a supply's net, None where nobody says.

    A net behind a filter, a fuse, a diode or a switch has its supply's volts.
    """
    ways = circuit.walk(net, _passes, supplies.is_supply)
    found = [(len(way), name) for name, way in ways.items() if supplies.is_supply(name)]
    if not found:
        return None
    name = min(found)[1]
    drops = sum(part.kind in DIODE_KINDS for part in ways[name])
    most = supplies.bound(name)
    least = supplies.least.get(name) or most
    return max(0.0, least - drops * _DROP_V), most


def _passes(part: Component) -> bool:
    if part.kind == "resistor":
        return (part.value_si or 0.0) <= _SERIES_OHM
    return part.kind in {"inductor", "fuse", "pmos", *DIODE_KINDS, *CONTACT_KINDS}


def supply_volts(part: Component, circuit: Circuit, supplies: Supplies) -> float | None:
    """The most volts of the part's own supply; None where it has none that is known."""
    nets = {pin.net for pin in part.pins if pin.net and part.supplied_by(pin)} - supplies.ground
    known = [volts for net in nets if (volts := net_range(net, circuit, supplies)) is not None]
    return max((high for _, high in known), default=None)
