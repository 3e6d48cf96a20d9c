"""Copper pours: zones over the whole board, filled by KiCad, with solid pads where spokes cannot reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pcbnew

from kicad.adapter.compat import COPPER, at, nm, pad_kind, pad_shape
from kicad.adapter.rules import MIN_SPOKES, POUR_MIN_WIDTH_MM, THERMAL_GAP_MM, THERMAL_SPOKE_MM

if TYPE_CHECKING:
    from kicad.shapes import Rules

SOLID_FROM_MM2 = 6.0  # a surface pad this large is there to spread heat


def add_pour(board: Any, net: Any, layer: int, size_mm: tuple[float, float], rules: Rules) -> None:
    """Add an unfilled zone of `net` over the whole board, clear of its edge."""
    width, height = size_mm
    edge = rules["edge_mm"]
    zone = pcbnew.ZONE(board)
    zone.SetLayer(layer)
    zone.SetNet(net)
    zone.SetZoneName(f"{net.GetNetname()} {'back' if layer == COPPER['back'] else 'front'}")
    outline = zone.Outline()
    outline.NewOutline()
    for x, y in ((edge, edge), (width - edge, edge), (width - edge, height - edge), (edge, height - edge)):
        outline.Append(at(x, y))
    zone.SetLocalClearance(nm(rules["clearance_mm"]))
    zone.SetMinThickness(nm(POUR_MIN_WIDTH_MM))
    zone.SetPadConnection(pcbnew.ZONE_CONNECTION_THERMAL)
    zone.SetThermalReliefGap(nm(THERMAL_GAP_MM))
    zone.SetThermalReliefSpokeWidth(nm(THERMAL_SPOKE_MM))
    zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
    board.Add(zone)


def fill(board: Any) -> None:
    """Fill all zones; pads that too few spokes reach, and heat-spreading pads, are joined solidly."""
    zones = [zone for zone in board.Zones() if not zone.GetIsRuleArea()]
    if not zones:
        return
    for pad in board.GetPads():
        if pad_kind(pad) == "smd" and any(
            pad_shape(pad, layer).Area() / 1e12 >= SOLID_FROM_MM2 for layer in _layers(pad)
        ):
            pad.SetLocalZoneConnection(pcbnew.ZONE_CONNECTION_FULL)
    _fill(board)
    starved = [pad for pad in board.GetPads() if any(_is_starved(pad, zone) for zone in zones)]
    for pad in starved:
        pad.SetLocalZoneConnection(pcbnew.ZONE_CONNECTION_FULL)
    if starved:
        for zone in zones:
            zone.UnFill()  # else the filler keeps corners of the first fill
        _fill(board)


def _fill(board: Any) -> None:
    board.BuildConnectivity()
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())


def _layers(pad: Any) -> list[int]:
    return [layer for layer in COPPER.values() if pad.IsOnLayer(layer)]


def _is_starved(pad: Any, zone: Any) -> bool:
    """Whether some, but too few spokes of `zone` cross the middle of the pad's thermal gap."""
    if pad.GetNetCode() != zone.GetNetCode() or pad.GetLocalZoneConnection() == pcbnew.ZONE_CONNECTION_FULL:
        return False
    return any(0 < _spokes(pad, zone, layer) < MIN_SPOKES for layer in _layers(pad) if zone.IsOnLayer(layer))


def _spokes(pad: Any, zone: Any, layer: int) -> int:
    crossing = pad_shape(pad, layer, THERMAL_GAP_MM * 0.6)
    crossing.BooleanSubtract(pad_shape(pad, layer, THERMAL_GAP_MM * 0.4))
    crossing.BooleanIntersection(zone.GetFilledPolysList(layer))
    return int(crossing.OutlineCount())
