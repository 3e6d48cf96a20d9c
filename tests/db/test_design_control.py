"""Designs paused, resumed, forked and replayed; channels; views for people."""

from __future__ import annotations

import random
from typing import Any

import psycopg
import pytest

from clients.api import ApiError
from tests.conftest import LEASE_S, Database
from tests.db.steps import RESULTS, begin, reject, status, work

AGENTS = ("client_manager", "pcb_designer", "kicad", "pcb_tester")


def call(database: Database, query: str, *values: Any, role: str = "terminal") -> Any:
    """The one value of a query, asked by a role."""
    with database.connect(role) as connection:
        row = connection.execute(query, values).fetchone()
    return row[0] if row else None


def code_of(database: Database, query: str, *values: Any, role: str = "terminal") -> str | None:
    """The SQLSTATE with which the query is refused."""
    try:
        call(database, query, *values, role=role)
    except psycopg.Error as error:
        return error.sqlstate
    return None


def replay(database: Database, design: int) -> tuple[Any, ...]:
    """(state, attempt, paused, agrees, problem) as rebuilt from the events."""
    with database.connect("admin") as people:
        row = people.execute(
            "select state, attempt, paused, agrees, problem from replay_design(%s)", (design,)
        ).fetchone()
    assert row is not None
    return row


def claimed(database: Database, agent: str) -> bool:
    """Whether the agent finds work; it hands it back."""
    with database.api(agent) as api:
        task = api.claim_task(LEASE_S)
        if task is not None:
            api.release_task(task)
        return task is not None


# ---------------------------------------------------------------------------- pause and resume


def test_a_paused_design_rests_and_goes_on_where_it_was(database: Database) -> None:
    design = begin(database)
    work(database, "client_manager")
    assert call(database, "select pause_design(%s)", design)
    assert not call(database, "select pause_design(%s)", design)
    assert not claimed(database, "pcb_designer")
    assert call(database, "select resume_design(%s)", design)
    assert not call(database, "select resume_design(%s)", design)
    for agent in AGENTS[1:]:
        work(database, agent)
    assert status(database, design)["state"] == "resolved"
    assert replay(database, design) == ("resolved", 1, False, True, None)


def test_work_in_hand_is_finished_and_what_follows_waits(database: Database, claim: Any) -> None:
    design = begin(database)
    api, task = claim("client_manager")
    call(database, "select pause_design(%s)", design)
    api.complete_task(task, RESULTS["client_manager"])
    assert status(database, design)["state"] == "designing"
    assert not claimed(database, "pcb_designer")
    call(database, "select resume_design(%s)", design)
    assert claimed(database, "pcb_designer")


@pytest.mark.parametrize("way", ["fail", "release", "silence"])
def test_work_that_comes_back_while_paused_waits(database: Database, claim: Any, way: str) -> None:
    design = begin(database)
    api, task = claim("client_manager")
    call(database, "select pause_design(%s)", design)
    if way == "fail":
        api.fail_task(task, "no", retry=True)
    elif way == "release":
        api.release_task(task)
    with database.connect() as owner:
        owner.execute(
            "update core.tasks set lease_until = core.now() - interval '1 min' where state = 'working'"
        )
        assert not claimed(database, "client_manager")
        owner.execute("update core.tasks set run_at = core.now() - interval '1 min'")
        assert not claimed(database, "client_manager")
    call(database, "select resume_design(%s)", design)
    assert claimed(database, "client_manager")


def test_a_message_to_a_paused_design_is_answered_when_it_goes_on(database: Database) -> None:
    design = begin(database, interactive=True)
    work(database, "client_manager", outcome="asked", reply="which colour?")
    call(database, "select pause_design(%s)", design)
    with database.api("terminal") as api:
        api.receive_message("terminal:me", "me", "green", "k1", design, True)
    assert not claimed(database, "client_manager")
    call(database, "select resume_design(%s)", design)
    assert claimed(database, "client_manager")


