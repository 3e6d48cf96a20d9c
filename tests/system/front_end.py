"""A front end for one brief, as a process that can be killed: started again with the same key it goes on."""

from __future__ import annotations

import sys

from clients.api import Api
from clients.server import find_server
from clients.terminal import Terminal

if __name__ == "__main__":
    with Api.connect(find_server().dsn("terminal")) as db:
        terminal = Terminal(db, interactive=False, quiet=True)
        terminal.follow(terminal.start(sys.argv[2], sys.argv[1]))
