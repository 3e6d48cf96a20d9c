"""A design has one piece of work at a time, and payloads are not nested without end."""

from yoyo import step


def verify(connection):
    """Throw unless both rules are there."""
    connection.cursor().execute("select 'core.task_is_the_only_one_of_its_design'::regclass")
    connection.cursor().execute(
        """select 1 / count(*) from pg_constraint
            where conrelid = 'core.tasks'::regclass and conname = 'task_payload_depth' and convalidated"""
    )


__depends__ = {"0001.initial"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        "create unique index task_is_the_only_one_of_its_design on core.tasks (state_id)",
        "drop index core.task_is_the_only_one_of_its_design",
    ),
    step(
        "drop index core.task_state_id_idx",
        "create index task_state_id_idx on core.tasks (state_id)",
    ),
    step(
        "alter table core.tasks add constraint task_payload_depth"
        " check (not jsonb_path_exists(payload, '$.**{33}'))",
        "alter table core.tasks drop constraint task_payload_depth",
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