def test_a_paused_design_can_be_cancelled_and_then_neither_paused_nor_resumed(database: Database) -> None:
    design = begin(database)
    call(database, "select pause_design(%s)", design)
    call(database, "select cancel_design(%s)", design)
    assert replay(database, design) == ("cancelled", 0, False, True, None)
    assert code_of(database, "select pause_design(%s)", design) == "PB010"
    assert code_of(database, "select resume_design(%s)", design) == "PB010"
    assert code_of(database, "select pause_design(%s)", design, role="discord_bot") == "PB006"


# ---------------------------------------------------------------------------- fork


def test_a_fork_goes_off_from_an_attempt_with_all_attempts_left(database: Database) -> None:
    design = begin(database)
    work(database, "client_manager")
    work(database, "pcb_designer", script="first = 1")
    reject(database, "kicad")
    work(database, "pcb_designer", script="second = 2")
    work(database, "kicad")
    work(database, "pcb_tester")
    fork = call(database, "select fork_design(%s, 1)", design)
    assert fork != design
    with database.api("kicad") as api:
        task = api.claim_task(LEASE_S)
        assert task is not None
        context = api.task_context(task)
        assert (context["design"], context["script"], context["attempt"]) == (fork, "first = 1", 1)
        api.release_task(task)
    reject(database, "kicad")
    for agent in AGENTS[1:]:
        work(database, agent)
    assert status(database, fork)["state"] == "resolved"
    assert replay(database, fork) == ("resolved", 2, False, True, None)
    assert replay(database, design) == ("resolved", 2, False, True, None)


def test_only_one_s_own_attempts_can_be_forked(database: Database) -> None:
    design = begin(database)
    assert code_of(database, "select fork_design(%s, 1)", design) == "PB014"
    work(database, "client_manager")
    work(database, "pcb_designer")
    assert code_of(database, "select fork_design(%s, 2)", design) == "PB014"
    assert code_of(database, "select fork_design(%s, 1)", design, role="discord_bot") == "PB006"


# ---------------------------------------------------------------------------- replay


def test_a_row_that_no_event_explains_is_found(database: Database) -> None:
    design = begin(database)
    work(database, "client_manager")
    with database.connect() as owner:
        owner.execute("update core.design_states set attempt = 3 where state_id = %s", (design,))
    assert replay(database, design)[3:] == (False, "the design says designing, attempt 3, not paused")


def test_an_event_that_no_transition_allows_is_found(database: Database) -> None:
    design = begin(database)
    with database.connect() as owner:
        owner.execute(
            """insert into core.design_events (state_id, from_state, outcome, to_state, attempt, actor)
               values (%s, 'briefing', 'passed', 'resolved', 0, 'pcb_tester')""",
            (design,),
        )
    *_, agrees, problem = replay(database, design)
    assert not agrees
    assert "(passed) cannot follow briefing" in problem


def add_event(
    database: Database, design: int, before: str, outcome: str, after: str, attempt: int = 0
) -> None:
    """Forge a row of history, as only the owner could."""
    with database.connect() as owner:
        owner.execute(
            """insert into core.design_events (state_id, from_state, outcome, to_state, attempt, actor)
               values (%s, %s, %s, %s, %s, 'terminal')""",
            (design, before, outcome, after, attempt),
        )


def test_pausing_out_of_turn_or_after_the_end_is_found(database: Database) -> None:
    resumed, paused, ended = (begin(database) for _ in range(3))
    call(database, "select pause_design(%s)", paused)
    call(database, "select cancel_design(%s)", ended)
    add_event(database, resumed, "briefing", "resumed", "briefing")
    add_event(database, paused, "briefing", "paused", "briefing")
    add_event(database, ended, "cancelled", "paused", "cancelled")
    assert "(resumed) cannot follow briefing" in replay(database, resumed)[4]
    assert "(paused) cannot follow briefing, paused" in replay(database, paused)[4]
    assert "(paused) cannot follow cancelled" in replay(database, ended)[4]


