"""What the bot may not do, over the real wire: a talk goes on as far as it can, and what was not sent has a reason."""

from __future__ import annotations

from tests.conftest import LEASE_S, Database
from tests.db.steps import RESULTS, work
from tests.discord.bot_process import BotProcess
from tests.discord.permissions import LEAST
from tests.discord.person import Person
from tests.discord.server import DiscordServer
from tests.discord.talk import BRIEF, become, is_proposal, is_result, of_bot, says, status_says, statuses
from tests.discord.world import Channel

DEAD = "core.outbox where state = 'dead' and last_error like 'a permission is missing%' and kind in "


def build(database: Database, anna: Person, thread: Channel) -> None:
    """The design is approved and passes, with a picture and a board."""
    work(database, "client_manager", outcome="asked", reply="A board. Shall I build this?")
    proposal = anna.waits_for(is_proposal, place=thread)
    assert anna.clicks(proposal, "Approve").answer().text == "Approved."
    for agent in ("client_manager", "pcb_designer", "kicad"):
        work(database, agent)
    with database.api("pcb_tester") as api:
        task = api.claim_task(LEASE_S)
        assert task is not None
        for name in ("board.png", "board.kicad_pcb"):
            api.store_artifact(task, name, b"content")
        api.complete_task(task, RESULTS["pcb_tester"])


def test_without_embeds_words_and_files_arrive(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    discord.permit(discord.channel, set(LEAST) - {"embed_links"})
    anna = discord.person("anna")
    thread = anna.thread_of(anna.mentions_bot(discord.channel, BRIEF))
    become(own_database, f"{DEAD} ('status')", 1)
    build(own_database, anna, thread)
    anna.waits_for(lambda message: bool(message.files), place=thread)
    become(own_database, f"{DEAD} ('status', 'result')", 2)
    assert statuses(thread) == []
    assert "status of design" not in bot.log
    assert "Traceback" not in bot.log


def test_without_files_the_status_says_how_it_ended_and_they_can_be_had_later(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    discord.permit(discord.channel, set(LEAST) - {"attach_files"})
    anna = discord.person("anna")
    thread = anna.thread_of(anna.mentions_bot(discord.channel, BRIEF))
    build(own_database, anna, thread)
    become(own_database, f"{DEAD} ('result', 'files')", 2)
    anna.waits_for(status_says("passed"), place=thread)
    assert not any(message.files for message in of_bot(thread))
    discord.permit(discord.channel, LEAST)
    assert "on their way" in anna.slash("files", thread).answer().text
    anna.waits_for(is_result, place=thread)
    anna.waits_for(says(".zip"), place=thread)
    assert "Traceback" not in bot.log


def test_without_threads_whoever_asked_is_told(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    discord.permit(discord.channel, set(LEAST) - {"create_public_threads"})
    anna = discord.person("anna")
    asked = anna.mentions_bot(discord.channel, BRIEF)
    told = anna.waits_for(says("Design 1 is cancelled"), place=discord.channel)
    assert told.answers is asked
    assert "Create Public Threads" in told.text
    private = anna.slash("design", discord.channel, brief=BRIEF).answer()
    assert "Design 2 is cancelled" in private.text
    assert private.seen_by is anna.user
