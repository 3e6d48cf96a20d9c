"""Functions and roles as they are today; renamed by `python -m db.stamp` whenever one of them changes."""

from pathlib import Path

from yoyo import step

DB = Path(__file__).resolve().parent.parent


def _apply(file):
    return step(file.read_text(encoding="utf-8"))


steps = [
    _apply(DB / "roles" / "01_roles.sql"),
    step("grant select on public._yoyo_migration to mas_owner"),
    # functions name one another in `language sql` bodies: checked once all of them are there
    step("set local role mas_owner; set local check_function_bodies = off", "set local role none"),
    *(_apply(file) for file in sorted((DB / "functions").glob("*.sql"))),
    _apply(DB / "roles" / "02_grants.sql"),
    step("set local role none"),
    _apply(DB / "bootstrap.sql"),
]