def test_a_failure_with_attempts_left_is_found(database: Database) -> None:
    design = begin(database)
    work(database, "client_manager")
    work(database, "pcb_designer")
    with database.connect() as owner:  # the trigger knows the pair building, failed; only the history tells
        owner.execute(
            """update core.design_states set state = 'failed', error = 'x', finished_at = core.now()
                where state_id = %s""",
            (design,),
        )
    add_event(database, design, "building", "rejected", "failed", attempt=1)
    assert "(rejected) cannot follow building" in replay(database, design)[4]


def test_people_who_wait_see_that_it_is_paused(database: Database) -> None:
    design = begin(database)
    assert status(database, design)["paused"] is False
    call(database, "select pause_design(%s)", design)
    assert status(database, design)["paused"] is True


def _holds(owner: psycopg.Connection, people: psycopg.Connection) -> None:
    """Every design replays, and has the one task that its state wants, blocked if and only if it waits paused."""
    for design, state, paused, finished, tasks in owner.execute(
        """select d.state_id, d.state, d.paused, d.finished_at is not null,
                  array(select t.state::text from core.tasks t where t.state_id = d.state_id and not t.cancelled)
             from core.design_states d"""
    ).fetchall():
        row = people.execute("select agrees, problem from replay_design(%s)", (design,)).fetchone()
        assert row == (True, None)
        assert len(tasks) == (0 if finished or state == "awaiting_user" else 1)
        assert all((task == "blocked") == (paused and task != "working") for task in tasks)


def _move(database: Database, move: str, designs: list[int], dice: random.Random) -> None:
    """One step of a walk; most are refused most of the time, and with a code that says why."""
    design, agent = dice.choice(designs), dice.choice(AGENTS)
    if move == "work":
        work(database, agent)
    elif move == "reject":
        reject(database, dice.choice(["kicad", "pcb_tester"]))
    elif move == "fork":
        designs.append(call(database, "select fork_design(%s, 1)", design))
    elif move == "lose":
        with database.api(agent) as api:
            task = api.claim_task(LEASE_S)
        if task is not None and dice.random() < 0.5:  # its design is paused while the work is in hand
            call(database, "select pause_design(%s)", task.payload["design"])
        with database.connect() as owner:
            owner.execute("update core.tasks set lease_until = core.now() where state = 'working'")
            owner.execute("update core.tasks set run_at = core.now() where state = 'scheduled'")
    elif move != "cancel" or dice.random() < 0.1:
        call(database, f"select {move}_design(%s)", design)


