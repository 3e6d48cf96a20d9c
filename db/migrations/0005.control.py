"""Settings, parts, past designs, and the files of applied migrations; agents have replicas."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless tables, limits and rules are there."""
    cursor = connection.cursor()
    cursor.execute("select 1 / count(*) from core.settings")
    cursor.execute("select 1 / count(*) from core.import_columns")
    cursor.execute("select lcsc, value_si from core.parts where false")
    cursor.execute("select content_hash from core.examples where false")
    cursor.execute("select file, sha256 from core.migration_files where false")
    cursor.execute("select replicas from core.agents where false")
    cursor.execute(
        """select 1 / count(*) from pg_trigger
            where tgrelid = 'core.setting_changes'::regclass and tgname = 'refuse_rewriting'"""
    )


__depends__ = {"0004.designs"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        "alter table core.agents add column replicas smallint not null default 10"
        " constraint agent_replicas_in_range check (replicas between 1 and 1000)",
        "alter table core.agents drop column replicas",
    ),
    step(
        "comment on column core.agents.replicas is"
        " 'How many processes may share the login; its connection limit is three times that.'"
    ),
    step(
        (HERE / "0005.control.schema").read_text(encoding="utf-8"),  # frozen beside it, as 0001's is
        """drop table core.setting_changes, core.settings, core.parts, core.examples;
           drop table core.import_columns, core.migration_files;
           drop type core.import_line cascade;
           drop function core.si_value(text), core.record_setting_change();
           delete from core.error_codes where code between 'PB030' and 'PB036'""",
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
