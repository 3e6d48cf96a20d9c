"""GraphQL by PostGraphile, as it is configured in deploy/gateway, over HTTP: the same people, tokens and limits.

Node.js and the packages are installed once, from the lock, into the installation's cache.  Where they cannot be had these
tests are skipped and say so, unless MAS_NODE=required: then they fail.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from clients.server import home
from db.bench.cluster import BenchError
from db.bench.programs import install_node_packages, install_peers, node_of
from tests.conftest import ROOT, Database
from tests.gateway.served import Answer, Person, Served, token
from tests.gateway.test_tokens import BAD

SOURCE = ROOT / "deploy/gateway/postgraphile"
LOCKED = ("package.json", "package-lock.json")
SEND = "mutation ($text: String!, $key: String!, $design: BigInt) { sendMessage(input: {pText: $text, pMessageKey: $key, pDesign: $design}) { result } }"
MINE = "{ allMyDesigns { nodes { design title state } } }"
Program = tuple[Path, Path]
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def program() -> Program:
    """Node.js, and a folder with the configuration and what it imports."""
    try:
        node = node_of(install_peers(print))
        digest = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in LOCKED)).hexdigest()[:12]
        folder = home() / "cache" / f"postgraphile-{digest}"
        if not folder.exists():
            part = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}")
            part.mkdir(parents=True)
            for name in LOCKED:
                shutil.copy(SOURCE / name, part)
            install_node_packages(node, part)
            try:
                part.rename(folder)
            except OSError:  # another worker was first
                shutil.rmtree(part)
    except BenchError as error:
        if os.environ.get("MAS_NODE") == "required":
            pytest.fail(f"MAS_NODE=required, and PostGraphile cannot be installed: {error}")
        pytest.skip(f"PostGraphile cannot be installed: {error}")
    for file in SOURCE.glob("*.mjs"):
        shutil.copy(file, folder)
    return node, folder


@contextmanager
def running(program: Program, database: Database, key_file: Path, **more: str) -> Iterator[Served]:
    """PostGraphile until the end, on any free port."""
    node, folder = program
    env = {name: value for name, value in os.environ.items() if not name.startswith(("NODE_", "GRAPHILE_"))}
    env |= {
        "DATABASE_URL": re.sub("//[^@/]*@", "//", database.dsn("gateway")),
        "MAS_SECRETS_DIR": str(database.server.secrets),
        "MAS_JWT_KEY_FILE": str(key_file),
        "MAS_GRAPHQL_PORT": "0",
        "NODE_ENV": "production",
        **more,
    }
    words = [node, "node_modules/postgraphile/dist/cli-run.js"]
    with subprocess.Popen(
        words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if found := re.search(r"listening on port (\d+)", line):
                    yield Served(int(found[1]), database, process, said)
                    break
            else:
                pytest.fail("".join(said)[-2000:])
        finally:
            process.terminate()
            said += process.communicate()[0].splitlines(keepends=True)


@pytest.fixture(scope="module")
def graphql(program: Program, shared_database: Database, key_file: Path) -> Iterator[Served]:
    with running(program, shared_database, key_file) as served:
        yield served


def ask(served: Served, bearer: str | None, query: str, **variables: Any) -> Answer:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {bearer}"} if bearer is not None else {}
    return served.ask(
        "POST", "/graphql", json.dumps({"query": query, "variables": variables}).encode(), headers
    )


def asked(person: Person, query: str, **variables: Any) -> Any:
    """What a person gets; a refusal is an error of this test."""
    said = ask(person.gateway, token(sub=person.account), query, **variables)
    assert (said.status, said.json.get("errors")) == (200, None), said.body
    return said.json["data"]


def code(said: Answer) -> tuple[int, str | None, str]:
    """Status, code and words of a refusal."""
    (error,) = said.json["errors"]
    return said.status, error["extensions"].get("code"), error["message"]


def send(person: Person, text: str, key: str = "k1", design: int | None = None) -> int:
    return int(asked(person, SEND, text=text, key=key, design=design)["sendMessage"]["result"])


def test_a_person_sends_and_sees_their_own_and_nobody_elses(graphql: Served) -> None:
    anna, bert = graphql.person(), graphql.person()
    design = send(anna, "a blinker")
    assert send(anna, "a blinker") == design, "the same key twice is one message"
    assert asked(anna, MINE)["allMyDesigns"]["nodes"] == [
        {"design": str(design), "title": "board", "state": "briefing"}
    ]
    assert asked(bert, MINE)["allMyDesigns"]["nodes"] == []
    status = "query ($design: BigInt!) { designStatus(pDesign: $design) }"
    assert asked(anna, status, design=design)["designStatus"]["state"] == "briefing"
    for query in (
        status,
        "mutation ($design: BigInt!) { cancelDesign(input: {pDesign: $design}) { clientMutationId } }",
    ):
        refused = ask(graphql, token(sub=bert.account), query, design=design)
        assert code(refused)[:2] == (200, "PB006")
    assert (
        code(ask(graphql, token(sub=bert.account), SEND, text="mine now", key="k", design=design))[1]
        == "PB006"
    )
    assert "cancelled" not in str(asked(anna, MINE))


def test_it_shows_what_a_person_may_call_and_nothing_else(
    program: Program, shared_database: Database, key_file: Path
) -> None:
    with running(program, shared_database, key_file, MAS_GRAPHQL_EXPLORE="1") as explorer:
        query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }"
        schema = asked(explorer.person(), query)["__schema"]
    queries, mutations = (
        {field["name"] for field in schema[kind]["fields"]} for kind in ("queryType", "mutationType")
    )
    assert mutations == {"cancelDesign", "forkDesign", "pauseDesign", "resumeDesign", "sendMessage"}
    with shared_database.connect() as owner:
        functions = owner.execute(
            """select lower(left(replace(initcap(p.proname), '_', ''), 1)) || substr(replace(initcap(p.proname), '_', ''), 2) from pg_proc p
                where p.pronamespace = 'api'::regnamespace and p.provolatile <> 'v' and has_function_privilege('web_user', p.oid, 'execute')"""
        ).fetchall()
    assert queries == {name for (name,) in functions} | {
        "allMyDesigns",
        "allQueueLoads",
        "query",
        "id",
        "node",
    }


@pytest.mark.parametrize("bad", [None, *BAD], ids=str)
def test_who_has_no_valid_token_is_nobody(graphql: Served, bad: str | None) -> None:
    said = ask(graphql, bad and BAD[bad](), "{ schemaVersion }")
    assert code(said) == (401, None, "there is no valid token")


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "RS256"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate, "EdDSA"),
    ],
)
def test_a_public_key_has_its_own_algorithm_and_is_no_secret(
    program: Program, shared_database: Database, tmp_path: Path, make: Callable[[], Any], algorithm: str
) -> None:
    private = make()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key").write_bytes(public)
    with running(program, shared_database, tmp_path / "key") as served:
        assert ask(served, token(private, algorithm), "{ schemaVersion }").status == 200
        assert ask(served, token(), "{ schemaVersion }").status == 401
        # the public key is known to everybody: it signs nothing
        forged = BAD["another key"]().rpartition(".")[0] + ".x"
        assert ask(served, forged, "{ schemaVersion }").status == 401


def test_whoever_was_forgotten_is_refused(graphql: Served) -> None:
    anna = graphql.person()
    send(anna, "a blinker")
    with graphql.database.connect("admin") as admin:
        admin.execute("select forget_user('web_user', %s)", (anna.account,))
    assert code(ask(graphql, token(sub=anna.account), MINE))[0] == 403


def deep(levels: int) -> str:
    return "{" + "query{" * (levels - 1) + "schemaVersion" + "}" * levels


CIRCLE = "fragment a on Query { query { ...a } } { ...a }"
DOUBLING = "".join(
    f"fragment f{n} on Query {{ query {{ ...f{n + 1} }} q: query {{ ...f{n + 1} }} }}\n" for n in range(6)
)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (deep(9), "a query is at most 8 levels deep"),
        (deep(5000), "a query has at most|a query is at most|call stack"),
        ("{" + " ".join(f"a{n}: schemaVersion" for n in range(11)) + "}", "at most 10 root fields"),
        (
            "{ allMyDesigns { nodes {" + " ".join(f"a{n}: design" for n in range(201)) + "}}}",
            "at most 200 fields",
        ),
        ("{ " + "...on Query { schemaVersion } " * 11 + "}", "at most 10 root fields"),
        (DOUBLING + "fragment f6 on Query { schemaVersion } { ...f0 }", "levels deep|at most 200 fields"),
        (CIRCLE, "within itself"),
        ("{ __schema { types { name } } }", "introspection"),
        ('{ __type(name: "Query") { name } }', "introspection"),
        ("{ allTasks { nodes { payload } } }", "Cannot query field"),
        ("mutation { preRequest(input: {}) { clientMutationId } }", "Cannot query field"),
    ],
    ids=range(11),
)
def test_a_query_that_is_too_much_is_not_begun(graphql: Served, query: str, said: str) -> None:
    answer = ask(graphql, token(sub=graphql.person().account), query)
    assert answer.status == 400
    assert re.search(said, " ".join(error["message"] for error in answer.json["errors"])), answer.body


def test_a_query_of_the_allowed_depth_is_answered(graphql: Served) -> None:
    assert ask(graphql, token(), deep(8)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/graphql?query=%7BschemaVersion%7D", None, {}, 405),
        ("POST", "/graphql", b"query=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ("POST", "/graphql", b"{", {"Content-Type": "application/json"}, 400),
        (
            "POST",
            "/graphql",
            b'{"query": "' + b"x" * 1_000_001 + b'"}',
            {"Content-Type": "application/json"},
            413,
        ),
        ("GET", "/", None, {"Accept": "text/html"}, 404),
        ("GET", "/ruru-static/ruru.js", None, {}, 404),
    ],
)
def test_what_is_no_request_of_ours(
    graphql: Served, method: str, path: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    assert graphql.ask(method, path, body, headers | {"Authorization": f"Bearer {token()}"}).status == status


def test_a_slow_statement_is_ended_and_nothing_is_told(graphql: Served) -> None:
    """Another session holds what the call needs, for longer than a statement may take."""
    anna = graphql.person()
    design = send(anna, "a blinker")
    with graphql.database.connect() as owner, owner.transaction():
        owner.execute("select 1 from core.design_states where state_id = %s for update", (design,))
        cancel = (
            "mutation ($design: BigInt!) { cancelDesign(input: {pDesign: $design}) { clientMutationId } }"
        )
        refused = ask(graphql, token(sub=anna.account), cancel, design=design)
    assert code(refused)[1:] == ("57014", "this took too long")
