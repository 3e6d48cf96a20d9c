"""Operations: what people behind the gateway see, and what they are refused with."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless the views are there, errors have a status, and people behind the gateway are limited."""
    cursor = connection.cursor()
    cursor.execute("select design, title, state, updated_at, paused from api.my_designs where false")
    cursor.execute("select agent, waiting, working, workers, oldest_s from api.queue_load where false")
    cursor.execute("select 1 / (count(*) / 2) from core.error_codes where http_status in (403, 429)")
    cursor.execute("select 1 / count(*) from core.front_ends where name = 'web_user' and limited")


__depends__ = {"0011.front-ends"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0012.operations.deploy").read_text(encoding="utf-8"),
        (HERE / "0012.operations.rollback").read_text(encoding="utf-8"),
    ),
    step(verify),
    step("set local role none", "set local role mas_owner"),
]
