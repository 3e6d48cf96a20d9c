"""Candidates of a first attempt; what may be approved; libraries, similar designs, attachments."""

from pathlib import Path

from yoyo import step

HERE = Path(__file__).parent


def verify(connection):
    """Throw unless what the functions stand on is there."""
    cursor = connection.cursor()
    cursor.execute(
        "select 1 / count(*) from pg_extension"
        " where extname = 'pg_trgm' and extnamespace = 'trgm'::regnamespace"
    )
    cursor.execute("select 1 / (count(*) / 6) from core.transitions where from_state = 'comparing'")
    cursor.execute("select candidate_of, candidate, proposed_after from core.design_states where false")
    cursor.execute("select search from core.examples where false")
    cursor.execute("select search, pins from core.library_symbols where false")
    cursor.execute("select search, pads from core.library_footprints where false")
    cursor.execute("select 1 / (count(*) / 2) from core.library_version")
    cursor.execute("select message_key, content from core.attachments where false")


__depends__ = {"0008.models"}

steps = [
    step("set local lock_timeout = '5s'", "set local lock_timeout = '5s'"),
    step("set local role mas_owner", "set local role none"),
    step(
        (HERE / "0009.candidates.deploy").read_text(encoding="utf-8"),
        (HERE / "0009.candidates.rollback").read_text(encoding="utf-8"),
    ),
    step("set local role none", "set local role mas_owner"),
    step(verify),
]
