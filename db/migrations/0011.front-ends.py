"""Front ends: an inbox and an outbox in which nothing is taken or sent twice; people are forgotten."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless what the functions stand on is there, and hidden from the owner."""
    cursor = connection.cursor()
    cursor.execute("select 1 / (count(*) / 2) from core.front_ends")
    cursor.execute("select 1 / (count(*) / 4) from core.settings where name ~ '^(user_(m|designs)|direct_)'")
    cursor.execute("select place_id from core.design_states where false")
    cursor.execute("select discord_message_id from core.chat_messages where false")
    cursor.execute(
        "select 1 / (count(*) / 3) from pg_class where relnamespace = 'core'::regnamespace"
        " and relname in ('places', 'inbox', 'outbox') and relrowsecurity and relforcerowsecurity"
    )
    cursor.execute("select forgotten_at from core.users where false")
    cursor.execute("select shared_from from core.examples where false")
    cursor.execute("select user_id, erased, open from core.erasures where false")
    cursor.execute("select front_end, kind, place from core.allowed_places where false")
    cursor.execute("select 1 / count(*) from pg_policy where polname = 'files_while_erasing'")


__depends__ = {"0010.queue-cost"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0011.front-ends.deploy").read_text(encoding="utf-8"),
        (HERE / "0011.front-ends.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
