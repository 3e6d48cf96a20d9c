"""Who sees every row is asked once a statement, not once a row."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless every policy asks it first."""
    cursor = connection.cursor()
    cursor.execute(
        "select 1 / (1 - least(count(*), 1)) from pg_policies"
        " where schemaname = 'core' and qual not like '%sees_every_user()%'"
    )


__depends__ = {"0006.error-codes"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0007.policies.deploy").read_text(encoding="utf-8"),
        (HERE / "0007.policies.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
