"""Where a word stands in a database: every column of every table, and pg_dump as a second witness.

`leave` lets a person's words get into every column that can hold them, by the calls through which they come.
"""

from __future__ import annotations

import os
import subprocess
import uuid
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.conftest import Database
from tests.db.steps import BOARD, CHECK, FINDING

# Columns of words that are nobody's, and whose they are.
NOBODYS = {
    "the project's": (
        "error_codes states transitions channels import_columns settings setting_changes migration_files history_ranges"
        " core.agents.listen_channels core.agents.notify_channels core.front_ends.cursor"
    ),
    "the administrators'": "core.agents.model schedules parts allowed_places task_keys core.examples.source",
    "KiCad's": "library_symbols library_footprints library_version library_pages",
    "the agents' programs'": (
        "prompts system_logs core.workers.worker core.model_calls.model core.model_calls.prompt"
        " core.model_calls.prompt_version core.tasks.worker core.tasks.fifo_key"
    ),
    "one of a list, or kept to figures": (
        "core.chat_messages.sender core.design_states.state core.design_events.from_state core.design_events.outcome core.design_events.to_state"
        " core.model_calls.status core.model_calls.problem core.model_calls.verdict core.notifications.channel"
        " core.examples.outcome core.board_footprints.side core.board_pads.kind core.board_tracks.layer"
        " core.erasures.erased core.outbox.kind core.outbox.state core.outbox.claimed_by core.outbox.nonce core.inbox.outcome"
        " core.resolved_designs.resolution_notes"
    ),
    "hashes, and words that are made of others in the row": (
        "core.examples.content_hash core.examples.search core.model_exchanges.request_hash core.artifacts.sha256"
        " core.artifact_contents.sha256 core.inbox.digest core.erasures.account"
    ),
}
COLUMNS = """
    select c.relname, a.attname, coalesce(nullif(t.typbasetype, 0), t.oid)::regtype::text
      from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
     where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
       and coalesce(nullif(t.typbasetype, 0), t.oid)::regtype::text in
           ('text', 'text[]', 'jsonb', 'json', 'bytea', 'character varying', 'tsvector', 'xml')
     order by 1, 2"""
TABLES = """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm') and not c.relispartition and n.nspname !~ '^(pg_|information_schema)' order by 1, 2"""

MORE = (None, 0, "0 s", None, None, None)  # arguments of enqueue_task before the design
RECEIVE = """select receive_event(p_account => %(word)s, p_username => %(word)s, p_event_key => %(key)s, p_command => %(command)s,
    p_text => %(text)s, p_place => %(place)s, p_parent => %(parent)s, p_guild => %(guild)s, p_source => %(source)s, p_reply_token => %(token)s)"""


def columns_of_words(connection: psycopg.Connection) -> set[str]:
    """Every column, as table.column, that can hold a person's words."""
    nobodys = {name for names in NOBODYS.values() for name in names.split()}
    return {
        f"core.{table}.{column}"
        for table, column, _ in connection.execute(COLUMNS).fetchall()
        if table not in nobodys and f"core.{table}.{column}" not in nobodys
    }


def columns_with(connection: psycopg.Connection, word: str) -> set[str]:
    """Every column of core, as table.column, in which the word stands."""
    found = set()
    for table, column, kind in connection.execute(COLUMNS).fetchall():
        name = sql.Identifier(column)
        there = (
            sql.SQL("position({} in {}) > 0").format(word.encode(), name)
            if kind == "bytea"
            else sql.SQL("position({} in lower({}::text)) > 0").format(word, name)
        )
        query = sql.SQL("select exists (select from {} where {})").format(
            sql.Identifier("core", table), there
        )
        if connection.execute(query).fetchone() == (True,):
            found.add(f"core.{table}.{column}")
    return found


def rows(connection: psycopg.Connection) -> dict[str, set[str]]:
    """Every row of every table, whole and as text."""
    found = {}
    for schema, table in connection.execute(TABLES).fetchall():
        query = sql.SQL("select r::text from {} r").format(sql.Identifier(schema, table))
        found[f"{schema}.{table}"] = {row for (row,) in connection.execute(query)}
    return found


def tables_with(connection: psycopg.Connection, word: str) -> set[str]:
    """Every table, of whatever schema, with a row in which the word stands, in letters or in hexadecimal digits."""
    forms = (word, word.encode().hex())
    return {
        table
        for table, them in rows(connection).items()
        if any(form in row.lower() for row in them for form in forms)
    }


def dumped(database: Database) -> str:
    """The whole database as pg_dump writes it."""
    from clients import server as module

    url = psycopg.conninfo.conninfo_to_dict(database.admin_dsn)
    env = os.environ | {"PGPASSWORD": str(url.pop("password"))}
    words = [module._binaries() / "pg_dump", psycopg.conninfo.make_conninfo(**url)]
    return subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout.lower()


