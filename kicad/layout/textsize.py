"""How wide KiCad's stroke font writes a text."""

from __future__ import annotations

# Advance of each character at a height of 1 mm, in 1/21 mm, measured with KiCad 9.0.8; 24: any other.
_ADVANCE: dict[str, int] = {}
for _units, _characters in (
    (8, "`"),
    (10, "!',.:;Iij"),
    (11, "l"),
    (12, "^ft"),
    (13, "r"),
    (14, "()[]\\{}"),
    (15, "~"),
    (16, '"*JT_vyz'),
    (17, "Lksx"),
    (18, "?AFVYce"),
    (19, "Eabdghnopqu"),
    (20, "$0123456789SXZ|"),
    (21, "#BCDGKPR"),
    (22, "/HNOQUw"),
    (24, "%MW"),
    (26, "&+-<=>@"),
    (28, "m"),
):
    _ADVANCE.update(dict.fromkeys(_characters, _units))
_ADVANCE[" "] = 16

BOX_HEIGHT = 1.4  # the ink's height, with descenders and stroke, as a multiple of the text's height


def text_width(text: str, height_mm: float) -> float:
    """Width of the written text in mm, its stroke included."""
    return sum(_ADVANCE.get(character, 24) for character in text) / 21 * height_mm + 0.15 * height_mm
