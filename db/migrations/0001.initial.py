"""The first schema.  Its text is frozen beside it: a migration never reads what may change later."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def _text(name: str) -> str:
    # a whole file in one step: yoyo's own splitter of SQL files breaks PL/pgSQL apart
    return (HERE / name).read_text(encoding="utf-8")


def verify(connection):
    """Throw unless the schema is there."""
    cursor = connection.cursor()
    cursor.execute("select state_id, attempt from core.design_states where false")
    cursor.execute("select 1 / count(*) from core.transitions")


steps = [
    step(_text("0001.initial.roles")),  # roles belong to the cluster and outlive the schema
    step("set local role mas_owner", "set local role none"),
    step(_text("0001.initial.schema"), "drop schema if exists api cascade; drop schema core cascade"),
    step("set local role none"),
    step(verify),
]
