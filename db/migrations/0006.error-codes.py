"""Bad names, levels and arguments have codes; core.caller qualifies its operators; views show an example."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless the codes are there and who calls is still their session_user."""
    cursor = connection.cursor()
    cursor.execute("select 1 / (count(*) / 3) from core.error_codes where code between 'PB040' and 'PB042'")
    cursor.execute("select 1 / ((core.caller()).role = session_user)::int")


__depends__ = {"0005.control"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0006.error-codes.deploy").read_text(encoding="utf-8"),
        (HERE / "0006.error-codes.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
