"""What a task costs: the claim reads few entries of its index, and constraints are planned once a session."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless the policies hold for the owner, the index is there, who calls is their session_user."""
    cursor = connection.cursor()
    cursor.execute(
        "select 1 / (count(*) / 2) from pg_policy p join pg_class c on c.oid = p.polrelid"
        " where p.polname in ('task_lease_iff_working', 'task_key_length')"
        " and c.relrowsecurity and c.relforcerowsecurity"
    )
    cursor.execute(
        "select 1 / count(*) from pg_indexes"
        " where indexname = 'task_claim_order_idx' and indexdef like '%(priority, agent, %'"
    )
    cursor.execute("select 1 / ((core.caller()).role = session_user)::int")


__depends__ = {"0009.candidates"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0010.queue-cost.deploy").read_text(encoding="utf-8"),
        (HERE / "0010.queue-cost.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
