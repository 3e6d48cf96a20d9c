"""Logs: lines with design and task, kept as long as a setting says; indexes for what monitoring asks."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless what the functions stand on is there."""
    cursor = connection.cursor()
    cursor.execute("select state_id, task_id from core.system_logs where false")
    cursor.execute("select level, design, task from api.recent_logs where false")
    cursor.execute("select 1 / count(*) from core.settings where name = 'system_log_days'")
    cursor.execute(
        "select 1 / (count(*) / 5) from pg_indexes where schemaname = 'core' and indexname in ("
        " 'system_logs_state_id_idx', 'system_logs_backups_idx', 'design_states_finished_at_idx',"
        " 'outbox_dead_idx', 'model_calls_called_at_idx')"
    )


__depends__ = {"0012.operations"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0013.logs.deploy").read_text(encoding="utf-8"),
        (HERE / "0013.logs.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
