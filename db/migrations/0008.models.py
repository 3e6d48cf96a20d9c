"""Settings of language models, their calls word for word, recordings, prompts and budgets."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless what the functions stand on is there, and secrets cannot be stored."""
    cursor = connection.cursor()
    cursor.execute("select status, verdict, root_id, user_id, recorded from core.model_calls where false")
    cursor.execute("select request, request_hash, answer, complaint from core.model_exchanges where false")
    cursor.execute("select name, version, sha256 from core.prompts where false")
    cursor.execute("select 1 / (count(*) / 5) from core.settings where name ~ '^model_|_budget_'")
    cursor.execute('select 1 / (core.model_problem(\'{"token": "x"}\') is not null)::int')
    cursor.execute(
        "select 1 / (count(*) / 3) from pg_class"
        " where oid in ('core.model_calls'::regclass, 'core.model_exchanges'::regclass,"
        " 'core.design_states'::regclass) and relrowsecurity and relforcerowsecurity"
    )


__depends__ = {"0007.policies"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0008.models.deploy").read_text(encoding="utf-8"),
        (HERE / "0008.models.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
