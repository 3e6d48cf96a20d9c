"""Functions and roles as they are today; renamed by `python -m db.stamp` whenever one of them changes."""

from pathlib import Path

from yoyo import step

DB = Path(__file__).resolve().parent.parent


def _apply(file):
    return step(file.read_text(encoding="utf-8"))


def verify(connection):
    """Throw unless every body compiles against the schema."""
    connection.cursor().execute(
        """select case l.lanname when 'sql' then fmgr_sql_validator(p.oid) else plpgsql_validator(p.oid) end
             from pg_proc p join pg_language l on l.oid = p.prolang
            where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)"""
    )


steps = [
    # an earlier state of the functions may come back, and must then be applied again
    step("delete from public._yoyo_migration where migration_id like '9999.functions-%'"),
    _apply(DB / "roles" / "01_roles.sql"),
    step("grant select on public._yoyo_migration to mas_owner"),
    # functions name one another in `language sql` bodies: checked once all of them are there
    step("set local role mas_owner; set local check_function_bodies = off", "set local role none"),
    _apply(DB / "retired.sql"),
    *(_apply(file) for file in sorted((DB / "functions").glob("*.sql"))),
    _apply(DB / "roles" / "02_grants.sql"),
    step("set local role none; set local check_function_bodies = on"),
    step(verify),
    _apply(DB / "bootstrap.sql"),
]
