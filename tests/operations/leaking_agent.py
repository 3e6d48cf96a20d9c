"""A client_manager whose work fails with the user's words in every place where an exception may have them."""

from __future__ import annotations

import logging
import sys
from typing import Any

from clients.node import Node


class Refused(Exception):
    """Of no use to try again."""

    permanent = True


class LeakingAgent(Node):
    """Says what it was told in a library's log, in an exception and in its cause."""

    name = "client_manager"

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Fail, wordily."""
        words = state["conversation"][-1]["text"]
        logging.getLogger("some.library").warning("cannot read %s", words)
        try:
            raise ValueError(words)
        except ValueError as error:
            raise Refused(words) from error


if __name__ == "__main__":
    if "crash" in sys.argv:
        from clients.log import take_over

        take_over("client_manager")
        raise Refused(sys.argv[-1])
    LeakingAgent.main()
