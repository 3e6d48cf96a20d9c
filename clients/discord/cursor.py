"""How far everything that was said is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Cursor:
    """The number up to which no message is missing; Discord's numbers of messages grow with time.

    What is at work, what failed and what is being read again hold it back.
    """

    def __init__(self) -> None:
        self._greatest = 0
        self._open: set[int] = set()
        self._floor: int | None = None
        self._lost: int | None = None

    def note(self, number: int) -> None:
        """A message that is nothing to us."""
        self._greatest = max(self._greatest, number)

    @contextmanager
    def hearing(self, number: int) -> Iterator[None]:
        """A message that has to be stored; it is when nothing was raised."""
        self._open.add(number)
        try:
            yield
        except BaseException:
            self.lose(number)
            raise
        else:
            self.note(number)
        finally:
            self._open.discard(number)

    def lose(self, number: int) -> None:
        """A message that could not be stored: it has to be read again."""
        self._lost = number if self._lost is None else min(self._lost, number)

    def reading_from(self, number: int) -> None:
        """What is behind this number is being read again."""
        self._floor, self._lost = number, None

    def has_read(self) -> None:
        """All of it was."""
        self._floor = None

    def safe(self) -> int:
        """How far nothing is missing; 0 when nothing was heard yet."""
        if self._floor is not None:
            return self._floor
        held = [number - 1 for number in (*self._open, self._lost) if number is not None]
        return min([self._greatest, *held])
