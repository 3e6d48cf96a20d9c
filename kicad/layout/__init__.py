"""Placing and routing: pure functions on plain data, without KiCad."""

from __future__ import annotations

from kicad.layout.errors import LayoutError
from kicad.layout.flow import layout

__all__ = ["LayoutError", "layout"]
