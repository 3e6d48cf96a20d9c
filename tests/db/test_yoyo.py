"""`yoyo apply` alone, by the `deployer` that deploy/postgres/deployer.sql makes, on a server that is nobody's yet.

CI does it on a service container first and names that database in MAS_APPLIED_DATABASE (a superuser's URL); elsewhere it is
done here, on a server of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from clients.server import Server
from tests.conftest import ROOT, Database
from tests.db.test_deploy import MIGRATIONS, dump, yoyo
from tests.setup.conftest import own_server


@pytest.fixture(scope="module")
def applied() -> Iterator[Database]:
    """A database that yoyo made, through its superuser."""
    if url := os.environ.get("MAS_APPLIED_DATABASE"):
        yield Database(url.rpartition("/")[2], Server(url, Path("/nonexistent")))
        return
    with own_server() as there:
        superuser = Database("hardware_mas", there)
        words = ["-qX", "-v", "ON_ERROR_STOP=1", "-f", str(ROOT / "deploy/postgres/deployer.sql")]
        assert there.psql("postgres", *words, "-c", "alter role deployer password 'of the deployer'") == 0
        (there.secrets / "deployer").write_text("of the deployer")
        yoyo(Database("hardware_mas", Server(there.dsn("deployer"), there.secrets)), "apply")
        with superuser.connect() as owner:
            owner.execute((ROOT / "db/bootstrap.sql").read_bytes())
        yield superuser


def test_it_is_the_database_of_a_deploy(applied: Database, database: Database) -> None:
    there, here = ([line for line in dump(each).splitlines() if line] for each in (applied, database))
    assert [line for line in there if "LANGUAGE plpgsql TO deployer" not in line] == here


def test_every_migration_was_applied_by_somebody_who_is_no_superuser(applied: Database) -> None:
    with applied.connect() as owner:
        marked = owner.execute("select migration_id from public._yoyo_migration order by 1").fetchall()
        assert [name for (name,) in marked] == sorted(file.stem for file in MIGRATIONS.glob("*.py"))
        row = owner.execute(
            "select rolsuper, rolcreatedb from pg_roles where rolname = 'deployer'"
        ).fetchone()
        assert row == (False, False)
        kept = owner.execute("select pg_has_role('deployer', 'mas_owner', 'usage')").fetchone()
        assert kept == (False,), "the owner's rights stayed"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("set role deployer; select * from core.users")
