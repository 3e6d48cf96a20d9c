"""container_psql: the image that Dockerfile.postgres builds, as its users meet it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import docker
import psycopg
import pytest

from clients.api import SCHEMA_VERSION, Api
from clients.deploy import deploy
from clients.server import ROLES
from tests.conftest import ROOT, Database
from tests.db.test_deploy import MIGRATIONS, dump
from tests.docker.conftest import Psql, StartPsql

pytestmark = pytest.mark.docker
LOGIN_RIGHTS = """
    select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit
      from pg_roles where rolname = any (%s) order by 1"""
MEMBERSHIPS = """
    select m.roleid::regrole::text, m.member::regrole::text, m.inherit_option, m.set_option from pg_auth_members m
     where m.roleid::regrole::text like any ('{mas\\_%%,web\\_user}') and m.member::regrole::text = any (%s) order by 1, 2"""


def dump_inside(psql: Psql) -> str:
    """What pg_dump says inside the container, without what differs by chance."""
    words = ["pg_dump", "-U", "postgres", "--schema-only", "-n", "core", "-n", "api", "hardware_mas"]
    lines = psql.run(*words).splitlines()
    passing = ("--", "\\restrict", "\\unrestrict", "GRANT ALL ON LANGUAGE plpgsql TO deployer")
    return "\n".join(line for line in lines if not line.startswith(passing))


def test_it_begins_with_todays_schema_over_tls_1_3(psql: Psql) -> None:
    with psql.connect("monitor") as monitor:
        assert monitor.execute("select schema_version()").fetchone() == (SCHEMA_VERSION,)
        tls = monitor.execute("select version from pg_stat_ssl where pid = pg_backend_pid()").fetchone()
        assert tls == ("TLSv1.3",)
        doors = monitor.execute("select door from check_hardening() where not closed").fetchall()
    assert doors == []


@pytest.mark.parametrize(
    ("role", "change", "said"),
    [
        ("monitor", {"sslmode": "disable"}, "no encryption"),
        ("monitor", {"ssl_max_protocol_version": "TLSv1.2"}, "protocol version"),
        ("monitor", {"password": "wrong"}, "password authentication failed"),
        ("postgres", {"password": "any"}, "pg_hba.conf rejects"),
        ("mas_owner", {"password": "any"}, "password authentication failed"),
    ],
)
def test_who_does_not_get_in(psql: Psql, role: str, change: dict[str, str], said: str) -> None:
    dsn = psycopg.conninfo.make_conninfo(psql.dsn(role, "x" if role != "monitor" else None), **change)
    with pytest.raises(psycopg.OperationalError, match=said):
        psycopg.connect(dsn)


def test_a_role_without_a_password_file_cannot_log_in(start_psql: StartPsql) -> None:
    bare = start_psql(without=("kicad",))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(bare.dsn("kicad", "x"))


def test_the_commands_of_the_readme_work_inside(psql: Psql, tmp_path: Path) -> None:
    said = psql.run("psql", "-U", "admin", "-d", "hardware_mas", "-c", "select count(*) from help()")
    assert "1 row" in said
    file = tmp_path / "file.sql"
    file.write_text("select 'read from a file';\n")
    inside = psql.container.get_wrapped_container()
    name = inside.name
    subprocess.run(["docker", "cp", "-q", file, f"{name}:/var/lib/postgresql/data/file.sql"], check=True)
    words = ("psql", "-U", "admin", "-d", "hardware_mas", "-f", "/var/lib/postgresql/data/file.sql")
    assert "read from a file" in psql.run(*words)


def test_it_runs_as_nobody_special_and_takes_its_memory_from_the_limit(psql: Psql) -> None:
    assert psql.run("id", "-un").strip() == "postgres"
    shared = psql.run("psql", "-U", "postgres", "-d", "hardware_mas", "-Atc", "show shared_buffers")
    assert shared.strip() == "256MB"  # of 1 GB


def test_the_database_is_that_of_the_embedded_server(psql: Psql, database: Database) -> None:
    assert dump_inside(psql) == dump(database)
    roles = [*ROLES, "mas_owner", "mas_agent", "mas_front_end", "mas_administrator", "web_user"]
    with psql.connect("deployer") as here, database.connect() as there:
        assert (
            here.execute(LOGIN_RIGHTS, (roles,)).fetchall()
            == there.execute(LOGIN_RIGHTS, (roles,)).fetchall()
        )
        assert (
            here.execute(MEMBERSHIPS, (roles,)).fetchall() == there.execute(MEMBERSHIPS, (roles,)).fetchall()
        )


def test_deploying_to_a_fresh_container_finds_nothing_to_do(start_psql: StartPsql) -> None:
    fresh = start_psql()
    passwords = {role: (fresh.secrets / role).read_text() for role in ROLES}
    assert [line for line in deploy(fresh.dsn("deployer"), passwords) if line.startswith("applied")] == []


def test_a_restart_keeps_the_data_and_the_certificate(start_psql: StartPsql) -> None:
    kept = start_psql()
    with Api.connect(kept.dsn("terminal")) as terminal:
        design = terminal.receive_message("anna", "Anna", "a blinker", "k1", None, True)
    before = kept.run("sha256sum", "/var/lib/postgresql/data/tls/server.crt")
    kept.restart()
    with Api.connect(kept.dsn("terminal")) as terminal:
        assert terminal.design_status(design)["state"] == "briefing"
        assert terminal.receive_message("anna", "Anna", "a blinker", "k1", None, True) == design
    assert kept.run("sha256sum", "/var/lib/postgresql/data/tls/server.crt") == before


def test_a_volume_of_the_previous_release_is_brought_to_today(start_psql: StartPsql, volume: str) -> None:
    place = {volume: "/var/lib/postgresql/data"}
    old = start_psql(volumes=place)
    today = dump_inside(old)
    last = sorted(file.stem for file in MIGRATIONS.glob("0*.py"))[-1]
    url = old.dsn("deployer").replace("postgresql://", "postgresql+psycopg://")
    words = [sys.executable, "-m", "yoyo", "rollback", "--batch", "--revision", last, "--database", url]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with old.connect(
        "deployer"
    ) as deployer:  # its functions went by another name, as those of every release do
        deployer.execute("delete from public._yoyo_migration where migration_id like '9999.%'")
    assert dump_inside(old) != today
    old.end()

    new = start_psql(volumes=place, secrets_of=old)
    passwords = {role: (new.secrets / role).read_text() for role in ROLES}
    assert f"applied {last}" in list(deploy(new.dsn("deployer"), passwords))
    assert dump_inside(new) == today
    new.end()


def test_no_layer_has_a_secret(image: str, psql: Psql, daemon: docker.DockerClient) -> None:
    words = {(psql.secrets / name).read_text().encode() for name in ROLES}
    environment = daemon.images.get(image).attrs["Config"]["Env"]
    assert not [line for line in environment if "PASSWORD" in line]
    blob = b"".join(daemon.images.get(image).save())
    assert not [word for word in words if word in blob]
    assert psql.run("sh", "-c", "find / -xdev -name '*.key' 2>/dev/null; true").split() == []


@pytest.mark.timeout(900)
def test_the_contract_of_the_queue_holds_in_the_container(
    start_psql: StartPsql, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The queue's own tests, as they are, against the container's server: over its socket, as tests need a superuser."""
    socket = tmp_path_factory.mktemp("socket")
    os.chown(socket, 999, 999)
    for parent in (socket, *socket.parents):
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    there = start_psql(volumes={str(socket): "/var/run/postgresql"})
    env = os.environ | {
        "DATABASE_URL": f"postgresql://postgres@/hardware_mas?host={socket}",
        "MAS_SECRETS_DIR": str(there.secrets),
    }
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_XDIST")}
    files = ["test_queue.py", "test_queue_complete.py", "test_races.py", "test_contract.py"]
    words = [sys.executable, "-m", "pytest", "-q", "-n", "2", *(f"tests/db/{file}" for file in files)]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
