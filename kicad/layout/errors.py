"""Why a board could not be laid out."""

from __future__ import annotations


class LayoutError(Exception):
    """No layout was found; `code` is BOARD_TOO_SMALL, UNROUTABLE or LABEL_NO_ROOM, the rest is for people."""

    def __init__(self, code: str, place: str, measured: str, required: str, cause: str, fix: str) -> None:
        super().__init__(f"{code} {place}: {cause}")
        self.code = code
        self.place = place
        self.measured = measured
        self.required = required
        self.cause = cause
        self.fix = fix
