"""Bad file names and log levels have codes; core.caller names its operators by schema; views show an example."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless both codes are there and an agent is still its session_user."""
    cursor = connection.cursor()
    cursor.execute("select 1 / (count(*) / 2) from core.error_codes where code in ('PB040', 'PB041')")
    cursor.execute("select 1 / ((core.caller()).role = session_user)::int")


__depends__ = {"0005.control"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        """insert into core.error_codes (code, name, what_to_do) values
             ('PB040', 'bad file name', 'Give a plain relative path of letters, digits and _ . + -, at most 200 characters.'),
             ('PB041', 'bad log level', 'Use DEBUG, INFO, WARNING or ERROR.')""",
        "delete from core.error_codes where code in ('PB040', 'PB041')",
    ),
    step(
        """create or replace function core.caller() returns core.caller language sql stable as $$
  select case when session_user operator(pg_catalog.=) 'gateway'
              then row(pg_catalog.current_setting('role'),
                       case when pg_catalog.current_setting('mas.user_id', true) operator(pg_catalog.<>) ''
                            then pg_catalog.current_setting('mas.user_id', true)::bigint end)::core.caller
              else row(session_user, null)::core.caller end
$$""",
        """create or replace function core.caller() returns core.caller language sql stable as $$
  select case when session_user = 'gateway'
              then row(pg_catalog.current_setting('role'), nullif(pg_catalog.current_setting('mas.user_id', true), '')::bigint)::core.caller
              else row(session_user, null)::core.caller end
$$""",
    ),
    step(
        (HERE / "0006.error-codes.deploy").read_text(encoding="utf-8"),
        (HERE / "0006.error-codes.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