def in_dump(database: Database, word: str) -> bool:
    """Whether pg_dump finds the word, in letters or in hexadecimal digits."""
    text = dumped(database)
    return word in text or word.encode().hex() in text


class Person:
    """Somebody, from Discord if nothing else is said, whose every word is one word; agents repeat it wherever they can.

    It gets into the database by the calls of the real roles.
    """

    def __init__(self, database: Database, word: str, front_end: str = "discord_bot") -> None:
        self.database, self.word, self.front_end = database, word, front_end

    def call(self, role: str, function: str, *values: Any) -> Any:
        """The first row of a call, one value of one column."""
        marks = ", ".join(["%s"] * len(values))
        with self.database.connect(role) as connection:
            row = connection.execute(f"select * from api.{function}({marks})".encode(), values).fetchone()
        return row[0] if row and len(row) == 1 else row

    def say(self, text: str = "a board", design: int | None = None, interactive: bool = False) -> int:
        """Words, with a file; returns the design."""
        key = f"{self.word} {uuid.uuid4()}"
        name = f"Dear {self.word}"
        self.call(self.front_end, "attach_file", self.word, name, key, f"{self.word}.txt", self.word.encode())
        said = (self.word, name, f"{text} {self.word}", key, design, interactive)
        return int(self.call(self.front_end, "receive_message", *said))

    def designs(self) -> set[int]:
        """The person's designs and candidates."""
        query = "select d.state_id from core.design_states d join core.users u using (user_id) where u.account = %s"
        with self.database.connect() as owner:
            return {number for (number,) in owner.execute(query, (self.word,))}

    def claim(self, agent: str) -> tuple[int, Any]:
        """The agent's next task for this person: number and token; what comes before it is handed back."""
        mine, passed = self.designs(), []
        with self.database.connect(agent) as connection:
            query = "select task_id, lease_token, payload -> 'design' from claim_task()"
            while (row := connection.execute(query).fetchone()) and row[2] not in mine:
                passed.append(row[:2])
            for held in passed:
                connection.execute("select release_task(%s, %s)", held)
        assert row is not None, f"{agent} has nothing to do"
        return row[0], row[1]

    def finish(self, agent: str, held: tuple[int, Any], **result: Any) -> None:
        """The task is done, with the word in its result."""
        self.call(agent, "complete_task", *held, Jsonb(result | {"besides": self.word}))

    def requirement(self) -> dict[str, Any]:
        """As client_manager makes one."""
        return {
            "title": self.word,
            "brief": self.word,
            "measures": [],
            "ports": [{"name": self.word}],
            "unused": [self.word],
        }

    def approve(self) -> None:
        """client_manager asks a model, says the word and has what it needs."""
        held = self.claim("client_manager")
        self.call("client_manager", "heartbeat_task", *held, "60 s", f"thinking of {self.word}")
        self.ask_model("client_manager", held, fails=True)
        self.finish(
            "client_manager",
            held,
            outcome="approved",
            reply=self.word,
            requirement=self.requirement(),
            title=self.word,
        )

    def ask_model(self, agent: str, held: tuple[int, Any], fails: bool = False) -> int:
        """A model is asked, and answers or fails."""
        request = Jsonb({"messages": [{"role": "user", "content": self.word}]})
        number, _ = self.call(agent, "begin_model_call", *held, "m", "a_prompt", "1", request)
        self.call(agent, "end_model_call", *held, number, f'{{"content": "{self.word}"}}', 1000, 500, 1.5)
        if fails:
            self.call(
                agent, "fail_model_call", *held, number, "bad_schema", None, None, f"{self.word} is no JSON"
            )
        return int(number)

    def write_script(self) -> None:
        """pcb_designer's next attempt."""
        held = self.claim("pcb_designer")
        self.ask_model("pcb_designer", held)
        script = f"part('{self.word}')  # {uuid.uuid4()}"
        self.finish("pcb_designer", held, outcome="scripted", script=script, notes=[self.word])

    def build(self, more: bytes = b"") -> None:
        """kicad's board, each of its words the one, and its files."""
        held = self.claim("kicad")
        footprint = BOARD["footprints"][0] | dict.fromkeys(
            ("ref", "value", "footprint", "symbol", "part"), self.word
        )
        pad = BOARD["pads"][0] | {"ref": self.word, "number": self.word, "net": self.word}
        track = BOARD["tracks"][0] | {"net": self.word}
        board = {"footprints": [footprint], "pads": [pad], "tracks": [track], "vias": []}
        self.call("kicad", "store_board", *held, Jsonb(board))
        self.call("kicad", "store_artifact", *held, f"{self.word}.kicad_pcb", b"first " + self.word.encode())
        self.call(
            "kicad", "store_artifact", *held, f"{self.word}.kicad_pcb", b"board of " + self.word.encode()
        )
        self.call("kicad", "store_artifact", *held, "shared.txt", b"the same for all" + more)
        self.finish("kicad", held, outcome="built", summary={"note": self.word})

    def test(self, passes: bool) -> None:
        """pcb_tester's verdict."""
        held = self.claim("pcb_tester")
        check = CHECK | {"passed": passes, "place": self.word, "measured": self.word}
        verdict = {"outcome": "passed", "checks": [check]}
        if not passes:
            finding = FINDING | dict.fromkeys(("place", "measured", "cause", "fix"), self.word)
            verdict = {"outcome": "rejected", "checks": [check], "errors": [finding], "feedback": self.word}
        self.finish("pcb_tester", held, **verdict)

    def passed(self) -> int:
        """A design that failed once and then passed, spoken of and shared."""
        design = self.passed_at_once(False, True)
        self.call(
            "pcb_tester", "send_notification", "design_updates", Jsonb({"design": design, "words": self.word})
        )
        assert self.call(self.front_end, "share_design", design)
        return design

    def passed_at_once(self, *tests: bool) -> int:
        """A design that passed, at once or after what is told."""
        design = self.say()
        self.approve()
        for passes in tests or (True,):
            self.write_script()
            self.build()
            self.test(passes)
        return design

    def failed(self) -> int:
        """A design that ended for a reason with the word in it."""
        design = self.say()
        held = self.claim("client_manager")
        self.call("client_manager", "fail_task", *held, f"no idea of {self.word}", False)
        return design

    def branched(self) -> int:
        """An unfinished design with three candidates: one rejected, one that waits after a failure, one in hand."""
        design = self.say()
        self.approve()
        self.call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": 3}))
        self.finish("pcb_designer", self.claim("pcb_designer"), outcome="branched")
        self.write_script()
        self.build()
        self.test(passes=False)
        self.call("pcb_designer", "fail_task", *self.claim("pcb_designer"), f"a pause for {self.word}")
        held = self.claim("pcb_designer")
        self.ask_model("pcb_designer", held)
        self.call("pcb_designer", "heartbeat_task", *held, "60 s", f"a candidate of {self.word}")
        self.call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": None}))
        return design

    def asked(self) -> int:
        """A design that waits for an answer, with a task that an administrator gave it."""
        design = self.say(interactive=True)
        held = self.claim("client_manager")
        words = {"reply": f"what is {self.word}?", "requirement": self.requirement(), "title": self.word}
        self.finish("client_manager", held, outcome="asked", **words)
        self.call(
            "admin", "enqueue_task", "kicad", Jsonb({"design": design, "words": self.word}), *MORE, design
        )
        return design

    def cancelled(self) -> int:
        """The same, cancelled with its task."""
        design = self.asked()
        with self.database.connect() as owner:
            row = owner.execute("select task_id from core.tasks where state_id = %s", (design,)).fetchone()
        assert row is not None
        self.call("admin", "cancel_task", *row)
        return design

    def event(self, command: str, text: str = "", **more: Any) -> dict[str, Any]:
        """Something that the person does in Discord; its outcome."""
        words = {"key": f"{self.word} {uuid.uuid4()}", "word": self.word, "command": command, "text": text}
        places = dict.fromkeys(("place", "parent", "guild", "source", "token"))
        with self.database.connect("discord_bot") as bot:
            row = bot.execute(RECEIVE.encode(), words | places | more).fetchone()
        assert row is not None
        return dict(row[0])

    def talked(self) -> int:
        """A design in a thread, and what goes there: sent, failed, still to be sent."""
        place = {"parent": self.word, "guild": self.word}
        design = int(self.event("say", f"a board {self.word}", source=self.word, **place)["design"])
        held = self.claim("client_manager")
        self.call("client_manager", "heartbeat_task", *held, "60 s", f"thinking of {self.word}")
        words = {"reply": f"what is {self.word}?", "requirement": self.requirement(), "title": self.word}
        self.finish("client_manager", held, outcome="asked", **words)
        self.event(f"what about {self.word}", place=self.word, **place)
        self.event("status", place=self.word, token=self.word, **place)
        with self.database.connect("discord_bot") as bot:
            query = (
                "select kind, delivery_id, token from claim_deliveries('bot', p_design => %s, p_limit => 50)"
            )
            for _ in range(3):
                for kind, number, token in bot.execute(query, (design,)).fetchall():
                    if kind == "reply":
                        bot.execute(
                            "select fail_delivery(%s, %s, %s)", (number, token, f"no {self.word} there")
                        )
                    else:
                        remote = self.word if kind == "thread" else f"{self.word} {number}"
                        bot.execute("select record_delivery(%s, %s, %s)", (number, token, remote))
        return design

    def leave(self) -> list[int]:
        """Everything above, and a file that no message has come with; returns the designs."""
        self.call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": 1}))
        designs = [
            self.passed(),
            self.failed(),
            self.branched(),
            self.asked(),
            self.cancelled(),
            self.talked(),
        ]
        self.call(
            self.front_end, "attach_file", self.word, self.word, f"{self.word} to come", "notes.txt", b"x"
        )
        return designs
