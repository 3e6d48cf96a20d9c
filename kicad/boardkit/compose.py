"""What meets on a net: supplies, grounds and signals of blocks, held against each other."""

from __future__ import annotations

from kicad.boardkit.circuit import Circuit, Port
from kicad.shapes import PinRef


def check_ports(circuit: Circuit, nets: dict[str, list[PinRef]]) -> None:
    """Note a fault for every net on which the ports' types do not go together.

    A supply must lie within what each taker allows, two sources must not meet, and ground meets ground only.
    """
    net_of = {pad: name for name, pads in nets.items() for pad in pads}
    meeting: dict[str, list[Port]] = {}
    for port in circuit.ports:
        pads = circuit.pads(port)
        if pads and pads[0] in net_of:
            meeting.setdefault(net_of[pads[0]], []).append(port)
        else:
            circuit.fault(
                "PORT_OPEN", f"{port.block}.{port.name}", "the port is connected to nothing", fix="connect it"
            )
    for name, ports in meeting.items():
        _check_net(circuit, name, ports)


def _check_net(circuit: Circuit, net: str, ports: list[Port]) -> None:
    sources = [port for port in ports if port.role == "source"]
    grounds = [port for port in ports if port.role == "ground"]
    volts = circuit.volts.get(net, sources[0].volts_max if sources else None)
    if len(sources) > 1 or (sources and net in circuit.volts):
        given = ", ".join(f"{port.block}.{port.name}" for port in sources)
        circuit.fault(
            "SUPPLY_CLASH", net, f"{net} is driven by {given} and by another supply", fix="use two nets"
        )
    if grounds and (volts or sources):
        circuit.fault(
            "SUPPLY_SHORTED", net, f"a supply and {grounds[0].block}'s ground meet", fix="use two nets"
        )
    if volts is None:
        return
    for port in (port for port in ports if port.role in ("supply", "signal")):
        low, high = port.volts_min or 0.0, port.volts_max
        if volts < low or (high is not None and volts > high):
            circuit.fault(
                "SUPPLY_OUT_OF_RANGE",
                f"{port.block}.{port.name}",
                f"{net} carries {volts:g} V",
                measured=f"{volts:g} V",
                required=f"{low:g} to {high:g} V" if high is not None else f"at least {low:g} V",
                fix="use another supply, or a part that stands it",
            )
