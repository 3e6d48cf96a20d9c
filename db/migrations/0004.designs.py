"""Designs can be paused and forked; channels are rows, messages expire; workers and model calls."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless what the functions stand on is there."""
    cursor = connection.cursor()
    cursor.execute("select paused, forked_from, forked_attempt from core.design_states where false")
    cursor.execute("select expires_at from core.notifications where false")
    cursor.execute("select seen_at from core.workers where false")
    cursor.execute("select cost from core.model_calls where false")
    cursor.execute("select 1 / count(*) from core.channels")


__depends__ = {"0003.queue"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0004.designs.deploy").read_text(encoding="utf-8"),
        (HERE / "0004.designs.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
