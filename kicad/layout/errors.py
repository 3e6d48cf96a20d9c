"""What the layout reports when a board cannot be made."""

from __future__ import annotations


class LayoutError(Exception):
    """A board that cannot be placed, routed or labelled; the fields are a finding for the designer.

    Codes: BOARD_TOO_SMALL, UNPLACEABLE, UNROUTABLE, LABEL_NO_ROOM.
    """

    def __init__(self, code: str, place: str, measured: str, required: str, cause: str, fix: str) -> None:
        super().__init__(f"{code} {place}: {cause} (measured {measured}, required {required}); {fix}")
        self.code = code
        self.place = place
        self.measured = measured
        self.required = required
        self.cause = cause
        self.fix = fix

    def finding(self) -> dict[str, str]:
        """The fields as plain data."""
        return {
            "code": self.code,
            "place": self.place,
            "measured": self.measured,
            "required": self.required,
            "cause": self.cause,
            "fix": self.fix,
        }
