"""The full hand-over beside a bare task: complete, transition, event, message to the user, next task."""

from __future__ import annotations

import json
from typing import Any

from db.bench import ours
from db.bench.cluster import DISK, REGIMES, Database
from db.bench.contest import Bench, Goal, figures

FRONT_END = "terminal"
FIRST = "client_manager"
RESULT = {
    "outcome": "approved",
    "reply": "ok",
    "requirement": {"title": "a board", "measures": []},
    "title": "a board",
}
HAND_OVER = f"""select task_id, lease_token, payload from api.claim_task() \\gset
select api.complete_task(:task_id, :lease_token, '{json.dumps(RESULT)}');
"""


def measure_handover(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Rates only: no goal is set for them."""
    many = 2_000 if bench.plan.quick else 30_000
    designs = bench.cluster.template("designs", lambda database: begin_designs(database, many))
    full = ours.full_queue(bench, bench.plan.waiting)
    contenders = [
        ours.by_pgbench("bare task", ours.CLAIM_COMPLETE, ours.AGENT, full),
        ours.by_pgbench("hand-over", HAND_OVER, FIRST, designs),
    ]
    regimes = (DISK,) if bench.plan.quick else tuple(REGIMES)
    return [], {regime: figures(bench.contest(regime, contenders)) for regime in regimes}


def begin_designs(database: Database, many: int) -> None:
    """Designs that wait for their first agent."""
    database.run(
        f"""select count(api.receive_message(
              p_account => 'bench:' || i % 100, p_username => 'bench', p_text => 'a blinker',
              p_message_key => 'bench ' || i, p_design => null, p_interactive => false))
              from generate_series(1, {many}) i""",
        FRONT_END,
    )
