"""Tested blocks: the sub-circuits that scripts compose boards from, by name."""

from __future__ import annotations

from collections.abc import Callable

from kicad.boardkit.blocks.astable_555 import astable_555
from kicad.boardkit.blocks.led_indicator import led_indicator
from kicad.boardkit.blocks.linear_regulator import linear_regulator
from kicad.boardkit.blocks.lowside_switch import lowside_switch
from kicad.boardkit.blocks.rc_filter import rc_highpass, rc_lowpass
from kicad.boardkit.circuit import Port

BLOCKS: dict[str, Callable[..., list[Port]]] = {
    "astable_555": astable_555,
    "led_indicator": led_indicator,
    "linear_regulator": linear_regulator,
    "lowside_switch": lowside_switch,
    "rc_highpass": rc_highpass,
    "rc_lowpass": rc_lowpass,
}
