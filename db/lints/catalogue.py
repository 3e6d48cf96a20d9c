"""Our own rules: queries over the catalogue that return no row when it is clean.

One rule a file in db/lints/catalogue: above the query stand the rule's violation in words and `Planted:`, a statement
that commits it, so that a test can see the rule fire.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import psycopg

from db.lints import grants

FOLDER = Path(__file__).parent / "catalogue"


@dataclass(frozen=True)
class Rule:
    """One query, what its rows mean, and a statement that plants such a row."""

    name: str
    violation: str
    planted: str
    query: str


def read_rule(file: Path) -> Rule:
    """The rule of a file; `ValueError` when it plants no violation."""
    lines = file.read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("-- ")]
    words = "\n".join(line.removeprefix("-- ") for line in head)
    violation, found, planted = words.partition("Planted: ")
    if not found:
        raise ValueError(f"{file.name} plants no violation")
    query = "\n".join(lines[len(head) :])
    return Rule(file.stem, " ".join(violation.split()), " ".join(planted.split()), query)


def rules() -> list[Rule]:
    """Every rule, by name."""
    return [read_rule(file) for file in sorted(FOLDER.glob("*.sql"))]


def violations(connection: psycopg.Connection, rule: Rule) -> list[str]:
    """What breaks the rule in this database, asked as its administrator."""
    may_call = {name: sorted(roles) for name, roles in grants.granted().items()}
    connection.execute("select set_config('lint.may_call', %s, false)", (json.dumps(may_call),))
    connection.execute("select set_config('lint.roles', %s, false)", (" ".join(sorted(grants.ROLES)),))
    return [f"{rule.name}: {row[0]}" for row in connection.execute(rule.query.encode())]


def check(connection: psycopg.Connection) -> list[str]:
    """What breaks any rule."""
    return [found for rule in rules() for found in violations(connection, rule)]
