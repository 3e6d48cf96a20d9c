"""Functions and roles as they are today; renamed by `python -m db.stamp` whenever one of them changes."""

import hashlib
import json
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


def remember(connection):
    """Note what the files of the applied migrations are; throw if one was edited since."""
    files = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in Path(__file__).parent.glob("0*")
    }
    cursor = connection.cursor()
    cursor.execute("select core.note_migrations(%s::jsonb)", (json.dumps(files),))
    edited = [name for (name,) in cursor.fetchall()]
    if edited:
        raise RuntimeError(f"edited or removed after it was applied: {', '.join(edited)}")


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
    step("set local check_function_bodies = on"),
    step(verify),  # as the owner: an administrator who is no superuser may call none of them
    step(remember),
    step("set local role none"),
    _apply(DB / "bootstrap.sql"),
]
