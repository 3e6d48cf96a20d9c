"""Front ends: where they may listen, which files they take, and how a person is forgotten."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless what the functions stand on is there."""
    cursor = connection.cursor()
    cursor.execute("select forgotten_at from core.users where false")
    cursor.execute("select shared_from from core.examples where false")
    cursor.execute("select user_id, erased, open from core.erasures where false")
    cursor.execute("select front_end, kind, place from core.allowed_places where false")
    cursor.execute("select 1 / count(*) from pg_policy where polname = 'files_while_erasing'")
    cursor.execute("select 1 / count(*) from core.settings where name = 'direct_messages'")


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
