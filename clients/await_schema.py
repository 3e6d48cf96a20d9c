"""Wait until the database has the schema of this release: `python -m clients.await_schema <role>`.

Where a new release's processes are started beside its migrations, this stands before them.
"""

from __future__ import annotations

import sys
import time

from clients.api import WRONG_VERSION, Api, ApiError, ConnectionLost
from clients.server import ServerError, find_server

POLL_S = 2.0


def await_schema(dsn: str) -> None:
    """Return when the role gets in and the schema is the client's; says what it waits for, each thing once.

    Raises `ApiError` for a refusal that time does not mend.
    """
    said = ""
    while reason := _reason(dsn):
        if reason != said:
            sys.stderr.write(f"waiting: {reason}\n")
            said = reason
        time.sleep(POLL_S)


def _reason(dsn: str) -> str:
    """Why it cannot begin yet; nothing when it can."""
    try:
        Api.connect(dsn).close()
    except ConnectionLost as lost:
        return str(lost)
    except ApiError as error:
        if error.code != WRONG_VERSION:
            raise
        return str(error)
    return ""


def main(words: list[str]) -> int:
    """The process.  0: it has it; 2: bad words; 3: no password, or refused."""
    if len(words) != 1:
        sys.stderr.write("usage: python -m clients.await_schema ROLE\n")
        return 2
    try:
        await_schema(find_server().dsn(words[0]))
    except (ServerError, ApiError) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
