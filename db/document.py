"""The contract in words: db/API.md, written from the catalogue, so that it says what is there.

`python -m db.document` writes it.  What a function or a view says of itself stands in its COMMENT, a line each:

    Lease the next runnable task of the calling agent; no row when idle.      the summary
    p_lease: how long the task stays the caller's without a heartbeat.        one for each argument
    Returns: the task; every later call asks for its token.                   where the summary does not say it
    Locks: the task's row.                                                    for whatever writes
    Raises: PB002.                                                            the codes, or nothing
    Example:                                                                  run by the suite as these roles
    kicad=> select attempt, payload from claim_task('30 s');
    1 | {"design": 1}
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

API = Path(__file__).resolve().parent / "API.md"
FIELD = re.compile(r"(p_\w+|Returns|Locks|Raises|Example):\s*(.*)")
NOTHING = "nothing"

FUNCTIONS = """
    select p.proname, pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc'), p.provolatile = 'v',
           (select string_agg(format('%%s %%s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
              from pg_type t join pg_attribute a on a.attrelid = t.typrelid
             where t.oid = p.prorettype and t.typnamespace = 'core'::regnamespace and a.attnum > 0),
           array(select array[coalesce(p.proargnames[n], ''), format_type(t, null),
                              coalesce(pg_get_function_arg_default(p.oid, n::int), '')]
                   from unnest(p.proargtypes::oid[]) with ordinality x (t, n) order by n),
           array(select r.rolname::text from pg_roles r
                  where r.rolname = any (%(roles)s) and has_function_privilege(r.oid, p.oid, 'execute') order by 1)
      from pg_proc p where p.pronamespace = 'api'::regnamespace order by p.proname"""
VIEWS = """
    select c.relname, obj_description(c.oid, 'pg_class'),
           array(select array[a.attname::text, format_type(a.atttypid, a.atttypmod), coalesce(col_description(c.oid, a.attnum), '')]
                   from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 order by a.attnum),
           array(select r.rolname::text from pg_roles r
                  where r.rolname = any (%(roles)s) and has_table_privilege(r.oid, c.oid, 'select') order by 1)
      from pg_class c where c.relnamespace = 'api'::regnamespace and c.relkind = 'v' order by c.relname"""


@dataclass(frozen=True)
class Entry:
    """A function or a view of the api as the catalogue has it."""

    name: str
    comment: str
    returns: str  # empty for a view
    writes: bool
    arguments: list[list[str]]  # name, type, default; of a view its columns: name, type, comment
    roles: list[str]

    @property
    def summary(self) -> str:
        """What stands before the first field."""
        return _fields(self.comment)[""]

    def field(self, name: str) -> str:
        """A field of the comment, or nothing."""
        return _fields(self.comment).get(name, "")

    @property
    def codes(self) -> list[str]:
        """Errors of our own that it raises."""
        return re.findall(r"PB\d{3}", self.field("Raises"))


def read(connection: psycopg.Connection) -> list[Entry]:
    """Functions, then views, by name."""
    from db.lints.grants import ROLES

    roles = {"roles": sorted(ROLES - {"mas_owner", "mas_agent", "mas_front_end"})}
    entries = []
    for name, returns, comment, writes, shape, arguments, may in connection.execute(FUNCTIONS, roles):
        shaped = f"{returns} ({shape})" if shape else returns
        entries.append(Entry(name, comment or "", shaped, writes, arguments, may))
    for name, comment, columns, may in connection.execute(VIEWS, roles):
        entries.append(Entry(name, comment or "", "", False, columns, may))
    return entries


def gaps(entries: list[Entry]) -> list[str]:
    """What each lacks, said so that it can be added."""
    return [f"{entry.name}: its comment lacks {lack}" for entry in entries for lack in _lacking(entry)]


def render(entries: list[Entry], errors: list[tuple[str, str, str]]) -> str:
    """The whole document."""
    names = {code: name for code, name, _ in errors}
    lines = [
        "# The contract of the database",
        "",
        "Written from the catalogue by `python -m db.document`; change the comments in `db/functions`, not this file. "
        "`select * from help();` and `select * from help('claim_task');` say the same in psql. Every role finds these "
        "names without a schema; arguments may be given by name (`claim_task(p_lease => '30 s')`). Times are "
        "`timestamptz`, read from the database's clock; lengths are millimetres. Every example is run by the suite.",
        "",
        "| | what it does | who |",
        "|---|---|---|",
        *(f"| [{e.name}](#{e.name}) | {_cell(_first(e.summary))} | {_who(e.roles)} |" for e in entries),
        "",
        "## Errors",
        "",
        "A refusal carries a code as its SQLSTATE; match codes, never texts. A call without the right to it is 42501.",
        "",
        "| code | name | what to do |",
        "|---|---|---|",
        *(f"| {code} | {name} | {_cell(what)} |" for code, name, what in errors),
        "",
        "## Functions",
    ]
    for entry in entries:
        if entry.returns:
            lines += _function(entry, names)
    if any(not entry.returns for entry in entries):
        lines += ["", "## Views"]
    for entry in entries:
        if not entry.returns:
            lines += _view(entry)
    return "\n".join(lines) + "\n"


def document(connection: psycopg.Connection) -> str:
    """The document of this database."""
    errors = connection.execute(
        "select code, name, what_to_do from core.error_codes order by code"
    ).fetchall()
    return render(read(connection), [(code, name, what) for code, name, what in errors])


def check(connection: psycopg.Connection) -> list[str]:
    """What is missing in comments, and whether db/API.md is what they say."""
    found = gaps(read(connection))
    if not API.exists() or API.read_text(encoding="utf-8") != document(connection):
        found.append("db/API.md is not what the catalogue says: run `python -m db.document`")
    return found


# ---------------------------------------------------------------------------- its parts


def _lacking(entry: Entry) -> Iterator[str]:
    if not entry.summary:
        yield "a summary in its first line"
    for name, _, text in entry.arguments if not entry.returns else []:
        if not text:
            yield f"a comment on its column {name}"
    if entry.returns:
        yield from (f"a line `{name}: …`" for name, *_ in entry.arguments if not entry.field(name))
        if entry.writes and not entry.field("Locks"):
            yield f"a line `Locks: …` (or `{NOTHING}`)"
        if not entry.field("Raises"):
            yield f"a line `Raises: PB…` (or `{NOTHING}`)"
    if "=> " not in entry.field("Example"):
        yield "`Example:` and then lines like `admin=> select …;` with the rows that come back"


def _function(entry: Entry, names: dict[str, str]) -> Iterator[str]:
    arguments = ", ".join(
        f"{name} {kind}" + (f" = {_plain(default)}" if default else "")
        for name, kind, default in entry.arguments
    )
    yield from (
        "",
        f"### {entry.name}",
        "",
        "```sql",
        f"{entry.name}({arguments}) → {entry.returns}",
        "```",
        entry.summary,
    )
    if entry.arguments:
        yield from ("", "| argument | type | default | |", "|---|---|---|---|")
        for name, kind, default in entry.arguments:
            yield f"| {name} | {kind} | {_cell(_plain(default))} | {_cell(entry.field(name))} |"
    raises = re.sub(
        r"PB\d{3}",
        lambda code: f"{code[0]} ({names.get(code[0], 'not in the registry')})",
        entry.field("Raises"),
    )
    locks = entry.field("Locks") or "nothing: it only reads."
    yield ""
    if entry.field("Returns"):
        yield f"- Returns: {entry.field('Returns')}"
    yield from (f"- Locks: {locks}", f"- Raises: {raises}", f"- For: {_who(entry.roles)}")
    yield from ("", "```", entry.field("Example"), "```")


def _view(entry: Entry) -> Iterator[str]:
    yield from ("", f"### {entry.name}", "", entry.summary, "", "| column | type | |", "|---|---|---|")
    yield from (f"| {name} | {kind} | {_cell(text)} |" for name, kind, text in entry.arguments)
    yield from ("", f"- For: {_who(entry.roles)}", "", "```", entry.field("Example"), "```")


def _fields(comment: str) -> dict[str, str]:
    """The comment by its fields; "" is the summary, and what stands after `Example:` belongs to it to the end."""
    fields, name = {"": ""}, ""
    for line in comment.splitlines():
        found = FIELD.fullmatch(line) if name != "Example" else None
        if found:
            name = found[1]
            fields[name] = found[2]
        else:
            fields[name] = f"{fields[name]}\n{line}".strip("\n")
    return fields


def _who(roles: list[str]) -> str:
    from db.lints.grants import ADMINISTRATOR, AGENTS, FRONT_ENDS

    left, said = set(roles), []
    for words, members in (("every agent", AGENTS), ("every front end", FRONT_ENDS)):
        if members <= left:
            said.append(words)
            left -= members
    if left & ADMINISTRATOR:
        said.append("whoever deploys")
    return ", ".join([*said, *sorted(left - ADMINISTRATOR)])


def _first(text: str) -> str:
    return text.splitlines()[0] if text else ""


def _plain(default: str) -> str:
    return re.sub(r"::[a-z ]+(\[\])?", "", default).replace("NULL", "null")


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")


def main() -> int:
    """Deploy into a throwaway cluster and write db/API.md."""
    from db.lints.cluster import cluster

    with cluster() as url, psycopg.connect(url) as connection:
        API.write_text(document(connection), encoding="utf-8")
        lacking = gaps(read(connection))
    sys.stdout.writelines(f"{line}\n" for line in lacking)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
