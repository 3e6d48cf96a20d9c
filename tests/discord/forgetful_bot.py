"""A bot that does not look whether it has sent something before: what must not be, so that tests see it."""

from __future__ import annotations

import sys
from typing import Any

from clients.discord.carrying import Carrier
from clients.discord_bot import main


async def _finds_nothing(*_: Any) -> None:
    return None


if __name__ == "__main__":
    Carrier._find = _finds_nothing  # type: ignore[method-assign]
    sys.exit(main())
