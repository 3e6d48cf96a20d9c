"""The queue complete: FIFO keys, slots, deadlines, recurring tasks, history that is dropped by ranges."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def verify(connection):
    """Throw unless what the functions stand on is there."""
    cursor = connection.cursor()
    cursor.execute(
        "select fifo_key, deadline, slot, state = 'ready'::core.task_state from core.tasks where false"
    )
    cursor.execute("select slots, priorities from core.agents where false")
    cursor.execute("select name, next_at from core.schedules where false")
    cursor.execute("select 1 / count(*) from core.history_ranges")
    cursor.execute("select 1 / count(*) from core.maintenance")
    cursor.execute(
        "select 'core.task_history_rest'::regclass, 'core.task_is_the_only_first_of_its_key'::regclass"
    )


__depends__ = {"0002.one-task-a-design"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(_text("0003.queue.deploy"), _text("0003.queue.rollback")),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
