"""A picture of a real talk with the bot, from a mention to a finished board: `python -m tests.discord.draw OUT.png`.

Everything in it has happened: the bot and the agents are processes on a database of their own, the Discord is the loopback
server, and what is drawn is its transcript.  Wants KiCad, and Debian's chromium and pngquant for the photograph.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from clients.deploy import deploy
from clients.fleet import Fleet
from clients.server import ensure_server
from tests.conftest import Database, know_libraries
from tests.discord.bot_process import BotProcess
from tests.discord.page import page
from tests.discord.server import DiscordServer
from tests.discord.talk import is_proposal, is_result, says

BUILT_S = 300.0
CHROMIUM = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--force-device-scale-factor=1.5",
)  # fmt: skip
WIDTH = 1120  # of the page, in its own pixels
MEASURE = "<script>document.body.dataset.height = document.documentElement.scrollHeight</script>"
HEIGHT = re.compile(r'data-height="(\d+)"')


@contextmanager
def own_database() -> Iterator[None]:
    """A database for the talk; every process that is started meanwhile works on it."""
    database = Database(f"mas_draw_{uuid.uuid4().hex[:12]}", ensure_server())
    maintenance = Database("postgres", database.server)
    name = sql.Identifier(database.name)
    with maintenance.connect() as owner:
        owner.execute(sql.SQL("create database {}").format(name))
    try:
        list(deploy(database.admin_dsn, database.server.passwords()))
        know_libraries(database)
        os.environ["MAS_DATABASE"] = database.name
        yield
    finally:
        os.environ.pop("MAS_DATABASE", None)
        with maintenance.connect() as owner:
            owner.execute(sql.SQL("drop database {} with (force)").format(name))


def talk(server: DiscordServer) -> None:
    """Anna asks for a blinker, answers a question, changes the requirement and gets a board."""
    anna, bert = server.person("anna"), server.person("bert")
    bert.says(server.channel, "Our demo table needs something that blinks.")
    thread = anna.thread_of(anna.mentions_bot(server.channel, "a 555 LED blinker from 9 V, 40x30 mm, please"))
    question = anna.waits_for(says("-# client"), BUILT_S, place=thread)
    anna.says(thread, "about 1 Hz")
    proposal = anna.waits_for(is_proposal, BUILT_S, place=thread, after=question)
    form = anna.clicks(proposal, "Change").form()
    (label,) = form.labels
    anna.submits(form, {label: "a green LED, please"}).answer()
    second = anna.waits_for(is_proposal, BUILT_S, place=thread, after=proposal)
    anna.clicks(second, "Approve").answer()
    result = anna.waits_for(is_result, BUILT_S, place=thread)
    anna.waits_for(lambda message: bool(message.files), BUILT_S, place=thread, after=result)
    bert.says(thread, "Nice. Ordering five.")


def photograph(html: str, out: Path) -> None:
    """The whole page as a picture, by a chromium that has nothing and keeps nothing."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(html.replace("</body>", f"{MEASURE}</body>"))
        run = (*CHROMIUM, f"--user-data-dir={folder}/profile")
        measured = subprocess.run(
            [*run, f"--window-size={WIDTH},800", "--dump-dom", file.as_uri()],
            capture_output=True,
            text=True,
            check=True,
        )
        found = HEIGHT.search(measured.stdout)
        assert found is not None, "the page was drawn"
        height = int(found[1])
        file.write_text(html)
        picture = Path(folder, "page.png")
        subprocess.run(
            [*run, f"--window-size={WIDTH},{height}", f"--screenshot={picture}", file.as_uri()],
            capture_output=True,
            check=True,
        )
        subprocess.run(["pngquant", "--force", "--output", out, "256", picture], check=True)


def main() -> int:
    """Talk, draw and photograph."""
    if len(sys.argv) != 2:
        sys.stderr.write("python -m tests.discord.draw OUT.png\n")
        return 2
    with own_database(), DiscordServer() as server, BotProcess(server) as bot, Fleet():
        bot.start()
        talk(server)
        assert bot.stop() == 0
        pictures = {
            number: file.data for number, file in server.world.files.items() if file.name.endswith(".png")
        }
        photograph(page(server.transcript, pictures), Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
