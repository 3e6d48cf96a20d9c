"""Lints of the database: four tools over the SQL and the catalogue that it makes; `python -m db.lints` runs them all.

- `catalogue`: our own rules, one query a file in db/lints/catalogue, each with the violation that it finds
- `paths`: pgspot, which finds names and functions that somebody else's object could take the place of
- `bodies`: plpgsql_check, which runs every path of every PL/pgSQL function without data
- `moves`: squawk, which finds what locks or breaks a running system in migrations

A finding is one line of text; a tool that is not there raises `ToolMissing`, and never passes in silence.
"""

from __future__ import annotations

from pathlib import Path

DB = Path(__file__).resolve().parent.parent


class ToolMissing(Exception):
    """A tool is not there and could not be had; the message says which and why."""