@pytest.mark.parametrize("seed", range(6))
def test_random_walks_replay_and_keep_one_task_or_none(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    designs = [begin(database) for _ in range(3)]
    moves = ["work"] * 6 + ["reject", "pause", "resume", "resume", "fork", "lose", "lose", "cancel"]
    refusals = set()
    with database.connect() as owner, database.connect("admin") as people:
        for _ in range(60):
            try:
                _move(database, dice.choice(moves), designs, dice)
            except AssertionError as nothing_to_do:
                refusals.add(str(nothing_to_do).partition(" ")[2].splitlines()[0])
            except ApiError as refused:
                refusals.add(refused.code)
            except psycopg.Error as refused:
                refusals.add(refused.sqlstate)
            _holds(owner, people)
    assert refusals <= {"has nothing to do", "PB010", "PB014", "PB005"}


# ---------------------------------------------------------------------------- channels


def test_a_rejected_attempt_reaches_the_designer_who_was_away(database: Database) -> None:
    design = begin(database)
    work(database, "client_manager")
    work(database, "pcb_designer")
    reject(database, "kicad")
    with database.api("pcb_designer") as designer:
        (message,) = designer.pending_notifications()
        assert message["channel"] == "corrections_needed"
        assert message["sender_agent"] == "kicad"
        assert message["message_payload"] == {"design": design, "attempt": 1, "codes": ["LED_REVERSED"]}
        assert designer.acknowledge_notification(message["notification_id"])
        assert designer.pending_notifications() == []
    for agent in ("client_manager", "pcb_tester", "terminal"):
        with database.api(agent) as other:
            assert all(m["channel"] != "corrections_needed" for m in other.pending_notifications())


@pytest.mark.parametrize(
    "channel", ["task_queue", "design_updates", "design_completed", "corrections_needed"]
)
def test_each_channel_rings_by_its_own_name(database: Database, channel: str) -> None:
    with database.connect("admin") as people, database.connect("kicad") as sender:
        people.execute("select set_agent_channels('kicad', null, array[%s])", (channel,))
        with database.connect("pcb_tester") as listener:
            listener.execute(f"listen {channel}")
            number = sender.execute("select send_notification(%s, '{}')", (channel,)).fetchone()[0]
            rung = list(listener.notifies(timeout=5, stop_after=1))
    assert [(ring.channel, ring.payload) for ring in rung] == [(channel, str(number))]


def test_broadcast_reaches_all_listeners_and_direct_words_only_one(database: Database) -> None:
    with database.connect("admin") as people, database.connect("kicad") as sender:
        for agent in ("client_manager", "pcb_designer"):
            people.execute("select set_agent_channels(%s, '{task_queue}')", (agent,))
        people.execute("select set_agent_channels('kicad', null, '{task_queue}')")
        people.execute("select set_agent_channels('pcb_tester', '{}')")
        sender.execute("select send_notification('task_queue', '1')")
        sender.execute("select send_notification('task_queue', '2', 'pcb_designer')")
        with pytest.raises(psycopg.Error) as refused:
            sender.execute("select send_notification('task_queue', '3', 'pcb_tester')")
        assert refused.value.sqlstate == "PB002"
    found = {}
    for agent in AGENTS:
        with database.api(agent) as api:
            found[agent] = [m["message_payload"] for m in api.pending_notifications()]
    assert found == {"client_manager": [1], "pcb_designer": [1, 2], "kicad": [1], "pcb_tester": []}


def test_words_about_a_design_reach_no_front_end_but_its_users_own(database: Database) -> None:
    design = begin(database)
    call(database, "select set_agent_channels('kicad', null, '{design_updates}')", role="admin")
    odd = [{"design": str(design)}, {"design": design + 0.5}, {"design": 10**30}, {"design": None}, "design"]
    with database.api("kicad") as sender:
        for payload in ({"design": design}, *odd, {"words": "to all"}):
            sender.send_notification("design_updates", payload)
        sender.send_notification("design_updates", {"design": design, "to": "you"}, "terminal")
        with pytest.raises(ApiError) as refused:
            sender.send_notification("design_updates", {"design": design}, "discord_bot")
        assert refused.value.code == "PB006"
    with database.api("discord_bot") as other, database.api("terminal") as own:
        assert [m["message_payload"] for m in other.pending_notifications()] == [{"words": "to all"}]
        assert [m["message_payload"] for m in own.pending_notifications()] == [
            {"design": design}, odd[0], {"words": "to all"}, {"design": design, "to": "you"},
        ]  # fmt: skip


def test_what_is_no_longer_listened_to_is_kept_but_not_delivered(database: Database) -> None:
    with database.api("kicad") as sender:
        sender.send_notification("corrections_needed", 1)
        sender.send_notification("corrections_needed", 2, "pcb_designer")
    with database.api("pcb_designer") as designer, database.connect("admin") as people:
        people.execute("select set_agent_channels('pcb_designer', '{task_queue}')")
        assert designer.pending_notifications() == []
        people.execute("select set_agent_channels('pcb_designer', '{corrections_needed}')")
        assert [m["message_payload"] for m in designer.pending_notifications()] == [1, 2]


def test_a_message_expires_and_is_forgotten(database: Database) -> None:
    with database.connect("kicad") as sender:
        sender.execute("select send_notification('corrections_needed', '1', null, '1 min')")
        sender.execute("select send_notification('corrections_needed', '2')")
    with database.connect() as owner:
        owner.execute("""create or replace function core.now() returns timestamptz language sql volatile
                         as $$ select pg_catalog.clock_timestamp() + interval '1 hour' $$""")
        with database.api("pcb_designer") as designer:
            assert [m["message_payload"] for m in designer.pending_notifications()] == [2]
        call(database, "select run_maintenance()", role="admin")
        assert owner.execute("select message_payload from core.notifications").fetchall() == [(2,)]
        assert owner.execute("select count(*) from core.notification_receipts").fetchone() == (1,)


def test_only_channels_that_there_are_can_be_given(database: Database) -> None:
    query = "select set_agent_channels('kicad', '{gossip}')"
    assert code_of(database, query, role="admin") == "PB002"
    assert code_of(database, query, role="kicad") == "42501"


# ---------------------------------------------------------------------------- views for people

VIEWS = ("queue_depth", "agents_alive", "stuck_work", "attempts_per_design", "model_costs", "longest_waits",
         "dead_letters", "oldest_transaction", "model_spending")  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_people_read_each_view_and_agents_none(database: Database, view: str) -> None:
    for role in ("monitor", "admin"):
        with database.connect(role) as people:
            people.execute(f"select * from {view}")
    for role in (*AGENTS, "terminal", "discord_bot"):
        assert code_of(database, f"select 1 from {view}", role=role) == "42501"


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """What monitor reads."""
    with database.connect("monitor") as people:
        return people.execute(query).fetchall()


def test_the_queue_and_its_agents_are_seen(database: Database, claim: Any) -> None:
    begin(database)
    begin(database)
    api, task = claim("client_manager")
    api.start_worker()
    # the worker's new life gave back what it had in hand; it is tried again after its backoff
    assert rows(database, "select agent, state, tasks from queue_depth order by state") == [
        ("client_manager", "ready", 1),
        ("client_manager", "scheduled", 1),
    ]
    with database.connect("kicad") as sleeper:
        sleeper.execute("select prepare_sleep()")
        alive = {row[0]: row[1:] for row in rows(database, "select agent, asleep, workers from agents_alive")}
        assert alive["kicad"] == (1, 0)
        assert alive["client_manager"] == (0, 1)
        assert alive["pcb_tester"] == (0, 0)
        assert "terminal" not in alive
    assert task.attempt == 1


def test_stuck_work_is_named(database: Database, claim: Any) -> None:
    assert rows(database, "select * from stuck_work") == []
    paused = begin(database)
    call(database, "select pause_design(%s)", paused)
    begin(database)
    claim("client_manager")
    with database.connect() as owner:
        owner.execute(
            "update core.tasks set lease_until = core.now() - interval '1 min' where state = 'working'"
        )
        orphan = begin(database)
        owner.execute("delete from core.tasks where state_id = %s", (orphan,))
    found = rows(database, "select trouble, design from stuck_work order by trouble")
    assert [trouble for trouble, _ in found] == ["lease overdue", "no task", "paused"]
    assert found[1][1] == orphan


def test_attempts_costs_and_dead_letters_are_seen(database: Database, claim: Any) -> None:
    design = begin(database)
    work(database, "client_manager")
    api, task = claim("pcb_designer")
    with database.connect("pcb_designer") as agent:
        agent.execute(
            "select record_model_call(%s, %s, 'm', 100, 20, 0.25, 1.5)", (task.task_id, task.lease_token)
        )
        with pytest.raises(psycopg.Error) as refused:
            agent.execute("select record_model_call(%s, gen_random_uuid(), 'm', 1, 1, 0, 1)", (task.task_id,))
        assert refused.value.sqlstate == "PB001"
    api.complete_task(task, RESULTS["pcb_designer"])
    reject(database, "kicad")
    api, task = claim("pcb_designer")
    api.fail_task(task, "no account", retry=False)
    assert rows(database, "select agent, model, calls, prompt_tokens, cost::float8 from model_costs") == [
        ("pcb_designer", "m", 1, 100, 0.25)
    ]
    assert rows(database, "select design, state, attempt, first_errors from attempts_per_design") == [
        (design, "failed", 1, ["LED_REVERSED"])
    ]
    assert rows(database, "select agent, design, error, retried_as from dead_letters") == [
        ("pcb_designer", design, "no account", None)
    ]


def test_monitor_sees_whose_transaction_is_open(database: Database) -> None:
    with database.connect("kicad") as agent, agent.transaction():
        agent.execute("select schema_version()")
        assert ("kicad", "idle in transaction") in rows(
            database, "select role, state from oldest_transaction"
        )
