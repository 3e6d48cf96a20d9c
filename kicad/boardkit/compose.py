"""What meets on a net: supplies, grounds and signals of blocks, held against each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from kicad.boardkit.circuit import Block, Circuit, Port
from kicad.shapes import PinRef

Nets = dict[str, list[PinRef]]


def check_ports(circuit: Circuit, nets: Nets) -> None:
    """Note a fault for every net on which the ports' types do not go together.

    One supply a net, within what each taker allows and strong enough for all of them; ground meets ground
    only; an output drives alone, and no higher than the inputs stand.
    """
    board = _Board(circuit, nets)
    for name in nets:
        if board.ports.get(name):
            _check_drivers(board, name)
            _check_levels(board, name)
            _check_current(board, name)


def check_open_ports(circuit: Circuit, nets: Nets) -> None:
    """Note a fault for every port that no part outside of its block is connected to."""
    net_of = {pad: name for name, pads in nets.items() for pad in pads}
    for block in circuit.blocks:
        for port in block.ports.values():
            pads = nets.get(net_of.get(port.pins[0].refs()[0], ""), [])
            if not port.inner and all(ref in block.refs for ref, _ in pads):
                circuit.fault(
                    "PORT_OPEN",
                    f"{block.name}.{port.name}",
                    f"nothing outside of the block is connected to its port {port.name}",
                    fix=f'connect it, like net("{port.name}", …, block["{port.name}"])',
                    line=block.line,
                )


@dataclass
class _Board:
    """The ports by net, and the nets by port."""

    circuit: Circuit
    nets: Nets
    ports: dict[str, list[tuple[Block, Port]]] = field(default_factory=dict)
    net_of: dict[tuple[int, str], str] = field(default_factory=dict)  # (id of block, port) -> net

    def __post_init__(self) -> None:
        by_pad = {pad: name for name, pads in self.nets.items() for pad in pads}
        for block in self.circuit.blocks:
            for port in block.ports.values():
                name = by_pad.get(port.pins[0].refs()[0]) if port.pins and port.pins[0].numbers else None
                if name is not None:
                    self.ports.setdefault(name, []).append((block, port))
                    self.net_of[id(block), port.name] = name

    def of(self, net: str, *roles: str) -> list[tuple[Block, Port]]:
        """The ports of these roles on a net."""
        return [(block, port) for block, port in self.ports.get(net, []) if port.role in roles]

    def volts(self, net: str) -> float | None:
        """Volts of a net that is a supply: as the script says, or as its source gives."""
        given = self.circuit.volts.get(net)
        sources = self.of(net, "source")
        return given if given is not None else sources[0][1].volts_max if sources else None

    def level(self, net: str) -> float | None:
        """The highest volts on a net: of its supply, or of the supply of the block that drives it."""
        driven = [self.volts(self.net_of.get((id(b), p.fed_by), "")) for b, p in self.of(net, "output")]
        return max((v for v in (self.volts(net), *driven) if v is not None), default=None)

    def demand(self, net: str, seen: frozenset[str] = frozenset()) -> float:
        """Amperes that the blocks on a net take from it, with what they pass on to others."""
        total = 0.0
        for block, port in self.of(net, "supply"):
            total += port.current_A
            fed = [p for p in block.ports.values() if p.role == "source" and p.fed_by == port.name]
            for other in (self.net_of.get((id(block), p.name), "") for p in fed):
                if other not in seen:
                    total += self.demand(other, seen | {net})
        return total

    def fault(self, code: str, net: str, place: str, cause: str, **more: str) -> None:
        """A fault at the line where the net was named last."""
        self.circuit.fault(code, place, cause, line=self.circuit.lines.get(net), **more)


def _names(ports: list[tuple[Block, Port]]) -> str:
    return ", ".join(f"{block.name}.{port.name}" for block, port in ports)


def _check_drivers(board: _Board, net: str) -> None:
    sources, outputs = board.of(net, "source"), board.of(net, "output")
    grounds, takers = board.of(net, "ground"), board.of(net, "supply")
    given = board.circuit.volts.get(net)
    if len(sources) > 1 or (sources and given is not None):
        other = "each other" if len(sources) > 1 else f"a supply of {given:g} V"
        fix = (
            "use a net for each of them"
            if len(sources) > 1
            else "leave volts= out, the block drives this net"
        )
        board.fault("SUPPLY_CLASH", net, net, f"{_names(sources)} would drive {net} against {other}", fix=fix)
    if grounds and (sources or takers or given):
        what = _names([*sources, *takers]) or f"a supply of {given:g} V"
        board.fault(
            "SUPPLY_SHORTED", net, net, f"{what} and the ground {_names(grounds)} meet", fix="use two nets"
        )
    if outputs and (len(outputs) > 1 or sources or grounds or given):
        cause = f"{_names(outputs)} drives {net}, which is driven already"
        board.fault("OUTPUT_CLASH", net, net, cause, fix="one output, and no supply, on a net")


def _check_levels(board: _Board, net: str) -> None:
    volts, level = board.volts(net), board.level(net)
    for block, port in board.of(net, "supply", "input", "signal"):
        carried = volts if port.role == "supply" else level
        low, high = port.volts_min or 0.0, port.volts_max
        if carried is None or (low <= carried and (high is None or carried <= high)):
            continue
        board.fault(
            "SUPPLY_OUT_OF_RANGE" if port.role == "supply" else "LEVEL_TOO_HIGH",
            net,
            f"{block.name}.{port.name}",
            f"{net} carries {carried:g} V",
            measured=f"{carried:g} V",
            required=f"{low:g} to {high:g} V" if high is not None else f"at least {low:g} V",
            fix="use another supply, or a part that stands it",
        )


def _check_current(board: _Board, net: str) -> None:
    needed = board.demand(net)
    for block, port in board.of(net, "source"):
        if needed > port.current_A:
            board.fault(
                "SUPPLY_OVERLOADED",
                net,
                f"{block.name}.{port.name}",
                f"the blocks on {net} take more than {block.name} gives",
                measured=f"{needed * 1e3:g} mA",
                required=f"at most {port.current_A * 1e3:g} mA",
                fix="use a stronger regulator, or two",
            )
