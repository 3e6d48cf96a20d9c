"""squawk over the numbered migrations: every statement of their yoyo steps, on the way up."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from db.lints import DB, ToolMissing

# Rules that do not fit this project, with the reason; and those that a frozen migration breaks knowingly.
NOT_OURS = {
    "prefer-bigint-over-smallint": "counts of attempts, priorities and slots are bounded by a CHECK; keys are bigint",
    "prefer-bigint-over-int": "likewise: stocks, indexes of pads and ranges of a million tasks fit",
    "require-statement-timeout": "lock_timeout bounds what others wait for; a migration itself may take its time",
}
KNOWN = {
    "0001.initial": {
        "require-lock-timeout": "the first schema: there is nobody yet who could wait",
    },
    "0002.one-task-a-design": {
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; core.tasks is small and hot",
        "require-concurrent-index-deletion": "likewise",
        "constraint-missing-not-valid": "core.tasks is small: it holds what has not ended",
    },
    "0003.queue": {
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; core.tasks is small and hot",
        "require-concurrent-index-deletion": "likewise",
        "require-concurrent-partition-detach": "likewise; the history of the first release is one partition",
        "constraint-missing-not-valid": "core.tasks is small: it holds what has not ended",
        "changing-column-type": "text became an enum before the first release had users; the history is rewritten once",
        "ban-drop-constraint": "the enum and the domain take the constraints' place in the same transaction",
        "ban-drop-default": "the enum's default takes its place in the same transaction",
        "ban-create-domain-with-constraint": "the domain is new and its rule final: what was in the table satisfies it",
    },
    "0004.designs": {
        "adding-foreign-key-constraint": "of a column that is added empty: there is nothing to look up",
        "constraint-missing-not-valid": "core.design_states has a row a design: read in a moment, for 5 s at most waited for",
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; designs and messages are few",
        "adding-field-with-default": "core.notifications holds a week's messages: rewritten in a moment",
    },
    "0008.models": {
        "adding-foreign-key-constraint": "of columns that are added empty: there is nothing to look up",
        "constraint-missing-not-valid": "core.agents has a row an agent; core.model_calls is read in a moment",
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; nothing calls a model yet",
    },
    "0009.candidates": {
        "adding-foreign-key-constraint": "of a column that is added empty: there is nothing to look up",
        "constraint-missing-not-valid": "core.design_states has a row a design: read in a moment, for 5 s at most waited for",
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; designs and examples are few",
        "adding-field-with-default": "core.examples holds what was imported: rewritten in a moment, and not in the queue's way",
    },
    "0010.queue-cost": {
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; core.tasks is small and hot",
        "require-concurrent-index-deletion": "likewise",
        "ban-drop-constraint": "a policy with the same rule takes each one's place in the same transaction",
    },
    "0011.front-ends": {
        "adding-foreign-key-constraint": "of a column that is added empty: there is nothing to look up",
        "constraint-missing-not-valid": "likewise: the columns are empty, and the tables read in a moment",
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; designs and messages are few",
        "disallowed-unique-constraint": "of a column that is added empty, over messages that are few",
    },
    "0012.operations": {
        "ban-drop-constraint": "web_user is no agent; what was held to it is a table of three rows",
    },
    "0013.logs": {
        "require-concurrent-index-creation": "CONCURRENTLY is refused in a transaction; a million rows take under a second",
    },
}


def statements(migration: Path) -> str:
    """The SQL that a migration runs on the way up, files that it reads included; its Python steps are left out."""
    said: list[str] = []

    def step(apply: Any, _rollback: Any = None, **_: Any) -> None:
        if isinstance(apply, str):
            said.append(apply.rstrip().rstrip(";"))

    with patch("yoyo.step", step):
        runpy.run_path(str(migration))
    return ";\n".join(said) + ";\n"


def findings(name: str, text: str) -> list[str]:
    """What squawk finds in the SQL of a migration of this name.  Raises `ToolMissing`."""
    squawk = shutil.which("squawk", path=str(Path(sys.executable).parent)) or shutil.which("squawk")
    if squawk is None:
        raise ToolMissing("squawk is not installed; pip install squawk-cli, or use ./mas lint")
    # squawk knows `set lock_timeout` only; in a transaction `set local` is the same, and does not outlive it
    text = re.sub(r"\bset local (?=lock_timeout)", "set ", text, flags=re.IGNORECASE)
    words = [squawk, "--assume-in-transaction", "--pg-version", "17", "--reporter", "json"]
    words += [f"--exclude={','.join([*NOT_OURS, *KNOWN.get(name, {})])}", "--stdin-filepath", f"{name}.sql"]
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [f"squawk: {name}: {(done.stderr or done.stdout).strip()}"]
    return [f"squawk: {one['file']}:{one['line'] + 1}: {one['rule_name']}: {one['message']}" for one in found]


def check() -> list[str]:
    """What squawk finds in any numbered migration."""
    return [
        found
        for migration in sorted((DB / "migrations").glob("0*.py"))
        for found in findings(migration.stem, statements(migration))
    ]
