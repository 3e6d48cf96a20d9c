"""The OpenAPI document: it is one, it says what there is, and whatever is made from it is answered as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from jsonschema import Draft202012Validator

from db import document
from db.lints.grants import MAY_USE
from tests.gateway.served import Served, token

SEED = "20261128"
EXAMPLES = "8"  # of each operation; with what the document's bounds suggest more than a thousand requests


@pytest.fixture(scope="module")
def described(gateway: Served) -> dict[str, Any]:
    said: dict[str, Any] = gateway.ask("GET", "/openapi.json").json
    return said


def parts(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of the document with the name that it stands under."""
    yield key, value
    for name, below in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from parts(below, str(name))


def test_it_is_a_document_of_openapi(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    for key, value in parts(described):
        if key == "schema":
            Draft202012Validator.check_schema(value)
        elif key == "$ref":
            where: Any = described
            for step in value.removeprefix("#/").split("/"):
                where = where[step]
    schema = schemathesis.openapi.from_dict(described)
    schema.validate()
    names = [operation.ok().definition.raw["operationId"] for operation in schema.get_all_operations()]
    assert len(names) == len(set(names)) == sum(len(item) for item in described["paths"].values())


def test_it_has_what_people_may_use_and_nothing_else(described: dict[str, Any], gateway: Served) -> None:
    theirs = {name for name, roles in MAY_USE.items() if "web_user" in roles and "." not in name}
    operations = {
        operation["operationId"] for item in described["paths"].values() for operation in item.values()
    }
    theirs.remove("pre_request")  # what a server says before a request is none
    assert operations == theirs | {"download", "events", "document", "alive", "ready", "metrics"}


def test_it_says_the_same_as_the_contract_in_words(described: dict[str, Any], gateway: Served) -> None:
    """Arguments, what must be there, defaults, comments and errors, function by function."""
    with gateway.database.connect() as owner:
        entries = {entry.name: entry for entry in document.read(owner)}
        statuses = dict(owner.execute("select code, http_status from core.error_codes").fetchall())
    for path, item in described["paths"].items():
        if "post" not in item:
            continue
        entry, said = entries[path.removeprefix("/rpc/")], item["post"]
        schema = said["requestBody"]["content"]["application/json"]["schema"]
        assert set(schema["properties"]) == {name for name, *_ in entry.arguments}
        assert set(schema.get("required", [])) == {
            name for name, _, default in entry.arguments if not default
        }
        for name, _, default in entry.arguments:
            known = schema["properties"][name]
            assert known["description"] == entry.field(name)
            assert ("null" in known.get("type", ())) == default.startswith("NULL")
            assert known.get("default") in (None, True, False, int(default) if default.isdecimal() else ...)
        assert said["description"].startswith(entry.summary)
        codes = {
            code
            for answer in said["responses"].values()
            for code in re.findall(r"PB\d{3}", answer.get("description", ""))
        }
        assert codes == set(entry.codes)
        for status, answer in said["responses"].items():
            assert {statuses[code] for code in re.findall(r"PB\d{3}", answer.get("description", ""))} <= {
                int(status)
            }


def test_every_answer_has_the_form_that_it_says(described: dict[str, Any], gateway: Served) -> None:
    me = gateway.person()
    design, arguments = (
        me.finished(),
        {"p_attempt": 1, "p_name": "board.png", "p_text": "red", "p_message_key": "k"},
    )
    me.begin()
    for path, item in described["paths"].items():
        if "post" in item:
            schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
            known = arguments | {"p_design": design, "p_version": described["info"]["version"]}
            said = me.call(
                path.removeprefix("/rpc/"), **{k: v for k, v in known.items() if k in schema["properties"]}
            )
        elif "bearer" in str(item) or path in ("/my_designs", "/queue_load"):
            said = me.get(path)
        else:
            continue
        answer = next(iter(item.values()))["responses"][str(said.status)]
        if said.headers.get_content_type() == "application/json" and "content" in answer:
            form = answer["content"]["application/json"]["schema"] | {"components": described["components"]}
            Draft202012Validator(form).validate(said.json)
            assert said.status < 400 or said.json["code"] in answer["description"]
        assert said.status in (200, 409), (path, said.body)
        assert said.body != b"[]" or path == "/rpc/model_exchanges", path


# what a schema cannot say, the database does: of these a request that fits the schema may be refused
RULES = """
[[operations]]
include-path = ["/rpc/send_message", "/rpc/require_version"]
checks.positive_data_acceptance.expected-statuses = [200, 404, 409, 422]
"""


def test_every_answer_to_whatever_is_made_from_it_is_one_that_it_names(
    gateway: Served, tmp_path: Path
) -> None:
    """Good and bad requests by schemathesis: no 5xx, every status, type and body as the document has it."""
    headers = f"Authorization: Bearer {token(sub='somebody who tries everything')}"
    words = [
        "run",
        f"{gateway.url}/openapi.json",
        "--seed",
        SEED,
        "--max-examples",
        EXAMPLES,
        "--header",
        headers,
        "--exclude-path",
        "/events",
        "--checks",
        "all",
        "--phases",
        "examples,coverage,fuzzing",
        "--request-timeout",
        "10",
        "--continue-on-failure",
        "--no-color",
    ]
    (tmp_path / "schemathesis.toml").write_text(RULES)
    script = Path(sys.executable).with_name("schemathesis")
    env = os.environ | {"PYTHONPATH": "", "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [script, *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert gateway.process.poll() is None
